import { ClusterChange } from '../../../src/base/index.js'
import { ClmService, type BufferDocument } from '../../../src/services/index.js'
import type { View } from '../../../src/group/index.js'

/** What the executive of node 1 answers to clusterTrack(CURRENT) in this view. */
export function currentDocument(view: View, nodeId = 1): BufferDocument {
  const clm = new ClmService({ nodeId, clusterName: 'payments' })
  clm.onView(view)
  let document: unknown
  const client = {
    id: 1,
    event: () => undefined,
    hold: () => true,
    release: () => undefined,
    waitingOctets: 0,
    takenOctets: 0,
    whenTaken: () => undefined,
    cut: () => undefined,
  }
  const fail = (code: string): never => {
    throw new Error(code)
  }
  clm.onRequest({
    client,
    method: 'clusterTrack',
    params: { flags: 1 },
    answer: (result) => (document = result),
    fail,
  })
  return document as BufferDocument
}

/** What it tells one that asked for changes only, when this view comes. */
export function changesDocument(view: View, nodeId = 1): BufferDocument {
  const clm = new ClmService({ nodeId, clusterName: 'payments' })
  clm.onView({ ...view, number: 1 })
  let document: unknown
  const event = (_: number, body: unknown): unknown => (document = body)
  const client = {
    id: 1,
    event,
    hold: () => true,
    release: () => undefined,
    waitingOctets: 0,
    takenOctets: 0,
    whenTaken: () => undefined,
    cut: () => undefined,
  }
  const params = { flags: 4, subscription: 0 }
  clm.onRequest({ client, method: 'clusterTrack', params, answer: () => undefined, fail: () => undefined })
  clm.onView(view)
  return document as BufferDocument
}

const words = {
  [ClusterChange.NODE_NO_CHANGE]: 'same',
  [ClusterChange.NODE_JOINED]: 'joined',
  [ClusterChange.NODE_LEFT]: 'left',
}

/** 'left 2 failed, joined 3' */
export function itemsText(
  items: readonly {
    readonly clusterNode: { readonly nodeId: number }
    readonly clusterChange: ClusterChange
    readonly reason: string | null
  }[],
): string {
  return items
    .map(({ clusterNode, clusterChange, reason }) => {
      return `${words[clusterChange]} ${clusterNode.nodeId}${reason === null ? '' : ` ${reason}`}`
    })
    .join(', ')
}
