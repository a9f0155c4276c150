import { limits } from '../../base/index.js'
import type { Client, Request } from '../front.js'
import { shown } from '../shown.js'
import { DEFAULT_KEY } from './health-checks.js'
import type { LocalComponent } from './local-component.js'
import type { LocalComponents } from './local-components.js'
import type { Machine } from './machine.js'
import {
  CallRefusal,
  errorOf,
  invalid,
  nameOf,
  recoveryOf,
  subscriptionOf,
  wholeNumber,
  wordOf,
  type Params,
} from './params.js'
import type { AmfPort } from './port.js'

/** What a timer can hold. */
const PERIOD_MAX_MS = 2 ** 31 - 1
const PID_MAX = 2 ** 31 - 1
/** Where neither the call nor the configuration says one: as in classic groups. */
const CLASSIC_PERIOD_MS = 100

export type Method = (request: Request, params: Params) => void

/** What the application that registered a component says about it. */
export class ComponentCalls {
  readonly methods: Readonly<Record<string, Method>> = {
    componentUnregister: (request, params) => this.unregister(request, params),
    csiQuiescingComplete: (request, params) => this.quiescingComplete(request, params),
    response: (request, params) => this.response(request, params),
    lapsed: (request, params) => this.lapsed(request, params),
    demoted: (request, params) => this.demoted(request, params),
    healthcheckStart: (request, params) => this.healthcheckStart(request, params),
    healthcheckConfirm: (request, params) => this.healthcheckConfirm(request, params),
    healthcheckStop: (request, params) => this.healthcheckStop(request, params),
    pmStart: (request, params) => this.pmStart(request, params),
    pmStop: (request, params) => this.pmStop(request, params),
  }

  constructor(
    private readonly port: AmfPort,
    private readonly machine: Machine,
    private readonly components: LocalComponents,
  ) {}

  /** saAmfComponentRegister. */
  register(request: Request, params: Params): void {
    const name = nameOf(params['component'], 'component')
    const proxy = params['proxy'] ?? null
    const subscription = subscriptionOf(params['subscription'])
    this.components.register(request, name, this.proxyOf(request.client, name, proxy), subscription)
  }

  private proxyOf(client: Client, name: string, value: unknown): string | null {
    if (value === null) return null
    const proxy = nameOf(value, 'proxy')
    if (proxy === name) throw invalid(`component ${name} cannot be its own proxy`)
    const local = this.components.get(proxy)
    if (local?.client !== client || local.phase === 'leaving') {
      const text = `proxy ${proxy} is not registered by this connection: register it first`
      throw new CallRefusal('ERR_NOT_EXIST', text)
    }
    if (local.proxy !== null) throw invalid(`proxy ${proxy} is itself proxied by ${local.proxy}`)
    return proxy
  }

  /** saAmfComponentUnregister. */
  private unregister(request: Request, params: Params): void {
    const local = this.own(request, params)
    const proxied = this.components.of(request.client).find(({ proxy }) => proxy === local.name)
    if (proxied !== undefined) {
      const text = `${local.name} is the proxy of ${proxied.name}: unregister that one first`
      throw new CallRefusal('ERR_BAD_OPERATION', text)
    }
    this.components.unregister(local, () => request.answer(null))
  }

  /** saAmfResponse. */
  private response(request: Request, params: Params): void {
    const local = this.own(request, params)
    const { invocation } = params
    const error = errorOf(params['error'])
    const purpose = local.invocations.get(invocation)
    if (purpose === null || purpose.kind === 'demote') {
      if (local.invocations.takeWithdrawn(invocation)) return request.answer(null)
      throw unknownInvocation(local, invocation)
    }
    if (purpose.kind === 'operation') this.components.answered(local, error)
    else {
      local.invocations.end(invocation as number)
      this.onHealth(local, purpose.key, error)
    }
    request.answer(null)
  }

  private onHealth(local: LocalComponent, key: string, error: string | null): void {
    const check = local.health.get(key)
    if (check === undefined) return
    local.health.confirm(key, this.port.nowMs())
    if (error === null) return
    const text = `health check ${key} came to ${error}`
    this.components.fail(local, 'healthcheck-failed', check.recovery, text)
  }

  /** saAmfCSIQuiescingComplete. */
  private quiescingComplete(request: Request, params: Params): void {
    const local = this.own(request, params)
    const { invocation } = params
    const operation = local.quiescing.get(invocation as number)
    if (operation === undefined) throw unknownInvocation(local, invocation)
    local.quiescing.delete(invocation as number)
    this.components.quiesced(local, operation)
    request.answer(null)
  }

  private lapsed(request: Request, params: Params): void {
    const local = this.own(request, params)
    const seen = wholeNumber(params['seen'], 'seen', 0, Number.MAX_SAFE_INTEGER)
    this.components.lapsed(local, Math.min(seen, local.lastAssignment))
    request.answer(null)
  }

