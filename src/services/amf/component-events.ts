import { isActing, type Entities } from './entities.js'
import type { Failures } from './failures.js'
import type {
  AmfMessage,
  AnsweredMessage,
  CleanedMessage,
  FailedMessage,
  RegisterMessage,
} from './messages.js'
import type { ComponentModel, UnitModel } from './model.js'
import type { ComponentState, Operation } from './state.js'

/** What the node of a component says of it. */
export type ComponentMessage = Exclude<
  Extract<AmfMessage, { readonly registration: number; readonly component: string }>,
  RegisterMessage
>

/** What becomes of a component by what its node says of it. */
export class ComponentEvents {
  constructor(
    private readonly entities: Entities,
    private readonly failures: Failures,
  ) {}

  /** @returns false: it is as it was */
  apply(model: ComponentModel, component: ComponentState, message: ComponentMessage): boolean {
    switch (message.kind) {
      case 'answered':
        return this.onAnswered(model, component, message)
      case 'quiesced':
        return this.onQuiesced(component, message.operation)
      case 'failed':
        return this.onFailed(model, component, message)
      case 'cleaned':
        return this.onCleaned(model.unit, component, message)
      case 'lapsed':
        return this.onLapsed(model.unit, component, message.operation)
      case 'unregister':
        this.entities.note('component', component.name, 'unregistered', 'the application gave it up')
        component.presence = 'uninstantiated'
        end(component)
        return true
      case 'gone':
        this.onGone(model, component, message.atMs)
        return true
    }
  }

  private onAnswered(model: ComponentModel, component: ComponentState, message: AnsweredMessage): boolean {
    const { operation } = component
    if (operation === null || operation.id !== message.operation) return false
    if (message.error !== null) {
      const text = `it answered ${nameOf(operation)} with ${message.error}`
      const failure = { recommended: 'no-recommendation', text, atMs: message.atMs } as const
      if (operation.kind === 'terminate')
        this.failures.giveUpRestart(model.unit, component, text, message.atMs)
      else this.failures.fail(model, component, { cause: 'callback-failed', ...failure })
      return true
    }
    component.operation = null
    if (operation.kind === 'readiness') component.readiness = operation.readiness
    else if (operation.kind === 'csi-remove') component.csis.delete(operation.csi)
    else if (operation.kind === 'terminate') {
      component.isEnding = true
      if (component.presence !== 'restarting') component.presence = 'terminating'
    } else {
      const { csi, instance, haState, epoch } = operation
      component.csis.set(csi, { instance, haState, epoch, operation: operation.id })
    }
    return true
  }

  private onQuiesced(component: ComponentState, operation: number): boolean {
    const pending = component.operation
    // Quicker than its own answer: that it is quiescing is said with this, too.
    if (pending?.kind === 'csi-set' && pending.id === operation && pending.haState === 'quiescing') {
      const { instance, epoch } = pending
      component.csis.set(pending.csi, { instance, haState: 'quiesced', epoch, operation })
      component.operation = null
      return true
    }
    for (const [csi, held] of component.csis) {
      if (held.operation !== operation || held.haState !== 'quiescing') continue
      component.csis.set(csi, { ...held, haState: 'quiesced' })
      return true
    }
    return false
  }

  private onFailed(model: ComponentModel, component: ComponentState, message: FailedMessage): boolean {
    if (component.operational === 'disabled') return false
    if (component.presence === 'restarting' || component.presence === 'terminating') {
      this.failures.giveUpRestart(model.unit, component, message.text, message.atMs)
    } else {
      this.failures.fail(model, component, message)
    }
    return true
  }

  private onCleaned(unit: UnitModel, component: ComponentState, message: CleanedMessage): boolean {
    const { how, atMs } = message
    if (!component.isCleaning) return false
    component.isCleaning = false
    component.csis.clear()
    component.readiness = 'out-of-service'
    const words = how === 'demoted' ? 'it let go of all it held' : 'its lease has run out'
    this.entities.note('component', component.name, 'cleaned', words)
    if (how === 'lease-over' && component.presence === 'restarting') {
      this.failures.giveUpRestart(unit, component, 'it does not answer, and cannot be asked to end', atMs)
      component.isCleaning = false
    }
    return true
  }

  /** Others before it: what it was active for goes to who stands by, if anybody does. */
  private onLapsed(unit: UnitModel, component: ComponentState, operation: number): boolean {
    if (component.operation?.id === operation) component.operation = null
    const instances = [...component.csis.values()].filter(({ haState }) => isActing(haState))
    component.csis.clear()
    this.entities.note('component', component.name, 'lapsed', 'its lease ran out: it let go of all it held')
    const { name } = unit.config
    for (const { config } of unit.group.instances) {
      const state = this.entities.state.instances.get(config.name)!
      const wasActive = instances.some(({ instance }) => instance === config.name)
      if (wasActive && state.active.includes(name)) state.active = []
    }
    return true
  }

  private onGone(model: ComponentModel, component: ComponentState, atMs: number): void {
    const { presence, operational } = component
    const { name } = component
    if (presence === 'terminating') {
      this.entities.note('component', name, 'terminated', 'it has ended, as asked')
      component.presence = 'uninstantiated'
    } else if (presence !== 'restarting' && operational === 'enabled') {
      const text = 'its connection broke'
      this.failures.fail(model, component, {
        cause: 'died',
        recommended: 'no-recommendation',
        text,
        atMs,
      })
    }
    if (component.presence === 'instantiated') component.presence = 'uninstantiated'
    end(component)
  }
}

/** It holds nothing any more, and nobody speaks for it. */
export function end(component: ComponentState): void {
  component.registration = 0
  component.proxy = null
  component.isCleaning = false
  component.isEnding = false
  component.csis.clear()
  component.operation = null
  component.readiness = 'out-of-service'
  if (component.presence !== 'restarting') component.node = 0
}

function nameOf(operation: Operation): string {
  return operation.kind === 'csi-set' ? `csi-set ${operation.haState}` : operation.kind
}
