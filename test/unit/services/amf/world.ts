import { createHash } from 'node:crypto'
import type { AisErrorName } from '../../../../src/base/index.js'
import type { GroupsConfig } from '../../../../src/config/model/groups-config.js'
import { ViewLayer, type Configuration, type Member } from '../../../../src/group/index.js'
import { AmfService } from '../../../../src/services/amf/index.js'
import type { AmfPort } from '../../../../src/services/amf/port.js'
import type { Client, Request } from '../../../../src/services/index.js'
import { TestApplication } from './application.js'

/** What a call came to. */
export interface Answer {
  readonly result?: unknown
  readonly code?: AisErrorName
  readonly text?: string
}

export interface WorldOptions {
  readonly leaseMs?: number
  /** Votes of the cluster: a majority of them is a quorum; null: it is off. */
  readonly expectedVotes?: number | null
  /** Configurations of nodes that have another one, by node id. */
  readonly configs?: ReadonlyMap<number, GroupsConfig>
}

/** Who has one order of messages. */
interface Ring {
  readonly members: readonly TestNode[]
  readonly sequence: number
  position: number
}

export class TestNode {
  service!: AmfService
  incarnation = 0
  startedAtMs = 0
  /** When others were left behind, by node id. */
  readonly parted = new Map<number, number>()
  ring: Ring | null = null
  /** Handed to the engine, in no order yet. */
  unsent: Uint8Array[] = []
  /** What this process will see when it runs. */
  readonly inbox: (() => void)[] = []
  isRunning = false
  isPaused = false
  /** Nothing it says arrives anywhere, and nothing arrives at it. */
  isCut = false
  mayRenew = true
  lateMs = 0
  hasRoom = true
  alarmAtMs = Infinity
  isLaterDue = false
  readonly log: string[] = []
  /** Processes of this machine: when they were started. */
  readonly processes = new Map<number, number>()
  private layer!: ViewLayer
  private isLayerLaterDue = false

  constructor(
    readonly nodeId: number,
    private readonly world: AmfWorld,
  ) {}

  get name(): string {
    return `node${this.nodeId}`
  }

  get member(): Member {
    return {
      nodeId: this.nodeId,
      incarnation: this.incarnation,
      address: `10.0.0.${this.nodeId}`,
      name: this.name,
    }
  }

  start(): void {
    this.incarnation++
    this.isRunning = true
    this.startedAtMs = this.world.nowMs
    this.parted.clear()
    this.unsent = []
    this.inbox.length = 0
    this.alarmAtMs = Infinity
    const { nodeId, incarnation } = this
    this.service = new AmfService(this.port())
    const votes = this.world.expectedVotes
    const quorum = { mode: votes === null ? 'off' : 'majority', expectedVotes: votes } as const
    this.layer = new ViewLayer(
      {
        nodeId,
        incarnation,
        bootTimestamp: BigInt(incarnation),
        quorum: { ...quorum, twoNode: false, waitForAll: false },
        catchUpSliceMessages: 100,
      },
      {
        multicast: (payload) => {
          this.unsent.push(payload)
          return true
        },
        later: () => (this.isLayerLaterDue = true),
        apartMs: (believesRefusals) => this.world.apartMs(this, believesRefusals),
        runningMs: () => this.world.nowMs - this.startedAtMs,
        log: (level, message) => void this.log.push(`${level} ${message}`),
      },
      [],
      [this.service],
    )
  }

  configure(configuration: Configuration): void {
    this.layer.onConfiguration(configuration)
  }

  deliver(from: number, payload: Uint8Array, position: number): void {
    // Nobody may rely on the octets that the sender holds.
    this.layer.onDeliver(from, payload.slice(), position)
  }

  /** @returns true: something happened */
  step(): boolean {
    if (!this.isRunning || this.isPaused) return false
    const next = this.inbox.shift()
    if (next !== undefined) next()
    else if (this.isLayerLaterDue) {
      this.isLayerLaterDue = false
      this.layer.onLater()
    } else if (this.alarmAtMs <= this.world.nowMs) {
      this.alarmAtMs = Infinity
      this.service.onAlarm()
    } else if (this.isLaterDue) {
      this.isLaterDue = false
      this.service.onLater()
    } else return false
    return true
  }

