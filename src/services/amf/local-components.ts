import { limits, type AisErrorName, type Recovery } from '../../base/index.js'
import type { Client, Request } from '../front.js'
import { isForeign } from './foreign-history.js'
import { DEFAULT_KEY, type HealthCheck } from './health-checks.js'
import { Leases } from './leases.js'
import { LocalComponent } from './local-component.js'
import type { Machine } from './machine.js'
import type { FailureCause, Refusal } from './messages.js'
import { operationEvent } from './operation-event.js'
import type { Outbox } from './outbox.js'
import { CallRefusal } from './params.js'
import type { AmfPort } from './port.js'
import { RegisteredComponents } from './registered-components.js'
import type { ComponentState } from './state.js'

/** After so long a registration that was refused is tried again. */
const REGISTER_AGAIN_MS = 1000

/**
 * The components that applications of this node have registered. What the replicated state asks of them
 * they are told, what they answer becomes an ordered message; and where the state does not know them any
 * more they let go of what they hold and are registered again.
 */
export class LocalComponents extends RegisteredComponents {
  readonly leases: Leases
  private lastRegistration = 0
  /** Names of those that are to be registered again. */
  private readonly lost = new Set<string>()
  private isOpen = false

  constructor(port: AmfPort, machine: Machine, outbox: Outbox) {
    super(port, machine, outbox)
    this.leases = new Leases(port)
  }

  /** None holds anything that the present state does not know of. */
  get areClear(): boolean {
    for (const { isOrphan, phase, cleaning } of this.byName.values()) {
      if (isOrphan || (phase === 'lost' && cleaning?.isDone !== true)) return false
    }
    return true
  }

  /** @throws CallRefusal */
  register(request: Request, name: string, proxy: string | null, subscription: number): void {
    const { client } = request
    if (this.byName.has(name)) {
      throw new CallRefusal('ERR_EXIST', `component ${name} is registered on this node already`)
    }
    if (this.of(client).length >= limits.amfComponentsOfClient) {
      const text = `the connection has ${limits.amfComponentsOfClient} components; use another one for more`
      throw new CallRefusal('ERR_NO_RESOURCES', text)
    }
    if (!client.hold()) {
      throw new CallRefusal('ERR_NO_RESOURCES', 'the connection has too much open: close what is not needed')
    }
    const local = new LocalComponent(name, client, subscription, proxy)
    local.request = request
    this.byName.set(name, local)
    this.sayRegistration(local)
  }

  /** The application gives it up; it holds nothing any more. */
  unregister(local: LocalComponent, onDone: () => void): void {
    local.phase = 'leaving'
    local.withdrawPending()
    local.suspendChecks()
    this.say(local, { kind: 'unregister' }, () => {
      if (this.byName.get(local.name) === local) {
        this.byName.delete(local.name)
        local.client.release()
      }
      onDone()
    })
  }

  onClientGone(client: Client): void {
    for (const local of this.of(client)) {
      this.byName.delete(local.name)
      this.sayEnd(local.name, local.registration, 'gone')
    }
  }

  /** Another side's state goes on: this node's components are to be registered in it anew. */
  orphan(): void {
    for (const local of this.byName.values()) {
      if (local.phase === 'registered') local.isOrphan = true
    }
  }

  /**
   * A state that contains this node's goes on: so it does where it has gone on from it, and where that was
   * decided against elsewhere. The components of which it tells another story are to be registered anew.
   * @param before by name, what was known of them
   */
  orphanForeign(before: ReadonlyMap<string, ComponentState>): void {
    for (const local of this.byName.values()) {
      const known = before.get(local.name)
      if (local.phase !== 'registered' || known === undefined) continue
      if (isForeign(known, this.machine.state.components.get(local.name))) local.isOrphan = true
    }
  }

  onGate(isOpen: boolean): void {
    this.isOpen = isOpen
    if (isOpen) this.lookAtAll()
  }

  lookAtAll(): void {
    const names = new Set(this.byName.keys())
    for (const state of this.machine.state.components.values()) if (this.isOurs(state)) names.add(state.name)
    for (const name of names) this.look(name)
  }

  override look(name: string): void {
    const local = this.byName.get(name)
    const state = this.machine.state.components.get(name)
    if (state !== undefined && state.registration !== 0 && this.isOurs(state)) {
      // Nobody speaks for it: its connection is gone, and the state has not heard of that.
      if (local === undefined) this.sayEnd(name, state.registration, 'gone')
    }
    if (local === undefined) return
    if (local.phase === 'registered') this.follow(local)
    else if (local.phase === 'lost') this.maybeRegister(local)
  }

  /** The state may be one now in which those can be registered that were lost. */
  reviewLost(): void {
    for (const name of [...this.lost]) {
      if (this.byName.get(name)?.phase !== 'lost') this.lost.delete(name)
      else this.look(name)
    }
  }

