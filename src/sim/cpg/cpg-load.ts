import { limits, type Random } from '../../base/index.js'
import type { VirtualClock } from '../clock.js'
import type { SimNode } from '../node.js'
import type { NodeServices } from '../services/node-services.js'
import { CpgApplication } from './cpg-application.js'
import { CPG_OCTETS_MIN, packMessages } from './cpg-messages.js'
import type { CpgReplica } from './cpg-replica.js'
import type { CpgMembership } from './cpg-watcher.js'

/** Few, so that many meet in them; one is as long as a name may be. */
const GROUPS = ['g', 'h', 'n'.repeat(limits.cpgNameOctets)]
const APPLICATIONS_MAX = 2
/** Of those that do something at a step of the run. */
const CHANCE = 0.4
/** A message that goes over many frames takes the run much time. */
const LARGE_CHANCE = 0.004

export interface CpgLoadWorld {
  readonly clock: VirtualClock
}

/** Virtual applications on all nodes that join groups, send to them, read slowly, leave, and die. */
export class CpgLoad {
  private readonly actions: readonly (readonly [
    number,
    (application: CpgApplication, membership: CpgMembership) => void,
  ])[]
  private readonly weights: number
  private readonly applications = new Map<CpgReplica, readonly CpgApplication[]>()
  private serials = 0
  private pids = 0

  constructor(
    private readonly world: CpgLoadWorld,
    private readonly random: Random,
    private readonly nodes: readonly SimNode[],
    /** No message over 64 kB. */
    private readonly smallOnly: boolean,
  ) {
    this.actions = [
      [60, (_, membership) => this.multicast(membership)],
      [8, (application) => this.join(application)],
      [5, (application, membership) => application.leave(membership)],
      [4, (application) => application.end()],
      [1, (application) => this.readSlowly(application)],
      [3, (application, membership) => this.misuse(application, membership)],
    ]
    this.weights = this.actions.reduce((sum, [weight]) => sum + weight, 0)
  }

  /** Some nodes' applications do something, at once or in a moment. */
  step(): void {
    for (const node of this.nodes) {
      if (!this.random.chance(CHANCE)) continue
      const times = 1 + this.random.below(4)
      const act = (): void => {
        for (let left = times; left > 0; left--) node.request((services) => this.act(services))
      }
      if (this.random.chance(0.5)) act()
      else this.world.clock.schedule(this.random.next() * 40, act)
    }
  }

  /** Most read what waits for them; for the others nobody waits for ever. */
  calm(): void {
    for (const applications of this.applications.values()) {
      for (const application of applications) if (this.random.chance(0.5)) application.read()
    }
  }

  private act({ cpg }: NodeServices): void {
    const application = this.applicationOf(cpg!)
    const { joined } = application
    if (joined.length === 0) return this.join(application)
    let at = this.random.below(this.weights)
    for (const [weight, action] of this.actions) {
      at -= weight
      if (at < 0) return action(application, this.random.pick(joined))
    }
  }

  private applicationOf(cpg: CpgReplica): CpgApplication {
    const applications = (this.applications.get(cpg) ?? []).filter(({ isGone }) => !isGone)
    const isFull = applications.length >= APPLICATIONS_MAX
    if (applications.length > 0 && (isFull || this.random.chance(0.8))) return this.random.pick(applications)
    const application = new CpgApplication(++this.pids, cpg)
    this.applications.set(cpg, [...applications, application])
    return application
  }

  private join(application: CpgApplication): void {
    const group = this.random.chance(0.7) ? GROUPS[0]! : this.random.pick(GROUPS)
    if (!application.isIn(group)) application.join(group, ++this.serials)
  }

  private multicast(membership: CpgMembership): void {
    const { application } = membership
    const guarantee = this.random.chance(0.25) ? 'safe' : 'agreed'
    const messages = this.random.chance(0.6) ? 1 : 2 + this.random.below(4)
    const sizes = Array.from({ length: messages }, () => this.drawSize())
    ;(application as CpgApplication).multicast(membership, sizes, guarantee)
  }

  private drawSize(): number {
    const { random } = this
    if (!this.smallOnly && random.chance(LARGE_CHANCE)) return 65_536 + CPG_OCTETS_MIN + random.below(20_000)
    return CPG_OCTETS_MIN + random.below(random.chance(0.9) ? 150 : 3000)
  }

  /** For longer than senders wait for it, at times. */
  private readSlowly(application: CpgApplication): void {
    if (this.random.chance(0.5)) application.stopReading()
    else application.readSlowly()
    const delayMs = this.random.next() * 500 + (this.random.chance(0.5) ? 0 : 1.2 * limits.cpgStuckMs)
    this.world.clock.schedule(delayMs, () => application.read())
  }

  /** What has to be refused without doing harm. */
  private misuse(application: CpgApplication, { group, address }: CpgMembership): void {
    const messages = packMessages([new Uint8Array(8)])
    this.random.pick([
      () => application.request('join', { group, pid: address.pid, subscription: 0 }),
      () => application.request('join', { group: `${GROUPS[2]}n`, pid: address.pid, subscription: 0 }),
      () => application.request('leave', { member: 100_000 }),
      () => application.request('multicast', { member: 100_000, safe: false, messages }),
      () => application.request('multicast', { member: 1, safe: false, messages: messages.subarray(1) }),
      () => application.request('noSuchCall', {}),
    ])()
  }
}
