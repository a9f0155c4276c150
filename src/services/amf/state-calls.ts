import {
  adminOperations,
  entityKinds,
  type AdminOperation,
  type AisErrorName,
  type EntityKind,
} from '../../base/index.js'
import type { Request } from '../front.js'
import type { Method } from './component-calls.js'
import { entityOf, groupOf, type Entity } from './entity-names.js'
import { explanation } from './explanation.js'
import type { Machine } from './machine.js'
import type { Refusal } from './messages.js'
import type { AmfSaying, Outbox } from './outbox.js'
import { CallRefusal, nameOf, recoveryOf, textOf, wordOf, type Params } from './params.js'
import type { Settlements } from './settlements.js'
import type { ComponentState } from './state.js'
import { statusDocument } from './status-document.js'

/** Kinds that an operation is for; where a name could mean several, one of these is meant. */
const operands: Readonly<Record<AdminOperation, readonly EntityKind[]>> = {
  lock: ['node', 'group', 'unit', 'service-instance'],
  unlock: ['node', 'group', 'unit', 'service-instance'],
  shutdown: ['node', 'group', 'unit', 'service-instance'],
  'lock-in': ['node', 'group', 'unit'],
  'unlock-in': ['node', 'group', 'unit'],
  restart: ['unit', 'component'],
  repaired: ['node', 'unit', 'component'],
  'si-swap': ['service-instance'],
}

/** What any application may ask about all components, and order. */
export class StateCalls {
  readonly methods: Readonly<Record<string, Method>> = {
    haStateGet: (request, params) => this.haStateGet(request, params),
    readinessStateGet: (request, params) => this.readinessStateGet(request, params),
    componentErrorReport: (request, params) => this.report(request, params),
    componentErrorClear: (request, params) => this.clear(request, params),
    adminOperation: (request, params) => this.adminOperation(request, params),
    explain: (request, { name, kind }) => {
      request.answer(explanation(this.machine, entityOf(this.machine, name, kind)))
    },
    status: (request) => request.answer(statusDocument(this.machine)),
  }

  constructor(
    private readonly machine: Machine,
    private readonly outbox: Outbox,
    private readonly settlements: Settlements,
  ) {}

  /** saAmfHAStateGet. */
  private haStateGet(request: Request, params: Params): void {
    const { name, csis } = this.componentOf(params)
    const csi = nameOf(params['csi'], 'csi')
    const held = csis.get(csi)
    if (held === undefined) {
      throw new CallRefusal('ERR_NOT_EXIST', `component ${name} has no assignment for ${csi}`)
    }
    request.answer(held.haState)
  }

  /** saAmfReadinessStateGet of A.01.01. */
  private readinessStateGet(request: Request, params: Params): void {
    request.answer(this.componentOf(params).readiness)
  }

  /** saAmfComponentErrorReport. */
  private report(request: Request, params: Params): void {
    const { name: component } = this.componentOf(params)
    const recommended = recoveryOf(params['recovery'])
    const text = textOf(params['text']) || 'an error was reported'
    const saying = { kind: 'report', component, recommended, text } as const
    this.order(request, saying, 'whether the error was reported', () => request.answer(null))
  }

  /** saAmfComponentErrorClear. */
  private clear(request: Request, params: Params): void {
    const { name: component } = this.componentOf(params)
    const saying = { kind: 'clear', component } as const
    this.order(request, saying, 'whether the error was cleared', () => request.answer(null))
  }

  private adminOperation(request: Request, params: Params): void {
    const operation = wordOf(params['operation'], 'operation', adminOperations)
    const entity = this.operandOf(operation, params)
    const { kind, name } = entity
    this.order(request, { kind: 'admin', operation, entity: kind, name }, 'whether it was done', () => {
      this.settlements.wait(request.client, groupOf(this.machine, entity), () => request.answer(null))
    })
  }

  private operandOf(operation: AdminOperation, { name, kind }: Params): Entity {
    const among = operands[operation]
    const others = entityKinds.filter((one) => !among.includes(one))
    try {
      return entityOf(this.machine, name, kind, among)
    } catch (error) {
      const isUnknown = error instanceof CallRefusal && error.code === 'ERR_NOT_EXIST'
      if (!isUnknown || (kind !== null && kind !== undefined)) throw error
      // It may be a thing that this operation is not for: that is said by those who carry it out.
      return entityOf(this.machine, name, null, others)
    }
  }

  /** Say it, and see what it came to. */
  private order(request: Request, saying: AmfSaying, question: string, onDone: () => void): void {
    const fail = (code: AisErrorName, text: string): void => request.fail(code, text)
    this.outbox.say(saying, {
      onApplied: (refusal: Refusal | null) => {
        if (refusal === null) onDone()
        else fail(refusal.code, refusal.text)
      },
      onDropped: () => {
        fail('ERR_TIMEOUT', `the state of this node was replaced meanwhile: ${question} is not known`)
        return false
      },
    })
  }

  private componentOf(params: Params): ComponentState {
    const name = nameOf(params['component'], 'component')
    const component = this.machine.state.components.get(name)
    if (component !== undefined) return component
    throw new CallRefusal('ERR_NOT_EXIST', `component ${name} is not in groups.conf`)
  }
}