  private port(): AmfPort {
    const { nodeId, incarnation, name, world } = this
    return {
      nodeId,
      incarnation,
      nodeName: name,
      leaseMs: world.leaseMs,
      config: world.configOf(nodeId),
      createHash: () => {
        const hash = createHash('sha256')
        return {
          update: (octets) => void hash.update(octets),
          digest: () => hash.digest().subarray(0, 16),
        }
      },
      send: (payload) => this.hasRoom && this.layer.send(this.service, payload, 'agreed'),
      nowMs: () => world.nowMs,
      wallMs: () => 1_800_000_000_000 + world.nowMs,
      setAlarm: (delayMs) => (this.alarmAtMs = world.nowMs + delayMs),
      later: () => (this.isLaterDue = true),
      mayRenew: () => this.mayRenew,
      lateMs: () => this.lateMs,
      processStart: (pid) => this.processes.get(pid) ?? null,
      log: (level, message) => void this.log.push(`${level} ${message}`),
    }
  }
}

/**
 * A few nodes with virtual time: services on the real view layer, above an engine that is nothing but an
 * order. Everything happens at once but what waits for a time; `run` lets time pass.
 */
export class AmfWorld {
  nowMs = 1000
  readonly nodes: readonly TestNode[]
  readonly leaseMs: number
  readonly expectedVotes: number | null
  readonly applications: TestApplication[] = []
  private rings: Ring[] = []
  private sequence = 0
  private lastClient = 0

  constructor(
    private readonly config: GroupsConfig,
    count: number,
    private readonly options: WorldOptions = {},
  ) {
    this.leaseMs = options.leaseMs ?? 500
    this.expectedVotes = options.expectedVotes ?? null
    this.nodes = Array.from({ length: count }, (_, index) => new TestNode(index + 1, this))
    for (const node of this.nodes) node.start()
    this.meet(...this.nodes.map(({ nodeId }) => nodeId))
    // For so long they look for others that have a configuration.
    this.run(2 * this.leaseMs)
  }

  configOf(nodeId: number): GroupsConfig {
    return this.options.configs?.get(nodeId) ?? this.config
  }

  node(nodeId: number): TestNode {
    return this.nodes[nodeId - 1]!
  }

  /** An application with a connection to this node. */
  application(nodeId: number): TestApplication {
    const application = new TestApplication(++this.lastClient, this, this.node(nodeId))
    this.applications.push(application)
    return application
  }

  /** These have an order of their own from now on; those they were with before are gone for them. */
  meet(...nodeIds: readonly number[]): void {
    const members = nodeIds.map((nodeId) => this.node(nodeId))
    this.sequence += 4
    const ring: Ring = { members, sequence: this.sequence, position: 0 }
    const ringId = { representative: Math.min(...nodeIds), sequence: ring.sequence }
    const list = members.map(({ member }) => member)
    const old = new Map(members.map((node) => [node, node.ring]))
    for (const node of members) {
      const before = old.get(node) ?? null
      if (before !== null) {
        const together = before.members.filter((other) => old.get(other) === before && other.isRunning)
        const staying = together.map(({ member }) => member)
        const left = before.members
          .filter((other) => !together.includes(other))
          .map(({ member }) => ({ ...member, reason: 'failed' as const }))
        for (const { nodeId } of left) node.parted.set(nodeId, this.nowMs)
        node.inbox.push(() => {
          node.configure({ kind: 'transitional', ringId, members: staying, joined: [], left })
        })
      }
      node.inbox.push(() => {
        node.configure({ kind: 'regular', ringId, members: list, joined: [], left: [] })
      })
      node.ring = ring
    }
    this.rings = [...this.rings.filter(({ members: others }) => !others.some((one) => members.includes(one)))]
    this.rings.push(ring)
  }

  /** The nodes fall into these parties. */
  partition(...parties: readonly (readonly number[])[]): void {
    for (const party of parties) this.meet(...party)
  }

