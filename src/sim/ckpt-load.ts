import {
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  needsActiveReplica,
  SectionsChosen,
  TIME_END,
  type Random,
} from '../base/index.js'
import { count, type Counters } from '../totem/counters.js'
import type { VirtualClock } from './clock.js'
import type { CheckpointWatch } from './checkers/checkpoints.js'
import type { SimNode } from './node.js'
import { Application } from './services/application.js'
import type { Answer, OpenHandle } from './services/ckpt-watcher.js'
import type { NodeServices } from './services/node-services.js'

const { WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK, CHECKPOINT_COLLOCATED } =
  CheckpointCreationFlags
const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags

/** Few, so that all know of each other's, also where they are apart. */
const NAMES = ['a', 'b', 'c', 'd', 'e']
const SECTIONS = ['1', '2', '3', '4', '5']
const APPLICATIONS_MAX = 3
const HANDLES_MAX = 4
const CALLS_AT_ONCE = 4
/** What is refused for now is tried again so often, and after so long. */
const TRIES = 4
const AGAIN_MS = 20
const NS_PER_MS = 1_000_000n

interface Attributes {
  readonly creationFlags: number
  readonly checkpointSize: number
  readonly retentionDurationMs: number | null
  readonly maxSections: number
  readonly maxSectionSize: number
  readonly maxSectionIdSize: number
}

function attributes(
  creationFlags: number,
  maxSections: number,
  checkpointSize: number,
  retentionDurationMs: number | null,
): Attributes {
  const sizes = { maxSections, maxSectionSize: 64, maxSectionIdSize: 8 }
  return { creationFlags, checkpointSize, retentionDurationMs, ...sizes }
}

/** By name; now and then another. */
const VARIANTS: readonly Attributes[] = [
  attributes(WR_ALL_REPLICAS, 5, 320, null),
  attributes(WR_ALL_REPLICAS, 1, 64, 0),
  attributes(WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED, 4, 256, 500),
  attributes(WR_ALL_REPLICAS | CHECKPOINT_COLLOCATED, 4, 100, 200),
  attributes(WR_ACTIVE_REPLICA_WEAK, 3, 150, 2000),
]

export interface CkptLoadWorld {
  readonly clock: VirtualClock
  readonly counters: Counters
  readonly ckptWatch: CheckpointWatch
}

/** Virtual applications on all nodes, that do with checkpoints whatever can be done with them. */
export class CkptLoad {
  private readonly actions: readonly (readonly [
    number,
    (application: Application, open: OpenHandle) => void,
  ])[]
  private readonly weights: number
  private applications = 0
  /** No two writes are alike, and no two expiration times. */
  private serial = 0

  constructor(
    private readonly world: CkptLoadWorld,
    private readonly random: Random,
    private readonly nodes: readonly SimNode[],
  ) {
    this.actions = [
      [30, (application, open) => this.write(application, open)],
      [24, (application, open) => this.read(application, open)],
      [12, (application, open) => this.createSection(application, open)],
      [8, (application, open) => this.overwrite(application, open)],
      [5, (application, open) => this.deleteSection(application, open)],
      [6, (application, open) => this.setExpiration(application, open)],
      [6, (application, open) => this.close(application, open)],
      [4, (application, open) => this.iterate(application, open)],
      [3, (application, open) => this.ask(application, 'statusGet', { handle: open.handle })],
      [3, (application, open) => this.setRetention(application, open)],
      [3, (application, open) => this.ask(application, 'synchronize', { handle: open.handle })],
      [3, (application, open) => this.track(application, open)],
      [5, (application) => this.unlink(application)],
      [2, (application) => this.ask(application, 'list', { after: null, count: 2 })],
      [2, (application) => this.ask(application, 'digests', { names: NAMES })],
      [2, (application, open) => this.misuse(application, open)],
      [2, (application) => this.endApplication(application)],
    ]
    this.weights = this.actions.reduce((sum, [weight]) => sum + weight, 0)
  }

