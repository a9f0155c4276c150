import { createHash } from 'node:crypto'
import type { AisErrorName } from '../../../../src/base/index.js'
import type { RingId, Stretch, View } from '../../../../src/group/index.js'
import { ConflictShelf } from './conflict-shelf.js'
import { CkptService, type CkptPort, type Client, type Request } from '../../../../src/services/index.js'

const ringId: RingId = { representative: 1, sequence: 5 }
const stretch: Stretch = { ringId, transitional: false, chain: 7 }

/** What a call came to. */
export interface Answer {
  readonly result?: unknown
  readonly code?: AisErrorName
  readonly text?: string
}

/** An application in process. */
export class TestClient implements Client {
  readonly events: { readonly subscription: number; readonly body: unknown }[] = []
  holds = 0

  constructor(
    readonly id: number,
    private readonly holdsMax = Infinity,
  ) {}

  event(subscription: number, body: unknown): void {
    this.events.push({ subscription, body })
  }

  hold(): boolean {
    if (this.holds >= this.holdsMax) return false
    this.holds++
    return true
  }

  release(): void {
    this.holds--
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  cut(): void {
    // Nothing that is asked here is sent so fast.
  }
}

export class TestNode {
  readonly service: CkptService
  nowMs = 1000
  wallMs = 1_800_000_000_000
  isCurrent = true
  hasRoom = true
  /** When the alarm is due by this node's clock. */
  alarmAtMs = Infinity
  isLaterDue = false
  readonly log: string[] = []
  readonly shelf = new ConflictShelf()

  constructor(
    readonly nodeId: number,
    world: OrderedWorld,
  ) {
    const port: CkptPort = {
      nodeId,
      incarnation: 100 + nodeId,
      send: (payload) => this.hasRoom && world.send(nodeId, payload),
      nowMs: () => this.nowMs,
      wallMs: () => this.wallMs,
      setAlarm: (delayMs) => (this.alarmAtMs = this.nowMs + delayMs),
      later: () => (this.isLaterDue = true),
      isCurrent: () => this.isCurrent,
      createHash: () => {
        const hash = createHash('sha256')
        return {
          update: (octets) => void hash.update(octets),
          digest: () => hash.digest().subarray(0, 16),
        }
      },
      conflicts: this.shelf,
      log: (_, message) => void this.log.push(message),
    }
    this.service = new CkptService(port)
  }

  /** Time passes, on this node alone. */
  pass(ms: number): void {
    this.nowMs += ms
    this.wallMs += ms
    if (this.alarmAtMs > this.nowMs) return
    this.alarmAtMs = Infinity
    this.service.onAlarm()
  }
}

/** Members that get every message in one order, as soon as `deliver` says so. */
export class OrderedWorld {
  readonly nodes: readonly TestNode[]
  private queue: { readonly from: number; readonly payload: Uint8Array }[] = []
  private position = 0
  /** Every message there was. */
  readonly sent: Uint8Array[] = []
  private viewNumber = 10

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, index) => new TestNode(index + 1, this))
    this.view(this.nodes.map(({ nodeId }) => nodeId))
  }

  send(from: number, payload: Uint8Array): boolean {
    this.sent.push(payload)
    this.queue.push({ from, payload })
    return true
  }

  /** A view of these begins, on all nodes; the others are no part of the order any more. */
  view(nodeIds: readonly number[]): void {
    this.viewNumber++
    const members = nodeIds.map((nodeId) => ({ nodeId, incarnation: 100 + nodeId, name: `node${nodeId}` }))
    for (const { service } of this.members(nodeIds)) service.onGate('paused')
    for (const { service } of this.members(nodeIds)) {
      service.onView({ number: this.viewNumber, ringId, members } as unknown as View)
    }
    for (const { service } of this.members(nodeIds)) service.onGate('open')
    this.here = nodeIds
  }

  /** Everything that is under way is applied everywhere, and what follows from it. */
  settle(): void {
    while (this.queue.length > 0 || this.nodes.some(({ isLaterDue }) => isLaterDue)) {
      this.deliver()
      this.stable()
      for (const node of this.nodes) {
        if (!node.isLaterDue) continue
        node.isLaterDue = false
        node.service.onLater()
      }
    }
  }

  /** What was sent is applied, and not known to be so everywhere. */
  deliver(): void {
    for (const { from, payload } of this.queue.splice(0)) {
      this.position++
      for (const { service } of this.members(this.here)) {
        service.apply(from, payload, ringId, this.position, stretch)
      }
    }
  }

  stable(): void {
    for (const { service } of this.members(this.here)) service.onStable(ringId, this.position)
  }

  /** Call, without waiting for the answer: it is undefined until there is one. */
  ask(nodeId: number, client: Client, method: string, params: unknown): { answer: Answer | undefined } {
    const call: { answer: Answer | undefined } = { answer: undefined }
    const request: Request = {
      client,
      method,
      params,
      answer: (result) => (call.answer = { result }),
      fail: (code, text) => (call.answer = { code, text }),
    }
    this.node(nodeId).service.onRequest(request)
    return call
  }

  /** Call, and see what it came to. */
  call(nodeId: number, client: Client, method: string, params: unknown): Answer {
    const call = this.ask(nodeId, client, method, params)
    this.settle()
    if (call.answer === undefined) throw new Error(`${method} was not answered`)
    return call.answer
  }

  node(nodeId: number): TestNode {
    return this.nodes[nodeId - 1]!
  }

  private here: readonly number[] = []

  private members(nodeIds: readonly number[]): TestNode[] {
    return this.nodes.filter(({ nodeId }) => nodeIds.includes(nodeId))
  }
}

export const attributes = {
  creationFlags: 1,
  checkpointSize: 1000,
  retentionDurationMs: 5000,
  maxSections: 10,
  maxSectionSize: 100,
  maxSectionIdSize: 8,
}

export const octets = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Open, and be sure of it. @returns the handle */
export function open(
  world: OrderedWorld,
  nodeId: number,
  client: Client,
  name: string,
  given: Partial<typeof attributes> | null = {},
  flags = given === null ? 3 : 7,
): number {
  const params = { name, flags, attributes: given === null ? null : { ...attributes, ...given } }
  const { result, text } = world.call(nodeId, client, 'checkpointOpen', params)
  if (result === undefined) throw new Error(text)
  return (result as { readonly handle: number }).handle
}
