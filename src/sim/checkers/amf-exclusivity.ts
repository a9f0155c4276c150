import { sameRing } from '../../group/index.js'
import type { HeldCsi, WatchedAmf, WatchedComponent } from '../amf/amf-watcher.js'
import { isServing } from './amf-model.js'

/** What AMF promises of a run, as it was set up. */
export interface Promised {
  /** Quorum is asked for, and without it nobody is active: no two partitions have actives. */
  readonly isExclusive: boolean
  readonly takeoverDelayMs: number
  readonly leaseMs: number
  /** Longest time for a callback, of any component. */
  readonly callbackTimeoutMs: number
  readonly tokenTimeoutMs: number
  unitOf(component: string): string
}

export interface ExclusivityWorld {
  readonly nowMs: () => number
  schedule(delayMs: number, run: () => void): void
  violate(promise: string, message: string): void
  note(what: string): void
}

/** The library hears a moment later that its connection broke. */
const NOTICE_MS = 1

interface Pair {
  readonly one: WatchedComponent
  readonly other: WatchedComponent
  readonly instance: string
}

/**
 * Who serves a service instance at the same time, by what the applications do, not by what anybody thinks:
 * whether that is excluded, or one of the cases that are documented and counted.
 */
export class Exclusivity {
  private readonly pairs = new Set<string>()

  constructor(
    private readonly promised: Promised,
    private readonly components: ReadonlySet<WatchedComponent>,
    private readonly world: ExclusivityWorld,
  ) {}

  /** This one came to serve. */
  onServing(newcomer: WatchedComponent, held: HeldCsi): void {
    for (const { component, held: old } of this.others(newcomer, held.instance)) {
      this.judge(newcomer, held, component, old)
    }
  }

  /** Sides have met: who serves on both is to be one before long. */
  onMerged(amf: WatchedAmf): void {
    const here = [...this.components].filter(({ connection }) => connection?.amf === amf)
    for (const one of here) {
      for (const held of one.held.values()) {
        if (!isServing(held.haState)) continue
        for (const { component } of this.others(one, held.instance)) {
          this.await({ one, other: component, instance: held.instance })
        }
      }
    }
  }

  private others(
    component: WatchedComponent,
    instance: string,
  ): { readonly component: WatchedComponent; readonly held: HeldCsi }[] {
    const unit = this.promised.unitOf(component.name)
    return [...this.components].flatMap((other) => {
      const isOther = this.promised.unitOf(other.name) !== unit || other.name === component.name
      if (other === component || !isOther) return []
      const serving = [...other.held.values()].find((held) => {
        return held.instance === instance && isServing(held.haState)
      })
      return serving === undefined ? [] : [{ component: other, held: serving }]
    })
  }

  private judge(newcomer: WatchedComponent, held: HeldCsi, old: WatchedComponent, former: HeldCsi): void {
    const { world, promised } = this
    const epochs = `${held.epoch} and ${former.epoch}`
    const what = `${newcomer.who} serves ${held.instance} while ${old.who} does, ${epochs}`
    if (!isLeaseLive(old)) return this.judgeLapsed(old, what)
    const view = old.connection!.amf.view?.ringId
    const isTogether = view !== undefined && held.sent.view !== null && sameRing(view, held.sent.view)
    // Also at a merge: nobody is made active before all have let go of what the losing side gave them.
    if (isTogether) return world.violate('amf: one active', `${what}, in one partition`)
    if (!promised.isExclusive) return world.note('overlapApart')
    const { amf } = old.connection!
    const isRecent = world.nowMs() - amf.stoppedMs < 2 * promised.leaseMs
    if (amf.isPaused || isRecent) return world.note('overlapPausedExecutive')
    world.violate('amf: one active', `${what}, under a live lease`)
  }

  /** Its lease is over. If it runs it has let go. */
  private judgeLapsed(old: WatchedComponent, what: string): void {
    const { world, promised } = this
    const { loop, connection } = old
    if (!loop.isStalled) {
      const brokenMs = connection?.brokenMs ?? null
      if (brokenMs !== null && world.nowMs() - brokenMs < NOTICE_MS) return
      return world.violate('amf: no active without a lease', `${what}, whose lease is over`)
    }
    const stalledMs = world.nowMs() - loop.stalledSinceMs!
    const isLong = loop.isPaused || loop.wasPaused || stalledMs > promised.takeoverDelayMs
    if (isLong || connection?.brokenByExecutive === true) return world.note('overlapAsleep')
    world.violate('amf: no active without a lease', `${what}, stalled for ${stalledMs.toFixed(3)} ms only`)
  }

  private await(pair: Pair): void {
    const { one, other, instance } = pair
    const key = [one.who, other.who].sort().join(' ') + instance
    if (this.pairs.has(key)) return
    this.pairs.add(key)
    this.world.note('mergedBothActive')
    const view = one.connection!.amf.view!.ringId
    const sinceMs = this.world.nowMs()
    this.world.schedule(this.boundMs, () => {
      this.pairs.delete(key)
      if (!this.areTogether(pair, sinceMs)) return
      const same = sameRing(one.connection!.amf.view!.ringId, view)
      if (!same) return this.await(pair)
      const what = `${one.who} and ${other.who} serve ${instance} ${this.boundMs} ms after their sides met`
      this.world.violate('amf: merges end overlaps', what)
    })
  }

  /** By then the losing side was asked, has answered or has been failed, and its lease is over. */
  private get boundMs(): number {
    const { callbackTimeoutMs, leaseMs, tokenTimeoutMs } = this.promised
    return callbackTimeoutMs + leaseMs + 2 * tokenTimeoutMs
  }

  /** Both still serve, and nobody was stopped meanwhile. */
  private areTogether({ one, other, instance }: Pair, sinceMs: number): boolean {
    const views = [one, other].map(({ connection }) => connection?.amf.view?.ringId)
    const [first, second] = views
    if (first === undefined || second === undefined || !sameRing(first, second)) return false
    return [one, other].every((component) => {
      const { connection, loop, held } = component
      const { amf } = connection!
      if (amf.gate !== 'open' || amf.isPaused || amf.stoppedMs > sinceMs) return false
      if (loop.isDead || loop.isStalled || loop.lastStallMs > sinceMs || !isLeaseLive(component)) return false
      return [...held.values()].some((csi) => csi.instance === instance && isServing(csi.haState))
    })
  }
}

/** It ends at its time, or with the connection. */
export function isLeaseLive(component: WatchedComponent): boolean {
  const { connection, leaseEndMs } = component
  return connection !== null && connection.brokenMs === null && component.machineMs() < leaseEndMs
}