  /** The callback of an operation was answered. */
  answered(local: LocalComponent, error: AisErrorName | null): void {
    const { pending } = local
    if (pending === null) return
    local.pending = null
    local.invocations.end(pending.invocation)
    const operation = pending.operation.id
    this.say(local, { kind: 'answered', operation, error })
    if (pending.hasQuiesced && error === null) this.say(local, { kind: 'quiesced', operation })
  }

  /** It has finished what it was asked to; that counts once it has said that it was asked. */
  quiesced(local: LocalComponent, operation: number): void {
    const { pending } = local
    if (pending?.operation.id === operation) pending.hasQuiesced = true
    else this.say(local, { kind: 'quiesced', operation })
  }

  /** From here on its lease is not renewed. */
  fail(local: LocalComponent, cause: FailureCause, recommended: Recovery, text: string): void {
    if (local.isFailing || local.phase !== 'registered') return
    local.isFailing = true
    local.endDeadlineMs = Infinity
    local.withdrawPending()
    local.suspendChecks()
    this.say(local, { kind: 'failed', cause, recommended, text }, () => (local.isFailing = false))
  }

  /** Its lease ran out and it let go of everything; of what it was told up to `seen` it will do no more. */
  lapsed(local: LocalComponent, seen: number): void {
    const before = local.lapsedUpTo
    local.lapsedUpTo = Math.max(before, seen)
    if (local.cleaning !== null && !local.cleaning.isDone && local.holdsNothing) {
      return this.finishCleaning(local, 'lease-over')
    }
    if (local.phase !== 'registered' || local.isFailing || local.cleaning !== null) return
    const { pending } = local
    const isDropped = pending?.operation.kind === 'csi-set' && pending.invocation <= seen
    const isNews = isDropped || !local.isLapsing || before < Math.min(local.lastAssignment, seen)
    if (!isNews) return
    if (isDropped) local.withdrawPending()
    local.isLapsing = true
    const operation = isDropped ? pending.operation.id : 0
    this.say(local, { kind: 'lapsed', operation }, () => (local.isLapsing = false))
  }

  /** It has let go of everything, as it was asked to. */
  finishCleaning(local: LocalComponent, how: 'demoted' | 'lease-over'): void {
    const { cleaning } = local
    if (cleaning === null || cleaning.isDone) return
    cleaning.isDone = true
    local.lapsedUpTo = local.lastAssignment
    if (how === 'demoted') local.invocations.end(cleaning.invocation)
    else local.invocations.withdraw(cleaning.invocation)
    if (local.phase === 'lost') return this.maybeRegister(local)
    this.say(local, { kind: 'cleaned', how }, () => {
      // It may have been lost meanwhile, and be cleaned for that.
      if (local.cleaning === cleaning) local.cleaning = null
    })
  }

  /** Operations that wait for leave to renew leases. */
  retry(): void {
    for (const local of this.all()) if (local.phase === 'registered') this.follow(local)
  }

  /** Begin a health check. */
  startCheck(local: LocalComponent, check: HealthCheck): void {
    local.health.start(check, this.port.nowMs())
  }

  private sayRegistration(local: LocalComponent): void {
    local.phase = 'registering'
    local.registration = ++this.lastRegistration
    local.isOrphan = false
    local.isFailing = false
    local.isLapsing = false
    this.say(local, { kind: 'register', proxy: local.proxy }, (refusal) => {
      if (this.byName.get(local.name) === local && local.phase === 'registering') {
        this.onRegistered(local, refusal)
      }
    })
  }

  private onRegistered(local: LocalComponent, refusal: Refusal | null): void {
    const { request } = local
    local.request = null
    if (refusal !== null && request !== null) {
      this.byName.delete(local.name)
      local.client.release()
      return request.fail(refusal.code, refusal.text)
    }
    if (refusal !== null) {
      this.port.log('warning', `component ${local.name} cannot be registered again: ${refusal.text}`)
      local.phase = 'lost'
      this.lost.add(local.name)
      local.registerAtMs = this.port.nowMs() + REGISTER_AGAIN_MS
      return
    }
    local.phase = 'registered'
    local.cleaning = null
    local.lastOperation = 0
    const { leaseMs, nodeName, incarnation } = this.port
    request?.answer({ leaseMs, nodeName, incarnation })
    this.leases.renew(local)
  }

  /** Have a registered component do what the state asks of it. */
  private follow(local: LocalComponent): void {
    const state = local.isOrphan ? null : this.stateOf(local)
    if (state === null) {
      if (this.isOpen) this.lose(local)
      return
    }
    if (state.isCleaning) {
      if (local.cleaning === null) this.clean(local, state.error?.text ?? 'it is to be restarted')
      return
    }
    if (local.cleaning?.isDone === false) this.endCleaning(local)
    this.noteEnding(local, state)
    const isWell = this.isWell(local)
    if (isWell) local.health.resume(this.port.nowMs())
    else local.suspendChecks()
    if (isWell && local.renewedAtMs + this.port.leaseMs <= this.port.nowMs()) this.leases.renew(local)
    this.dispatch(local, state)
    if (isWell) this.beginDefaultCheck(local, state)
  }