  /** Some nodes' applications do something, at once or in a moment. */
  step(): void {
    for (const node of this.nodes) {
      if (!this.random.chance(0.9)) continue
      if (this.random.chance(0.02)) node.wallOffsetMs += (this.random.next() - 0.5) * 7_200_000
      const times = this.random.chance(0.03) ? 40 : 3 + this.random.below(CALLS_AT_ONCE)
      const act = (): void => {
        for (let left = times; left > 0; left--) node.request((services) => this.act(services))
      }
      if (this.random.chance(0.5)) act()
      else this.world.clock.schedule(this.random.next() * 40, act)
    }
  }

  private act(services: NodeServices): void {
    const application = this.applicationOf(services)
    const handles = [...application.handles.values()]
    if (handles.length === 0 && application.isOpening) return
    const wantsMore = handles.length < HANDLES_MAX && this.random.chance(0.15)
    if (handles.length === 0 || wantsMore) return this.open(application)
    const open = this.random.pick(handles)
    if (needsActiveReplica(open.creationFlags) && this.random.chance(0.2)) {
      return this.ask(application, 'activeReplicaSet', { handle: open.handle })
    }
    let at = this.random.below(this.weights)
    for (const [weight, run] of this.actions) {
      at -= weight
      if (at < 0) return run(application, open)
    }
  }

  private applicationOf({ applications, ckpt }: NodeServices): Application {
    const living = applications.filter(({ isGone }) => !isGone)
    if (living.length > 0 && (living.length === APPLICATIONS_MAX || this.random.chance(0.9))) {
      return this.random.pick(living)
    }
    const application = new Application(++this.applications, ckpt, this.world.ckptWatch)
    applications.push(application)
    return application
  }

  private ask(
    application: Application,
    method: string,
    params: unknown,
    onDone: (answer: Answer) => void = () => undefined,
    tries = TRIES,
  ): void {
    if (application.isGone || application.ckpt.process.end !== null) return
    application.call(method, params, (answer) => {
      if (answer.code !== 'ERR_TRY_AGAIN' || tries === 0) return onDone(answer)
      count(this.world.counters, 'ckpt.again')
      const node = this.nodes.find(({ services }) => services?.ckpt === application.ckpt)
      this.world.clock.schedule(AGAIN_MS * (1 + TRIES - tries), () => {
        node?.request(() => this.ask(application, method, params, onDone, tries - 1))
      })
    })
  }

  private open(application: Application): void {
    const at = this.random.below(NAMES.length)
    const variant = VARIANTS[this.random.chance(0.95) ? at : this.random.below(VARIANTS.length)]
    const rights = this.random.chance(0.9) ? CHECKPOINT_READ | CHECKPOINT_WRITE : CHECKPOINT_READ
    const creates = this.random.chance(0.9)
    const flags = creates ? rights | CHECKPOINT_CREATE : rights
    application.isOpening = true
    const params = { name: NAMES[at], flags, attributes: creates ? variant : null }
    this.ask(application, 'checkpointOpen', params, (answer) => {
      application.isOpening = false
      if (answer.code !== null || this.random.chance(0.4)) return
      const { handle } = answer.result as { readonly handle: number }
      const open = application.handles.get(handle)
      if (open === undefined) return
      if (needsActiveReplica(open.creationFlags)) this.ask(application, 'activeReplicaSet', { handle })
      this.createSection(application, open)
      this.createSection(application, open)
      this.write(application, open)
    })
  }

  private unlink(application: Application): void {
    this.ask(application, 'checkpointUnlink', { name: this.random.pick(NAMES) })
  }

  private close(application: Application, { handle }: OpenHandle): void {
    application.handles.delete(handle)
    this.ask(application, 'checkpointClose', { handle })
  }

  private endApplication(application: Application): void {
    count(this.world.counters, 'ckpt.applicationGone')
    application.end()
  }

  private write(application: Application, open: OpenHandle): void {
    const params: unknown[] = [open.handle]
    for (let left = this.random.chance(0.6) ? 1 : 1 + this.random.below(3); left > 0; left--) {
      params.push(this.idOf(open), this.random.below(50), this.data(24))
    }
    this.ask(application, 'checkpointWrite', params)
  }

