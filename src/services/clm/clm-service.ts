import { areTrackFlags, asksForChanges, LOCAL_NODE_ID, TrackFlags } from '../../base/index.js'
import type { View } from '../../group/index.js'
import type { Client, Request, ServiceFront } from '../front.js'
import { shown } from '../shown.js'
import {
  changesBuffer,
  currentBuffer,
  nodeDocument,
  type BufferDocument,
  type Observer,
} from './notifications.js'
import { Trackings } from './trackings.js'

type Params = Readonly<Record<string, unknown>>

/**
 * Cluster membership. It has no state of its own to exchange: all it says is in the view, which is
 * the same on every member.
 */
export class ClmService implements ServiceFront {
  readonly name = 'clm'
  readonly #trackings = new Trackings()
  #view: View | null = null

  readonly #methods: Readonly<Record<string, (request: Request, params: Params) => void>> = {
    clusterTrack: (request, params) => this.#track(request, params),
    clusterTrackStop: (request, params) => this.#trackStop(request, params),
    clusterNodeGet: (request, params) => this.#nodeGet(request, params),
  }

  /** @param observer this node */
  constructor(private readonly observer: Observer) {}

  onRequest(request: Request): void {
    const { method, params } = request
    if (!Object.hasOwn(this.#methods, method)) {
      const known = Object.keys(this.#methods).join(', ')
      request.fail('ERR_NOT_SUPPORTED', `clm has no method ${shown(method)}; it has ${known}`)
    } else if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      request.fail('ERR_INVALID_PARAM', `the parameters of clm.${method} are a map, not ${shown(params)}`)
    } else {
      this.#methods[method](request, params as Params)
    }
  }

  onClientGone(client: Client): void {
    this.#trackings.deleteClient(client)
  }

  /** The cluster changed: tell those who asked, if there is something to tell. */
  onView(view: View): void {
    const before = this.#view
    this.#view = view
    const changed =
      view.joined.length > 0 || view.left.length > 0 || before?.quorum.quorate !== view.quorum.quorate
    if (!changed) return
    const bodies = new Map<number, BufferDocument>()
    for (const { client, subscription, flags } of this.#trackings.list()) {
      const body = bodies.get(flags) ?? changesBuffer(view, flags, this.observer)
      bodies.set(flags, body)
      client.event(subscription, body)
    }
  }

  #track(request: Request, { flags, subscription }: Params): void {
    if (typeof flags !== 'number' || !areTrackFlags(flags)) {
      const expected = '1 (current), 2 (changes), 4 (changes only), or 1 added to one of the others'
      request.fail('ERR_BAD_FLAGS', `flags ${shown(flags)} are not ${expected}`)
      return
    }
    const view = this.#view
    if (asksForChanges(flags)) {
      if (!this.#isSubscription(request, subscription)) return
      if (view !== null && !this.#begin(request, subscription, flags)) return
    }
    if (view === null) this.#failWithoutView(request)
    else request.answer((flags & TrackFlags.TRACK_CURRENT) === 0 ? null : currentBuffer(view, this.observer))
  }

  #begin(request: Request, subscription: number, flags: number): boolean {
    const { client } = request
    if (this.#trackings.set({ client, subscription, flags: flags & ~TrackFlags.TRACK_CURRENT })) return true
    request.fail('ERR_NO_RESOURCES', 'the connection has too much open: stop a tracking that is not needed')
    return false
  }

  #trackStop(request: Request, { subscription }: Params): void {
    if (!this.#isSubscription(request, subscription)) return
    if (this.#trackings.delete(request.client, subscription)) request.answer(null)
    else request.fail('ERR_NOT_EXIST', `nothing is tracked by subscription ${subscription}`)
  }

  #nodeGet(request: Request, { nodeId }: Params): void {
    if (typeof nodeId !== 'number' || !Number.isInteger(nodeId) || nodeId < 1 || nodeId > LOCAL_NODE_ID) {
      const expected = `1 to ${LOCAL_NODE_ID - 1}, or ${LOCAL_NODE_ID} for the node this is asked on`
      request.fail('ERR_INVALID_PARAM', `nodeId ${shown(nodeId)} is not ${expected}`)
      return
    }
    const view = this.#view
    if (view === null) {
      this.#failWithoutView(request)
      return
    }
    const wanted = nodeId === LOCAL_NODE_ID ? this.observer.nodeId : nodeId
    const member = view.members.find((candidate) => candidate.nodeId === wanted)
    if (member === undefined) {
      request.fail('ERR_NOT_EXIST', `node ${wanted} is no member of the cluster`)
      return
    }
    request.answer(nodeDocument(member, this.observer.clusterName, true))
  }

  #failWithoutView(request: Request): void {
    const message = 'this node has just started and does not know the members of its cluster yet; ask again'
    request.fail('ERR_TRY_AGAIN', message)
  }

  #isSubscription(request: Request, value: unknown): value is number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return true
    const expected = 'a whole number that the application chooses, unique within its connection'
    request.fail('ERR_INVALID_PARAM', `subscription ${shown(value)} is not ${expected}`)
    return false
  }
}
