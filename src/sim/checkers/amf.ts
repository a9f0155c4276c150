import { sameRing, type Transferred } from '../../group/index.js'
import { count, type Counters } from '../../totem/counters.js'
import type { History } from '../history.js'
import type { AmfEvent, AmfWatcher, HeldCsi, Sent, WatchedAmf, WatchedComponent } from '../amf/amf-watcher.js'
import { Callbacks } from './amf-callbacks.js'
import { AmfCoverage } from './amf-coverage.js'
import { Exclusivity, type Promised } from './amf-exclusivity.js'
import { checkLegality, checkPreferred } from './amf-legality.js'
import { factsOf, isServing, type AmfFacts } from './amf-model.js'
import { FencedStorage } from './amf-storage.js'
import { headOf } from './checkpoint-shadow.js'

/** Of how many changes the state that came of one is compared: it takes its time. */
const COMPARED_EVERY = 4

export interface AmfClock {
  readonly nowMs: number
  schedule(delayMs: number, run: () => void): void
}

type Log = (line: string) => void

/** What a process was told, or did without being told. */
export interface Told {
  /** A word or two. */
  readonly words: string
  readonly body: AmfEvent | null
  /** By the clock of the run. */
  readonly atMs: number
}

/** How the run's AMF is set up. */
export interface AmfSetup extends Omit<Promised, 'unitOf'> {
  readonly facts: AmfFacts
}

/**
 * Sees AMF on all nodes of a run, and all processes of components, and checks at every moment what AMF
 * promises: what components do, not what anybody says of them.
 */
export class AmfWatch implements AmfWatcher {
  readonly components = new Set<WatchedComponent>()
  readonly living = new Set<WatchedAmf>()
  private readonly states = new Map<string, Uint8Array>()
  private readonly callbacks: Callbacks
  private readonly told = new Map<string, Told[]>()
  private readonly coverage: AmfCoverage
  private exclusivity: Exclusivity
  private storage: FencedStorage
  private facts: AmfFacts

  constructor(
    private readonly history: History,
    private readonly counters: Counters,
    private readonly clock: AmfClock,
    setup: AmfSetup,
    private readonly log: Log = () => undefined,
  ) {
    this.facts = setup.facts
    this.exclusivity = this.exclusivityOf(setup)
    this.storage = this.storageOf(setup)
    this.callbacks = new Callbacks(this.violate, this.note, () => this.facts)
    this.coverage = new AmfCoverage(this.note, log)
  }

  /** The run has come to know its configuration. */
  setUp(setup: AmfSetup): void {
    this.facts = setup.facts
    this.exclusivity = this.exclusivityOf(setup)
    this.storage = this.storageOf(setup)
  }

  readonly violate = (promise: string, message: string): void => {
    this.history.violate(promise, `${message} (at ${this.clock.nowMs.toFixed(3)})`)
  }

  readonly note = (what: string): void => count(this.counters, `amf.${what}`)

  after(delayMs: number, run: () => void): void {
    this.clock.schedule(delayMs, run)
  }

  /** Nothing is under way on any node. */
  get quiet(): boolean {
    return [...this.living].every(({ service, gate, isPaused }) => {
      return isPaused || (gate === 'open' && service.machine.isSettled(null))
    })
  }

  /** What a component was called back for. */
  toldTo(component: string): readonly Told[] {
    return this.told.get(component) ?? []
  }

  /** Why it is not quiet, for people. */
  get unrest(): string {
    return [...this.living]
      .map(({ process, gate, service }) => {
        const { components } = service.machine.state
        const busy = [...components.values()].filter(({ operation, isCleaning, presence }) => {
          return operation !== null || isCleaning || presence === 'restarting'
        })
        const texts = busy.map(({ name, operation, isCleaning, presence }) => {
          return `${name} ${presence}${isCleaning ? ', being cleaned' : ''} ${operation?.kind ?? ''}`
        })
        return `${process.name} ${gate}: ${texts.join('; ') || service.machine.isSettled(null)}`
      })
      .join(' | ')
  }

  begin(amf: WatchedAmf): void {
    this.living.add(amf)
  }

  end(amf: WatchedAmf): void {
    this.living.delete(amf)
  }

  onView(amf: WatchedAmf): void {
    this.compare(amf, headOf(amf.lineage()))
  }

  onGate(amf: WatchedAmf): void {
    if (amf.gate !== 'open') return
    this.compare(amf, headOf(amf.lineage()))
    const view = amf.view!.ringId
    for (const other of this.living) {
      if (other.view !== null && sameRing(other.view.ringId, view)) this.exclusivity.onMerged(other)
    }
  }

  onApplying(amf: WatchedAmf, place: string): void {
    this.coverage.onApplying(amf)
    const head = headOf(amf.lineage())
    const position = Number(head?.slice(head.lastIndexOf('/') + 1))
    if (head !== place && position % COMPARED_EVERY === 0) this.compare(amf, head)
  }

  onApplied(amf: WatchedAmf, from: number, payload: Uint8Array, changed: boolean): void {
    this.coverage.onApplied(amf, from, payload)
    if (changed) this.checkState(amf)
  }

  onAdopted(amf: WatchedAmf, _winner: Transferred, conflicts: readonly Transferred[]): void {
    this.note(conflicts.length > 0 ? 'merged' : 'adopted')
    this.checkState(amf)
  }

  onComponent(component: WatchedComponent): void {
    this.components.add(component)
  }

