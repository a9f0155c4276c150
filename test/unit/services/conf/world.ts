import type { AisErrorName } from '../../../../src/base/index.js'
import type { View } from '../../../../src/group/index.js'
import {
  ConfService,
  type Client,
  type ConfPort,
  type FileDigests,
  type NodeConfiguration,
} from '../../../../src/services/index.js'
import { member, view } from '../clm/views.js'

/** What a call came to. */
export interface Outcome {
  readonly result?: unknown
  readonly code?: AisErrorName
  readonly text?: string
}

export function client(id: number): Client {
  return {
    id,
    event: () => undefined,
    hold: () => true,
    release: () => undefined,
    waitingOctets: 0,
    takenOctets: 0,
    whenTaken: () => undefined,
    cut: () => undefined,
  }
}

export function configurationOf(nodeId: number): NodeConfiguration {
  const file = { path: `/etc/node${nodeId}`, startDigest: 'aa', digest: 'aa' }
  const keys = [
    { key: 'token', value: 1000 + nodeId },
    { key: 'expected-votes', value: null },
  ]
  return { version: '0.1.0', network: { ...file, keys }, groups: { ...file, meaning: `m${nodeId}` } }
}

/** One life of an executive with the service, and what lies between it and the world. */
export class TestNode {
  readonly service: ConfService
  hasRoom = true
  /** As they are found; null: the files are being read. */
  digests: FileDigests | null = { network: 'aa', groups: null }
  private readonly looks: ((digests: FileDigests) => void)[] = []
  readonly alarms = new Set<() => void>()

  constructor(
    readonly nodeId: number,
    readonly incarnation: number,
    world: World,
    readonly groupsText = `groups of ${nodeId}`,
  ) {
    const port: ConfPort = {
      nodeId,
      incarnation,
      configuration: configurationOf(nodeId),
      groupsText,
      send: (payload) => {
        if (this.hasRoom) world.sent.push({ from: this, payload })
        return this.hasRoom
      },
      lookAtFiles: (done) => {
        this.looks.push(done)
        this.read()
      },
      after: (_delayMs, run) => {
        this.alarms.add(run)
        return () => this.alarms.delete(run)
      },
    }
    this.service = new ConfService(port)
  }

  /** Files that were looked for are found. */
  read(): void {
    if (this.digests === null) return
    for (const done of this.looks.splice(0)) done(this.digests)
  }

  /** The time of all that it waits for is over. */
  ring(): void {
    for (const run of [...this.alarms]) {
      this.alarms.delete(run)
      run()
    }
  }

  call(from: Client, method: string, params: unknown): Outcome[] {
    const outcomes: Outcome[] = []
    this.service.onRequest({
      client: from,
      method,
      params,
      answer: (result) => outcomes.push({ result }),
      fail: (code, text) => outcomes.push({ code, text }),
    })
    return outcomes
  }

  get(nodeId: unknown, groups?: unknown): Outcome[] {
    const params = groups === undefined ? { nodeId } : { nodeId, groups }
    return this.call(client(1), 'configurationGet', params)
  }
}

/** Nodes whose messages are delivered to all in one order, when the test says so. */
export class World {
  readonly sent: { readonly from: TestNode; readonly payload: Uint8Array }[] = []
  private number = 10
  /** Who is a member now. */
  members: TestNode[] = []

  node(nodeId: number, incarnation = 1, groupsText?: string): TestNode {
    return new TestNode(nodeId, incarnation, this, groupsText)
  }

  /** A view of these begins at each of them. */
  view(...members: TestNode[]): View {
    this.members = members
    this.number += 10
    const begun = view(
      this.number,
      members.map(({ nodeId, incarnation }) => member(nodeId, incarnation)),
    )
    for (const { service } of members) service.onView(begun)
    return begun
  }

  /** Deliver the next message to all members. @returns false: there is none */
  deliver(): boolean {
    const next = this.sent.shift()
    if (next === undefined) return false
    for (const { service } of this.members) service.onMessage(next.from.nodeId, next.payload)
    return true
  }

  settle(): void {
    while (this.deliver());
  }
}
