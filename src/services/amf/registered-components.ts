import type { Client } from '../front.js'
import type { LocalComponent } from './local-component.js'
import type { Machine } from './machine.js'
import type { Refusal } from './messages.js'
import type { AmfSaying, Letter, Outbox } from './outbox.js'
import type { AmfPort } from './port.js'
import type { ComponentState } from './state.js'

type Saying<K> = Extract<AmfSaying, { readonly kind: K }>
type OfComponent = Saying<
  'unregister' | 'answered' | 'quiesced' | 'failed' | 'cleaned' | 'lapsed' | 'register'
>
type Body<M> = M extends AmfSaying ? Omit<M, 'component' | 'registration'> : never

/** The components that applications of this node have registered, and how the others hear of them. */
export abstract class RegisteredComponents {
  protected readonly byName = new Map<string, LocalComponent>()
  /** Ends of registrations that are under way into the order. */
  private readonly ends = new Set<string>()

  constructor(
    protected readonly port: AmfPort,
    protected readonly machine: Machine,
    protected readonly outbox: Outbox,
  ) {}

  /** What the state says of a component may be another thing now. */
  abstract look(name: string): void

  get(name: string): LocalComponent | undefined {
    return this.byName.get(name)
  }

  get isEmpty(): boolean {
    return this.byName.size === 0
  }

  /** A list of its own: telling an application something may end its connection. */
  all(): LocalComponent[] {
    return [...this.byName.values()]
  }

  of(client: Client): LocalComponent[] {
    return this.all().filter((local) => local.client === client)
  }

  /** What the state has of this very registration; null: nothing. */
  stateOf(local: LocalComponent): ComponentState | null {
    const state = this.machine.state.components.get(local.name)
    return state !== undefined && this.isOurs(state) && state.registration === local.registration
      ? state
      : null
  }

  /** Those whose leases are to be renewed. */
  renewable(): LocalComponent[] {
    return this.all().filter((local) => this.isWell(local))
  }

  protected isOurs({ node, incarnation }: ComponentState): boolean {
    return node === this.port.nodeId && incarnation === this.port.incarnation
  }

  protected isWell(local: LocalComponent): boolean {
    if (local.phase !== 'registered' || local.isFailing || local.isOrphan) return false
    const state = this.stateOf(local)
    if (state === null || state.isCleaning || state.isEnding) return false
    return state.operational === 'enabled' && state.presence === 'instantiated'
  }

  /** A message about this registration; said again until it is applied, or there is another one. */
  protected say(
    local: LocalComponent,
    body: Body<OfComponent>,
    onApplied?: (refusal: Refusal | null) => void,
  ): void {
    const { name, registration } = local
    const letter: Letter = {
      onApplied: (refusal) => {
        if (local.registration === registration) onApplied?.(refusal)
        this.look(name)
      },
      onDropped: () => true,
      isMoot: () => this.byName.get(name) !== local || local.registration !== registration,
    }
    this.outbox.say({ ...body, component: name, registration }, letter)
  }

  /** The state knows a registration of which nobody here does. */
  protected sayEnd(component: string, registration: number, kind: 'gone' | 'unregister'): void {
    const key = `${registration} ${component}`
    if (this.ends.has(key)) return
    this.ends.add(key)
    this.outbox.say(
      { kind, component, registration },
      { onApplied: () => this.ends.delete(key), onDropped: () => true },
    )
  }
}
