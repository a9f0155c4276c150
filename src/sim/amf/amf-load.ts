import { adminOperations, recoveries, type EntityKind, type Random } from '../../base/index.js'
import type { GroupsConfig } from '../../config/model/groups-config.js'
import type { AmfWatch } from '../checkers/amf.js'
import type { SimNode } from '../node.js'
import { SimComponent, type ComponentWorld } from './component.js'
import { RandomMood } from './mood.js'
import { Operator } from './operator.js'

export interface AmfLoadWorld extends ComponentWorld {
  readonly amfWatch: AmfWatch
}

/** Which process of a component is to run, and where. */
interface Post {
  readonly name: string
  node: SimNode
  process: SimComponent | null
  lives: number
}

/** The components of a run, who starts them again, and an administrator who orders whatever there is. */
export class AmfLoad {
  private readonly posts: Post[]
  private readonly processes = new Map<number, SimComponent>()
  private readonly actions: readonly (readonly [number, () => void])[]
  private readonly weights: number
  private readonly operator: Operator
  private lastPid = 0
  private isTroubled = true

  constructor(
    private readonly world: AmfLoadWorld,
    private readonly random: Random,
    private readonly nodes: readonly SimNode[],
    private readonly config: GroupsConfig,
    private readonly leaseMs: number,
  ) {
    this.operator = new Operator(world.amfWatch, random, nodes)
    this.posts = config.groups.flatMap(({ units }) => {
      return units.flatMap(({ node, components }) => {
        const home = nodes.find(({ name }) => name === node) ?? random.pick(nodes)
        return components.map(({ name }) => ({ name, node: home, process: null, lives: 0 }))
      })
    })
    this.actions = [
      [10, () => undefined],
      [5, () => this.kill()],
      [3, () => this.pause()],
      [6, () => this.resume()],
      [2, () => this.block()],
      [2, () => this.drop()],
      [1, () => this.move()],
      [1, () => this.pretend()],
      [2, () => this.pick()?.unregister()],
      [3, () => this.report()],
      [4, () => this.clear()],
      [5, () => this.administer()],
    ]
    this.weights = this.actions.reduce((sum, [weight]) => sum + weight, 0)
  }

  /** When the process with this number was started on that node; null: it is not there. */
  processStart(node: string, pid: number): number | null {
    const process = this.processes.get(pid)
    return process !== undefined && !process.loop.isDead && process.node.name === node ? pid : null
  }

  step(): void {
    this.startSome()
    for (let left = this.random.below(3); left > 0; left--) this.act()
  }

  /** Nothing goes wrong any more: all run, and do what they ought to. */
  calm(): void {
    this.isTroubled = false
    for (const process of this.living()) process.loop.resume()
    if (this.random.chance(0.6)) this.repair()
    this.keepRunning()
  }

  /** All requests of the administrator have their answers. */
  get quiet(): boolean {
    return this.operator.quiet
  }

  private act(): void {
    let at = this.random.below(this.weights)
    for (const [weight, run] of this.actions) {
      at -= weight
      if (at < 0) return run()
    }
  }

  private living(): SimComponent[] {
    return [...this.processes.values()].filter(({ loop }) => !loop.isDead)
  }

  private pick(): SimComponent | undefined {
    const living = this.living()
    return living.length === 0 ? undefined : this.random.pick(living)
  }

  private startSome(): void {
    for (const post of this.posts) {
      if (post.process?.loop.isDead === false || !this.random.chance(0.5)) continue
      this.world.clock.schedule(this.random.next() * 50, () => this.startAt(post))
    }
  }

  private startAt(post: Post): void {
    if (post.process?.loop.isDead === false) return
    post.process = this.start(post.name, post.node, ++post.lives)
  }

  private start(name: string, node: SimNode, life: number): SimComponent {
    const { world, random } = this
    const mood = new RandomMood(
      random,
      4 * this.leaseMs,
      () => this.isTroubled,
      (what) => world.amfWatch.note(`mood.${what}`),
    )
    const pid = ++this.lastPid
    const process = new SimComponent(world, name, node, life, pid, mood)
    this.processes.set(pid, process)
    world.amfWatch.note('started')
    return process
  }

