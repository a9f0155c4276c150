import type { Entities } from './entities.js'
import type { Refusal, RegisterMessage } from './messages.js'
import type { ComponentModel } from './model.js'

/** Which component may register where. */
export class Registrations {
  constructor(private readonly entities: Entities) {}

  /** @returns null: it is registered */
  register(from: number, message: RegisterMessage): Refusal | null {
    const { entities } = this
    const { state } = entities
    const model = entities.componentModel(message.component)
    const node = state.present.get(from)
    if (model === undefined) {
      return { code: 'ERR_NOT_EXIST', text: `component ${message.component} is not in groups.conf` }
    }
    if (node === undefined)
      return { code: 'ERR_TRY_AGAIN', text: 'this node is not known to the others yet; ask again' }
    const problem = this.problem(model, from)
    if (problem !== null) return problem
    const component = entities.component(message.component)
    component.node = from
    component.incarnation = node.incarnation
    component.registration = message.registration
    component.proxy = message.proxy
    component.presence = 'instantiated'
    component.operational = 'enabled'
    component.readiness = 'out-of-service'
    component.error = null
    entities.note('component', component.name, 'registered', `on ${node.name}`)
    entities.touch(component)
    return null
  }

  private problem(model: ComponentModel, from: number): Refusal | null {
    const { entities } = this
    const { state } = entities
    const { name } = model.config
    const unit = model.unit.config
    const node = state.present.get(from)!
    if (!entities.participates(from)) {
      const text = `the configuration of ${node.name} is ${node.digest}, that of the others ${state.digest}`
      const remedy = 'make groups.conf the same on all nodes and start this one again'
      return { code: 'ERR_BAD_OPERATION', text: `${name}: ${text}; ${remedy}` }
    }
    const { registration, node: where } = entities.component(name)
    if (registration !== 0) {
      const text = `component ${name} is registered on ${state.present.get(where)?.name}`
      return { code: 'ERR_EXIST', text }
    }
    if (unit.node !== null && unit.node !== node.name) {
      const text = `unit ${unit.name} of ${name} is bound to node ${unit.node}; this is ${node.name}`
      return { code: 'ERR_BAD_OPERATION', text }
    }
    const peer = entities.componentsOf(model.unit).find((other) => {
      return other.registration !== 0 && other.node !== from
    })
    if (peer !== undefined) {
      const where = state.present.get(peer.node)?.name
      const text = `${peer.name} of the same unit ${unit.name} is registered on ${where}`
      return { code: 'ERR_BAD_OPERATION', text: `${name}: ${text}; a unit lives on one node` }
    }
    if (entities.effectiveAdmin(model.unit) === 'locked-instantiation') {
      const text = `unit ${unit.name} of ${name}, its group or its node is locked for instantiation`
      return { code: 'ERR_BAD_OPERATION', text: `${text}: unlock-in comes first` }
    }
    return null
  }
}