  private overwrite(application: Application, open: OpenHandle): void {
    this.ask(application, 'sectionOverwrite', [open.handle, this.idOf(open), this.data(64)])
  }

  private read(application: Application, open: OpenHandle): void {
    const params: unknown[] = [open.handle]
    for (let left = 1 + this.random.below(2); left > 0; left--) {
      const isWhole = this.random.chance(0.7)
      const length = isWhole ? null : this.random.below(30)
      params.push(this.idOf(open), isWhole ? 0 : this.random.below(64), length)
    }
    this.ask(application, 'checkpointRead', params)
  }

  private createSection(application: Application, open: OpenHandle): void {
    const { handle } = open
    const sectionId = this.random.chance(0.15) ? null : this.idOf(open)
    const expirationTime = this.random.chance(0.35) ? this.expirationTime(application) : TIME_END
    this.ask(application, 'sectionCreate', { handle, sectionId, expirationTime, data: this.data(40) })
  }

  private deleteSection(application: Application, open: OpenHandle): void {
    this.ask(application, 'sectionDelete', { handle: open.handle, sectionId: this.idOf(open) })
  }

  private setExpiration(application: Application, open: OpenHandle): void {
    const expirationTime = this.random.chance(0.7) ? this.expirationTime(application) : TIME_END
    const params = { handle: open.handle, sectionId: this.idOf(open), expirationTime }
    this.ask(application, 'expirationTimeSet', params)
  }

  private setRetention(application: Application, { handle }: OpenHandle): void {
    const retentionDurationMs = this.random.pick([0, 100, 800, null])
    this.ask(application, 'retentionDurationSet', { handle, retentionDurationMs })
  }

  private iterate(application: Application, { handle }: OpenHandle): void {
    const params = { handle, choice: SectionsChosen.SECTIONS_ANY }
    this.ask(application, 'iterationInitialize', params, (answer) => {
      if (answer.code !== null) return
      const { iteration } = answer.result as { readonly iteration: number }
      this.ask(application, 'iterationNext', { iteration, count: 512 })
      this.ask(application, 'iterationFinalize', { iteration })
    })
  }

  private track(application: Application, open: OpenHandle): void {
    if (open.tracking === null) application.track(open)
    else this.ask(application, 'trackStop', { handle: open.handle })
  }

  /** What has to be refused without doing harm. */
  private misuse(application: Application, open: OpenHandle): void {
    const { handle } = open
    const long = new Uint8Array(65)
    this.random.pick([
      () => this.ask(application, 'checkpointRead', [handle + 1000, this.idOf(open), 0, null]),
      () => this.ask(application, 'checkpointWrite', [handle, this.idOf(open), 0, long]),
      () => this.ask(application, 'checkpointWrite', [handle, new Uint8Array(9), 0, this.data(8)]),
      () => this.ask(application, 'checkpointOpen', { name: 'a', flags: 0, attributes: null }),
      () => this.ask(application, 'digests', { names: [] }),
      () => this.ask(application, 'noSuchCall', {}),
    ])()
  }

  private idOf({ maxSections }: OpenHandle): Uint8Array {
    const isDefault = maxSections === 1 && this.random.chance(0.9)
    return new TextEncoder().encode(isDefault ? '' : this.random.pick(SECTIONS))
  }

  private data(octetsMax: number): Uint8Array {
    const data = new Uint8Array(1 + this.random.below(octetsMax))
    const serial = ++this.serial
    for (let at = 0; at < data.length; at++) data[at] = at % 3 === 0 ? serial >> 8 : serial + at
    return data
  }

  /** By the clock of the node that takes the call; some are over already. */
  private expirationTime({ ckpt }: Application): bigint {
    const ms = BigInt(ckpt.wallMs() + this.random.below(1500) - 50)
    return ms * NS_PER_MS + BigInt(++this.serial)
  }
}
