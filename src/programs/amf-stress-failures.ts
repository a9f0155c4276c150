import { heal, partition, type Progress } from '../sandbox/index.js'
import type { StressInstance } from './amf-stress-groups.js'
import { hasLargeCheckpoint, untilTransferred } from './amf-stress-transfer.js'
import { StressFailure, type StressWorld } from './amf-stress-world.js'

/** What a stress run does to components and executives. */
export const failureKinds = ['component-killed', 'component-stopped', 'daemon-killed', 'link-cut'] as const
export type FailureKind = (typeof failureKinds)[number]

/** How long it took until another unit was active. */
export interface Failover {
  readonly kind: FailureKind
  readonly ms: number
  /** Whether a large checkpoint was on its way all the time; null: it was not meant to be. */
  readonly isDuring: boolean | null
}

const silent: Progress = { step: (_, action) => action(() => undefined), notice: () => undefined }
const NS_PER_MS = 1e6

/** An instance, and who was active for it. */
interface Stake {
  readonly instance: StressInstance
  readonly unit: string
}

/** Fails one thing after the other, waits for the failover, and mends it again. */
export class Failures {
  #turn = 0

  constructor(
    private readonly world: StressWorld,
    private readonly kinds: readonly FailureKind[],
    /** Another executive is getting a large checkpoint from the others while something is failed. */
    private readonly duringTransfer: boolean,
  ) {}

  /** @throws StressFailure: nobody took over, or not all are back afterwards */
  async next(): Promise<Failover> {
    const turn = this.#turn++
    const kind = this.kinds[turn % this.kinds.length]
    const { model, ledger } = this.world
    // Over many rounds every kind meets every instance, and each component of a unit.
    const round = Math.floor(turn / this.kinds.length)
    const instance = model.instances[round % model.instances.length]
    const active = ledger.activeOf(instance)
    if (active === null) throw new StressFailure(`nobody is active for ${instance.name}`)
    const members = this.world.componentsOf(active)
    const victim = members[Math.floor(round / model.instances.length) % members.length]
    const joiner = this.duringTransfer ? await this.beginTransfer(active, instance) : null
    const ms = await this.fail(kind, victim.name, victim.node, { instance, unit: active })
    const isDuring = joiner === null ? null : !(await hasLargeCheckpoint(joiner))
    await this.world.until(`after ${kind} of ${victim.name} all are back`, () => ledger.isWell)
    if (joiner !== null) await untilTransferred(joiner, this.world.stopped)
    return { kind, ms, isDuring }
  }

  /**
   * Kill and start an executive that has no part in what is to be failed, so that it gets the checkpoint from
   * the others.
   * @returns its socket
   */
  private async beginTransfer(active: string, instance: StressInstance): Promise<string> {
    const { world } = this
    const nodes = await world.nodes()
    const [{ node: own }] = world.componentsOf(active)
    const involved = world.model.components.filter(({ csi }) => instance.csis.includes(csi))
    const isFree = (node: number): boolean => involved.every((component) => component.node !== node)
    const others = nodes.map((_, index) => index).filter((index) => index !== own)
    const joiner = others.find(isFree) ?? others[0]
    await this.killDaemon(joiner)
    return nodes[joiner].socket
  }

  private async fail(kind: FailureKind, component: string, node: number, stake: Stake): Promise<number> {
    switch (kind) {
      case 'component-killed':
        return this.killComponent(component, stake)
      case 'component-stopped':
        return this.stopComponent(component, stake)
      case 'daemon-killed':
        return this.killDaemon(node)
      case 'link-cut':
        return this.cutLink(node)
    }
  }

  private async killComponent(name: string, stake: Stake): Promise<number> {
    const sinceNs = await this.world.kill(name)
    const ms = await this.takenOver([stake], sinceNs)
    await this.restart(name)
    return ms
  }

  /** It is demoted before it is told anything else when it runs again; then it is replaced. */
  private async stopComponent(name: string, stake: Stake): Promise<number> {
    const sinceNs = this.world.stop(name)
    const ms = await this.takenOver([stake], sinceNs)
    this.world.continue(name)
    await this.world.until(`${name} has let go`, () => !this.world.ledger.holds(name))
    await this.world.kill(name)
    await this.restart(name)
    return ms
  }

  private async killDaemon(node: number): Promise<number> {
    const stakes = this.stakesOf(node)
    const sinceNs = await this.world.killDaemon(node)
    const ms = await this.takenOver(stakes, sinceNs)
    await this.world.startDaemon(node)
    return ms
  }

  private async cutLink(node: number): Promise<number> {
    const { directory } = this.world
    const nodes = (await this.world.nodes()).map(({ name }) => name)
    const stakes = this.stakesOf(node)
    const others = nodes.filter((_, index) => index !== node).join()
    const sinceNs = process.hrtime.bigint()
    const isCut = partition(directory, [nodes[node], '/', others], silent)
    const [ms] = await Promise.all([this.takenOver(stakes, sinceNs), isCut])
    await heal(directory, silent)
    return ms
  }

  private async restart(name: string): Promise<void> {
    await this.world.start(this.world.model.components.find((component) => component.name === name)!)
  }

  /** All that is active on a node. */
  private stakesOf(node: number): Stake[] {
    const { model, ledger } = this.world
    return model.instances.flatMap((instance) => {
      const unit = ledger.activeOf(instance)
      if (unit === null || this.world.componentsOf(unit)[0].node !== node) return []
      return [{ instance, unit }]
    })
  }

  /** @returns milliseconds until the last of them was active elsewhere, as a whole */
  private async takenOver(stakes: readonly Stake[], sinceNs: bigint): Promise<number> {
    const { ledger } = this.world
    const what = `another unit is active for ${stakes.map(({ instance }) => instance.name).join()}`
    const times = new Map<string, bigint>()
    await this.world.until(what, () => {
      for (const { instance, unit } of stakes) {
        const next = ledger.activesOf(instance).find((active) => active.unit !== unit)
        if (next !== undefined) times.set(instance.name, next.sinceNs)
      }
      return times.size === stakes.length
    })
    const lastNs = [...times.values()].reduce((last, atNs) => (atNs > last ? atNs : last), sinceNs)
    return Number(lastNs - sinceNs) / NS_PER_MS
  }
}