  /** It is not to let go of anything any more: others have seen to that. */
  private endCleaning(local: LocalComponent): void {
    local.invocations.withdraw(local.cleaning!.invocation)
    local.cleaning = null
  }

  private noteEnding(local: LocalComponent, { isEnding }: ComponentState): void {
    if (!isEnding) local.endDeadlineMs = Infinity
    else if (local.endDeadlineMs === Infinity) {
      local.endDeadlineMs = this.port.nowMs() + this.callbackTimeoutMs(local)
    }
  }

  private dispatch(local: LocalComponent, state: ComponentState): void {
    const { operation } = state
    if (local.pending !== null && local.pending.operation.id !== operation?.id) local.withdrawPending()
    if (operation === null || operation.id <= local.lastOperation || local.isFailing) return
    if (operation.kind === 'csi-set') {
      const isRenewed = this.isWell(local) && this.leases.renew(local)
      const isGrant = operation.haState === 'active' || operation.haState === 'standby'
      // Without a lease it would let go of it at once: that waits until leases may be renewed.
      if (isGrant && !isRenewed) return this.giveBack(local, operation.id)
    }
    local.lastOperation = operation.id
    const invocation = local.invocations.begin({ kind: 'operation', operation })
    const deadlineMs = this.port.nowMs() + this.callbackTimeoutMs(local)
    local.pending = { invocation, operation, deadlineMs, graceMs: 0, hasQuiesced: false }
    if (operation.kind === 'csi-set') {
      local.lastAssignment = invocation
      if (operation.haState === 'quiescing') local.quiescing.set(invocation, operation.id)
    }
    local.event(operationEvent(invocation, operation, state, this.machine.model?.config ?? null))
  }

  /** Without quorum leases will not be renewed for long: who holds nothing is given nothing then. */
  private giveBack(local: LocalComponent, operation: number): void {
    const { state, config } = this.machine
    if (state.quorate || config?.noQuorum !== 'stop' || !local.holdsNothing) return
    local.lastOperation = operation
    this.say(local, { kind: 'lapsed', operation })
  }

  private beginDefaultCheck(local: LocalComponent, { readiness }: ComponentState): void {
    const config = this.machine.model?.components.get(local.name)?.config
    const periodMs = config?.healthcheckIntervalMs ?? null
    if (local.hasDefaultCheck || periodMs === null || readiness !== 'in-service') return
    local.hasDefaultCheck = true
    if (local.health.get(DEFAULT_KEY) !== undefined) return
    const maxDurationMs = config!.healthcheckMaxDurationMs
    const recovery = 'no-recommendation'
    this.startCheck(local, { key: DEFAULT_KEY, invokedBy: 'amf', periodMs, maxDurationMs, recovery })
  }

  private callbackTimeoutMs({ name }: LocalComponent): number {
    return this.machine.model?.components.get(name)?.config.callbackTimeoutMs ?? this.port.leaseMs
  }

  /** Have it let go of everything. */
  private clean(local: LocalComponent, cause: string): void {
    local.withdrawPending()
    local.suspendChecks()
    local.endDeadlineMs = Infinity
    const invocation = local.invocations.begin({ kind: 'demote' })
    local.cleaning = { invocation, deadlineMs: this.leases.overAtMs(local), isDone: false }
    local.event({ type: 'demote', invocation, cause })
    if (local.holdsNothing) this.finishCleaning(local, 'demoted')
  }

  private lose(local: LocalComponent): void {
    local.phase = 'lost'
    this.lost.add(local.name)
    local.isOrphan = false
    local.isFailing = false
    if (local.cleaning !== null && !local.cleaning.isDone) return
    local.cleaning = null
    this.clean(local, 'what it held was taken over while this node was apart from the others')
  }

  /** What the state lost is registered again, once it holds nothing any more. */
  private maybeRegister(local: LocalComponent): void {
    if (!this.isOpen || local.cleaning?.isDone !== true) return
    if (this.port.nowMs() < local.registerAtMs) return
    local.registerAtMs = -Infinity
    const { nodeId, incarnation } = this.port
    const { state } = this.machine
    const isKnown = state.present.get(nodeId)?.incarnation === incarnation
    if (!isKnown || !this.machine.participates(nodeId)) return
    const before = state.components.get(local.name)
    if (before === undefined) return
    if (before.registration !== 0) {
      // Elsewhere: it may go there, and come back here.
      if (this.isOurs(before)) this.sayEnd(local.name, before.registration, 'unregister')
      return
    }
    this.sayRegistration(local)
  }
}