  private demoted(request: Request, params: Params): void {
    const local = this.own(request, params)
    const { invocation } = params
    const isAsked = local.invocations.get(invocation)?.kind === 'demote'
    if (isAsked && local.cleaning?.invocation === invocation) {
      this.components.finishCleaning(local, 'demoted')
    } else if (!local.invocations.takeWithdrawn(invocation)) {
      throw unknownInvocation(local, invocation)
    }
    request.answer(null)
  }

  /** saAmfHealthcheckStart. */
  private healthcheckStart(request: Request, params: Params): void {
    const local = this.own(request, params)
    const key = nameOf(params['key'], 'key')
    const invokedBy = wordOf(params['invocation'], 'invocation', ['amf', 'component'] as const)
    const config = this.machine.model?.components.get(local.name)?.config
    const period = params['periodMs'] ?? config?.healthcheckIntervalMs ?? CLASSIC_PERIOD_MS
    const duration = params['maxDurationMs'] ?? config?.healthcheckMaxDurationMs
    const periodMs = wholeNumber(period, 'periodMs', limits.amfHealthcheckPeriodMinMs, PERIOD_MAX_MS)
    const maxDurationMs = wholeNumber(duration, 'maxDurationMs', 1, PERIOD_MAX_MS)
    const recovery = recoveryOf(params['recovery'])
    const isDefault = key === DEFAULT_KEY && local.hasDefaultCheck
    if (local.health.get(key) !== undefined && !isDefault) {
      throw new CallRefusal('ERR_EXIST', `health check ${key} of ${local.name} is started already`)
    }
    if (local.health.size >= limits.amfHealthchecksOfComponent) {
      const text = `${local.name} has ${limits.amfHealthchecksOfComponent} health checks: stop one first`
      throw new CallRefusal('ERR_NO_RESOURCES', text)
    }
    if (isDefault) this.stopCheck(local, key)
    local.hasDefaultCheck ||= key === DEFAULT_KEY
    this.components.startCheck(local, { key, invokedBy, periodMs, maxDurationMs, recovery })
    request.answer(null)
  }

  /** saAmfHealthcheckConfirm. */
  private healthcheckConfirm(request: Request, params: Params): void {
    const local = this.own(request, params)
    const key = nameOf(params['key'], 'key')
    const error = errorOf(params['error'] ?? 'OK')
    if (local.health.get(key)?.invokedBy !== 'component') {
      const text = `${local.name} has started no health check ${key} of its own`
      throw new CallRefusal('ERR_NOT_EXIST', text)
    }
    this.onHealth(local, key, error)
    request.answer(null)
  }

  /** saAmfHealthcheckStop. */
  private healthcheckStop(request: Request, params: Params): void {
    const local = this.own(request, params)
    const key = nameOf(params['key'], 'key')
    if (local.health.get(key) === undefined) {
      throw new CallRefusal('ERR_NOT_EXIST', `${local.name} has no health check ${key}`)
    }
    this.stopCheck(local, key)
    request.answer(null)
  }

  private stopCheck(local: LocalComponent, key: string): void {
    const invocation = local.health.stop(key)
    if (invocation !== null) local.invocations.withdraw(invocation)
  }

  /** saAmfPmStart. */
  private pmStart(request: Request, params: Params): void {
    const local = this.own(request, params)
    const pid = wholeNumber(params['pid'], 'pid', 1, PID_MAX)
    const recovery = recoveryOf(params['recovery'])
    if (!local.processes.has(pid) && local.processes.size >= limits.amfProcessesOfComponent) {
      const text = `${limits.amfProcessesOfComponent} processes are watched for ${local.name}: stop one first`
      throw new CallRefusal('ERR_NO_RESOURCES', text)
    }
    const start = this.port.processStart(pid)
    if (start === null) throw new CallRefusal('ERR_NOT_EXIST', `there is no process ${pid} on this node`)
    local.processes.start({ pid, recovery, start }, this.port.nowMs())
    request.answer(null)
  }

  /** saAmfPmStop. */
  private pmStop(request: Request, params: Params): void {
    const local = this.own(request, params)
    const pid = wholeNumber(params['pid'], 'pid', 1, PID_MAX)
    if (!local.processes.has(pid)) {
      throw new CallRefusal('ERR_NOT_EXIST', `process ${pid} is not watched for ${local.name}`)
    }
    local.processes.stop(pid)
    request.answer(null)
  }

  /** The component a call is about, which this connection has registered. */
  private own({ client }: Request, params: Params): LocalComponent {
    const name = nameOf(params['component'], 'component')
    const local = this.components.get(name)
    if (local?.client === client && local.phase !== 'leaving' && local.request === null) return local
    if (local !== undefined && local.client !== client) {
      const text = `component ${name} was registered by another connection: that one alone speaks for it`
      throw new CallRefusal('ERR_BAD_HANDLE', text)
    }
    throw new CallRefusal('ERR_NOT_EXIST', `component ${name} is not registered by this connection`)
  }
}

function unknownInvocation({ name }: LocalComponent, invocation: unknown): CallRefusal {
  return invalid(`nothing of component ${name} by invocation ${shown(invocation)} waits for an answer`)
}