  /** Its daemon is killed: connections of its applications break. The others notice. */
  kill(nodeId: number): void {
    const node = this.node(nodeId)
    node.isRunning = false
    const others = node.ring?.members.filter((other) => other !== node && other.isRunning) ?? []
    node.ring = null
    for (const application of this.applications) {
      if (application.node === node) application.onDisconnected()
    }
    if (others.length > 0) this.meet(...others.map((other) => other.nodeId))
  }

  /** A new life of its daemon, in the ring of these. */
  start(nodeId: number, ...with_: readonly number[]): void {
    this.node(nodeId).start()
    this.meet(...[nodeId, ...with_].sort((one, other) => one - other))
  }

  /** Everything happens that does not wait for a time. */
  settle(): void {
    for (let steps = 0; this.step(); steps++) {
      if (steps > 100_000) throw new Error('there is no end to it')
    }
  }

  /** Time passes. */
  run(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      this.settle()
      const dueMs = Math.min(...this.nodes.map(dueMsOf), ...this.applications.map(({ dueMs }) => dueMs))
      if (dueMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, dueMs)
    }
    this.nowMs = untilMs
    this.settle()
  }

  /** Call, without waiting for the answer: it is undefined until there is one. */
  ask(
    node: TestNode,
    client: Client,
    method: string,
    params: unknown,
    onAnswer?: (answer: Answer) => void,
  ): { answer: Answer | undefined } {
    const call: { answer: Answer | undefined } = { answer: undefined }
    const end = (answer: Answer): void => {
      call.answer = once(call.answer, answer)
      onAnswer?.(answer)
    }
    const request: Request = {
      client,
      method,
      params,
      answer: (result) => end({ result }),
      fail: (code, text) => end({ code, text }),
    }
    node.inbox.push(() => node.service.onRequest(request))
    return call
  }

  /** The status that this node tells. */
  status(nodeId: number): Status {
    const call = this.ask(this.node(nodeId), this.application(nodeId), 'status', {})
    this.settle()
    const { result, text } = call.answer ?? {}
    if (result === undefined) throw new Error(text ?? 'no answer')
    return result as Status
  }

  /** When those that fell silent were together with any other last; the others were refused as they went. */
  readonly silentSinceMs = new Map<number, number>()

  apartMs({ ring, parted }: TestNode, believesRefusals: boolean): number {
    const outside = this.nodes.filter((node) => !ring!.members.includes(node))
    const lastMs = outside.map(({ nodeId }) => {
      const partedAtMs = believesRefusals ? undefined : parted.get(nodeId)
      return this.silentSinceMs.get(nodeId) ?? partedAtMs ?? -Infinity
    })
    return this.nowMs - Math.max(-Infinity, ...lastMs)
  }

  private step(): boolean {
    let isBusy = false
    for (const ring of this.rings) {
      for (const node of ring.members) {
        if (node.ring !== ring || !node.isRunning || node.isPaused || node.isCut) continue
        for (const payload of node.unsent.splice(0)) {
          isBusy = true
          const position = ++ring.position
          for (const member of ring.members) {
            if (member.ring === ring && !member.isCut)
              member.inbox.push(() => member.deliver(node.nodeId, payload, position))
          }
        }
      }
    }
    for (const node of this.nodes) isBusy = node.step() || isBusy
    for (const application of [...this.applications]) isBusy = application.step() || isBusy
    return isBusy
  }
}

/** As much of the status document as tests look at. */
export interface Status {
  readonly groups: readonly {
    readonly name: string
    readonly units: readonly {
      readonly name: string
      readonly node: string | null
      readonly readiness: string
      readonly presence: string
      readonly operational: string
      readonly haStates: readonly { readonly si: string; readonly haState: string }[]
      readonly components: readonly { readonly name: string; readonly operational: string }[]
    }[]
    readonly serviceInstances: readonly {
      readonly name: string
      readonly assignment: string
      readonly active: readonly string[]
      readonly standby: readonly string[]
    }[]
  }[]
  readonly settled: boolean
}

function dueMsOf({ isRunning, isPaused, alarmAtMs }: TestNode): number {
  return isRunning && !isPaused ? alarmAtMs : Infinity
}

function once(before: Answer | undefined, answer: Answer): Answer {
  if (before !== undefined) throw new Error('answered twice')
  return answer
}
