import type { HaState } from '../base/index.js'
import type { StressInstance, StressModel } from './amf-stress-groups.js'
import type { StressEntry } from './amf-stress-log.js'

interface Told {
  readonly state: HaState
  readonly atNs: bigint
}

/** A unit that is active, as a whole, and since when. */
export interface ActiveUnit {
  readonly unit: string
  readonly sinceNs: bigint
}

/** What the log has come to: who holds what now. */
export class StressLedger {
  /** By component; those that have said nothing, or were killed, are not there. */
  readonly #pids = new Map<string, number>()
  readonly #told = new Map<string, Told>()

  constructor(private readonly model: StressModel) {}

  apply({ component, pid, what, atNs }: StressEntry): void {
    if (what === 'stopped' || what === 'continued') return
    if (what === 'killed') {
      if (this.#pids.get(component) !== pid) return
      this.#pids.delete(component)
      this.#told.delete(component)
      return
    }
    // What was read late of one that was killed meanwhile.
    if (what === 'registered') this.#pids.set(component, pid)
    if (this.#pids.get(component) !== pid) return
    const isNothing = what === 'removed' || what === 'lost' || what === 'demoted' || what === 'registered'
    if (isNothing) this.#told.delete(component)
    else this.#told.set(component, { state: what, atNs })
  }

  holds(component: string): boolean {
    return this.#told.has(component)
  }

  /** Units that say they are active for all of an instance, and since when. */
  activesOf({ csis }: StressInstance): ActiveUnit[] {
    const since = new Map<string, bigint[]>()
    for (const { name, unit, csi } of this.model.components) {
      const told = this.#told.get(name)
      if (!csis.includes(csi) || told?.state !== 'active') continue
      since.set(unit, [...(since.get(unit) ?? []), told.atNs])
    }
    return [...since]
      .filter(([, times]) => times.length === csis.length)
      .map(([unit, times]) => ({ unit, sinceNs: times.reduce((last, atNs) => (atNs > last ? atNs : last)) }))
  }

  /** The unit that is active for an instance; null: there is none, or more than one. */
  activeOf(instance: StressInstance): string | null {
    const actives = this.activesOf(instance)
    return actives.length === 1 ? actives[0].unit : null
  }

  /** Every instance has its active unit, and all other units stand by. */
  get isWell(): boolean {
    return this.missing.length === 0
  }

  /** What keeps it from being well, for people. */
  get missing(): string[] {
    const idle = this.model.components
      .filter(({ name }) => {
        const state = this.#told.get(name)?.state
        return state !== 'active' && state !== 'standby'
      })
      .map(({ name }) => `${name} holds nothing`)
    const open = this.model.instances
      .filter((instance) => this.activeOf(instance) === null)
      .map(({ name }) => `${name} has no active unit`)
    return [...open, ...idle]
  }
}