  onComponentGone(component: WatchedComponent): void {
    this.components.delete(component)
    this.callbacks.onGone(component)
  }

  onRegistered(component: WatchedComponent): void {
    this.note('registered')
    this.callbacks.onRegistered(component)
  }

  onEvent(component: WatchedComponent, sent: Sent): void {
    this.callbacks.onEvent(component, sent)
  }

  onCallback(component: WatchedComponent, body: AmfEvent): void {
    this.note(`callback.${body.type}`)
    this.tell(component, wordsOf(body), body)
    this.callbacks.onCallback(component, body)
  }

  onLapse(component: WatchedComponent): void {
    this.tell(component, 'let go', null)
    this.callbacks.onLapse(component)
  }

  private tell({ name, who }: WatchedComponent, words: string | null, body: AmfEvent | null): void {
    if (words === null) return
    this.log(`${who}: ${words}`)
    const told = this.told.get(name) ?? []
    this.told.set(name, told)
    told.push({ words, body, atMs: this.clock.nowMs })
  }

  onAnswered(component: WatchedComponent, invocation: number): void {
    this.callbacks.onAnswered(component, invocation)
  }

  onHeld(component: WatchedComponent, csi: string): void {
    const held = component.held.get(csi)
    this.callbacks.onHeld(component)
    if (held === undefined || !isServing(held.haState)) return
    if (held.haState === 'active') this.storage.onActive(component, held)
    this.exclusivity.onServing(component, held)
  }

  onWrite(component: WatchedComponent, held: HeldCsi): void {
    this.storage.onWrite(component, held)
  }

  /** All is quiet and one ring: all nodes hold the same, components do it, and it is what is preferred. */
  checkQuiet(): void {
    const states = [...this.living].map((amf) => ({ amf, text: textOf(amf) }))
    for (const { amf, text } of states) {
      if (text === states[0]!.text) continue
      const names = `${states[0]!.amf.process.name} and ${amf.process.name}`
      this.violate('amf: replicas equal', `${names} differ at rest`)
    }
    const [amf] = this.living
    if (amf === undefined) return
    const { state } = amf.service.machine
    const facts = factsOf(state)
    if (facts === null) return this.violate('amf: configured', 'at rest there is no configuration')
    checkPreferred(state, facts, this.violate)
    this.checkTruth(amf)
  }

  /** What the state says of each component that is registered is what its process does. */
  private checkTruth({ service }: WatchedAmf): void {
    for (const known of service.machine.state.components.values()) {
      if (known.registration === 0) continue
      const processes = [...this.components].filter(({ name, connection }) => {
        return name === known.name && connection?.amf.process.id.nodeId === known.node
      })
      const said = [...known.csis].map(([csi, { haState }]) => `${csi} ${haState}`).sort()
      const isTrue = processes.some(({ held, readiness }) => {
        const done = [...held.values()].map(({ csi, haState }) => `${csi} ${haState}`).sort()
        return readiness === known.readiness && done.join() === said.join()
      })
      if (isTrue) continue
      const seen = processes.map(({ who, readiness, held }) => {
        const done = [...held.values()].map(({ csi, haState }) => `${csi} ${haState}`)
        return `${who} ${readiness} ${done.join()}`
      })
      const what = `${known.name} is ${known.readiness} ${said.join()} by the state; ${seen.join('; ')}`
      this.violate('amf: components do what the state says', what)
    }
  }

  private checkState({ service }: WatchedAmf): void {
    const { state } = service.machine
    const facts = factsOf(state)
    if (facts !== null) checkLegality(state, facts, this.violate)
  }

  /** Who came the same way holds the same octets. */
  private compare(amf: WatchedAmf, place: string | null): void {
    if (place === null) return
    const octets = amf.service.machine.freeze()
    const known = this.states.get(place)
    this.states.set(place, octets)
    if (known === undefined || Buffer.compare(known, octets) === 0) return
    this.violate('amf: replicas equal', `${amf.process.name} at ${place}: ${differenceOf(known, octets)}`)
  }

  private exclusivityOf(setup: AmfSetup): Exclusivity {
    const { clock, violate, note, facts } = this
    const world = {
      nowMs: (): number => clock.nowMs,
      schedule: (delayMs: number, run: () => void): void => clock.schedule(delayMs, run),
      violate,
      note,
    }
    return new Exclusivity(
      { ...setup, unitOf: (component) => facts.unitOf(component) },
      this.components,
      world,
    )
  }

  private storageOf({ isExclusive, facts }: AmfSetup): FencedStorage {
    return new FencedStorage(isExclusive, (component) => facts.unitOf(component), this.violate, this.note)
  }
}

function textOf({ service }: WatchedAmf): string {
  return new TextDecoder().decode(service.machine.freeze())
}

function wordsOf(body: AmfEvent): string | null {
  if (body.type === 'csi-set') return `${body.csi} ${body.haState}`
  if (body.type === 'csi-remove') return `${body.csi} removed`
  if (body.type === 'readiness') return body.readiness
  return body.type === 'terminate' ? 'terminate' : null
}

/** Where two states begin to differ. */
function differenceOf(one: Uint8Array, other: Uint8Array): string {
  const [first, second] = [one, other].map((octets) => new TextDecoder().decode(octets)) as [string, string]
  let at = 0
  while (first[at] === second[at]) at++
  const from = Math.max(0, at - 60)
  return `${first.slice(from, at + 60)} … and … ${second.slice(from, at + 60)}`
}