  /** Whoever ended is started again. */
  private keepRunning(): void {
    for (const post of this.posts) this.startAt(post)
    this.world.clock.schedule(100, () => this.keepRunning())
  }

  private kill(): void {
    this.world.amfWatch.note('killed')
    this.pick()?.kill()
  }

  private pause(): void {
    const process = this.pick()
    if (process === undefined) return
    this.world.amfWatch.note('paused')
    process.loop.pause()
    // Of any length: some outlast the run.
    const lengthMs = this.random.next() * this.random.pick([20, this.leaseMs, 4 * this.leaseMs, 20_000])
    this.world.clock.schedule(lengthMs, () => this.wake(process))
  }

  private resume(): void {
    const paused = this.living().filter(({ loop }) => loop.isPaused)
    if (paused.length > 0) this.wake(this.random.pick(paused))
  }

  /** What it was at when it was stopped is finished first. */
  private wake({ loop }: SimComponent): void {
    if (loop.isPaused && this.random.chance(0.3))
      loop.block(this.random.next() * this.random.pick([1, 5, 60]))
    loop.resume()
  }

  private block(): void {
    this.pick()?.loop.block(this.random.next() * this.random.pick([10, this.leaseMs, 4 * this.leaseMs]))
  }

  private drop(): void {
    const process = this.pick()
    if (process?.connection?.brokenMs !== null) return
    this.world.amfWatch.note('dropped')
    process.connection.drop()
  }

  /** From now on the unit is started on another node. */
  private move(): void {
    const { units } = this.random.pick(this.config.groups)
    const unit = this.random.pick(units)
    const node = this.random.pick(this.nodes)
    for (const post of this.posts) {
      if (unit.components.some(({ name }) => name === post.name)) post.node = node
    }
  }

  /** A second process of a component, on any node. */
  private pretend(): void {
    const post = this.random.pick(this.posts)
    const process = this.start(post.name, this.random.pick(this.nodes), 1000 + ++post.lives)
    this.world.clock.schedule(this.random.next() * 1000, () => process.kill())
  }

  private report(): void {
    const { name } = this.random.pick(this.posts)
    const recovery = this.random.pick(recoveries)
    this.operator.ask('componentErrorReport', { component: name, recovery, text: 'it looks ill' })
  }

  private clear(): void {
    this.operator.ask('componentErrorClear', { component: this.random.pick(this.posts).name })
  }

  private administer(): void {
    const [kind, name] = this.entity()
    // What was locked is to be unlocked more often than not, or nothing would be left to look at.
    const undoing = ['unlock', 'unlock-in', 'repaired', 'unlock'] as const
    const operation = this.random.chance(0.5) ? this.random.pick(undoing) : this.random.pick(adminOperations)
    this.operator.administer(operation, kind, name)
  }

  private entity(): readonly [EntityKind, string] {
    const { random, config } = this
    const group = random.pick(config.groups)
    const unit = random.pick(group.units)
    return random.pick([
      ['node', random.pick(this.nodes).name],
      ['group', group.name],
      ['unit', unit.name],
      ['unit', unit.name],
      ['component', random.pick(unit.components).name],
      ['service-instance', random.pick(group.serviceInstances).name],
      ['service-instance', random.pick(group.serviceInstances).name],
    ] as const)
  }

  /** Everything is unlocked, and in order. */
  private repair(): void {
    const { groups } = this.config
    for (const { name } of this.nodes) {
      this.operator.insist('unlock', 'node', name)
      this.operator.insist('repaired', 'node', name)
    }
    for (const { name, units, serviceInstances } of groups) {
      this.operator.insist('unlock', 'group', name)
      for (const unit of units) this.operator.insist('unlock', 'unit', unit.name)
      for (const instance of serviceInstances)
        this.operator.insist('unlock', 'service-instance', instance.name)
      for (const unit of units) this.operator.insist('repaired', 'unit', unit.name)
    }
  }
}
