import type { ComponentConfig } from '../../model/groups-config.js'
import { isRestart } from '../../groups/check-recovery.js'
import {
  entryOf,
  inheritedEntry,
  type Losses,
  type PlannedComponent,
  type PlannedGroup,
} from '../saf/plan.js'
import type { XmlWriter } from '../xml/write-xml.js'
import type { Ids } from './ids.js'
import { MODEL_META, NAME_META, onFailWords } from './words.js'

/** A component at one place of all units of a group, and what it is called on some of their nodes. */
export interface Role {
  readonly component: PlannedComponent
  readonly names: readonly { readonly node: string; readonly name: string }[]
}

type Pairs = readonly (readonly [name: string, value: string | number])[]

/** Is it brought back by whoever started it, and meant to be? */
export function isRestarted({ recovery, restartTimeoutMs }: ComponentConfig): boolean {
  return isRestart(recovery) && restartTimeoutMs !== null
}

export class ResourceWriter {
  constructor(
    private readonly xml: XmlWriter,
    private readonly ids: Ids,
    private readonly losses: Losses,
  ) {}

  /** Names and values as pacemaker has them, in an element of a kind. */
  pairs(tag: string, id: string, pairs: Pairs, node: string | null = null): void {
    const own = this.ids.take(id)
    this.xml.element(tag, { id: own }, () => {
      if (node !== null) {
        this.xml.element('rule', { id: this.ids.take(`${own}-rule`), score: 'INFINITY' }, () => {
          const expression = {
            id: this.ids.take(`${own}-node`),
            attribute: '#uname',
            operation: 'eq',
            value: node,
          }
          this.xml.empty('expression', expression)
        })
      }
      for (const [name, value] of pairs)
        this.xml.empty('nvpair', { id: this.ids.take(`${own}-${name}`), name, value })
    })
  }

  /** A group whose units back each other: as many instances of one unit, some of them promoted. */
  clone(group: PlannedGroup, id: string, roles: readonly Role[]): void {
    const { name, model, activeUnits, backupUnits } = group.config
    this.xml.element('clone', { id }, () => {
      this.pairs('meta_attributes', `${id}-meta`, [
        ...nameOf(id, name),
        [MODEL_META, model],
        ['promotable', 'true'],
        ['promoted-max', activeUnits],
        ['promoted-node-max', 1],
        ['clone-max', Math.min(activeUnits + backupUnits, group.units.length)],
        ['clone-node-max', 1],
      ])
      this.xml.element('group', { id: this.ids.take(`${id}-unit`) }, () => {
        for (const role of roles) this.primitive(group, role, true)
      })
    })
  }

  /** A unit that nobody backs. @returns its id */
  unit(group: PlannedGroup, name: string, components: readonly PlannedComponent[]): string {
    const id = this.ids.take(name)
    this.xml.element('group', { id }, () => {
      if (id !== name) this.pairs('meta_attributes', `${id}-meta`, nameOf(id, name))
      for (const component of components) this.primitive(group, { component, names: [] }, false)
    })
    return id
  }

  private primitive(group: PlannedGroup, { component, names }: Role, isPromotable: boolean): void {
    const { config, types } = component
    const id = this.ids.take(config.name)
    this.xml.comment(`model ${config.capability}; protections: ${types.join(', ') || 'none'}`)
    this.xml.element('primitive', { id, class: 'ocf', provider: 'ais', type: 'component' }, () => {
      this.pairs('instance_attributes', `${id}-params`, [['name', config.name]])
      for (const { node, name } of names)
        this.pairs('instance_attributes', `${id}-params-${node}`, [['name', name]], node)
      const { componentRestartMax, componentRestartProbationMs } = group.config
      this.pairs('meta_attributes', `${id}-meta`, [
        ['migration-threshold', isRestarted(config) ? componentRestartMax + 1 : 1],
        ['failure-timeout', `${componentRestartProbationMs}ms`],
      ])
      this.xml.element('operations', {}, () => this.operations(id, config, isPromotable))
    })
    this.lose(component)
  }

  private operations(id: string, config: ComponentConfig, isPromotable: boolean): void {
    const { healthcheckIntervalMs, healthcheckMaxDurationMs, callbackTimeoutMs } = config
    const operation = (name: string, timeoutMs: number, more: Readonly<Record<string, string>> = {}): void =>
      this.xml.empty('op', {
        id: this.ids.take(`${id}-${name}`),
        name,
        interval: '0s',
        timeout: `${timeoutMs}ms`,
        ...more,
      })
    if (healthcheckIntervalMs !== null) {
      const onFail = { 'on-fail': onFailWords[config.recovery] }
      // Two operations of one name differ in their intervals.
      const roles = isPromotable ? (['Promoted', 'Unpromoted'] as const) : ([null] as const)
      for (const [index, role] of roles.entries()) {
        const interval = `${healthcheckIntervalMs + index}ms`
        operation('monitor', healthcheckMaxDurationMs, {
          interval,
          ...(role === null ? {} : { role }),
          ...onFail,
        })
      }
    }
    if (isRestarted(config)) operation('start', config.restartTimeoutMs!)
    for (const name of isPromotable ? ['promote', 'demote', 'stop'] : ['stop'])
      operation(name, callbackTimeoutMs)
  }

  /** What a resource cannot say of a component. */
  private lose({ config, blocks }: PlannedComponent): void {
    const own = (key: string, why: string): void => this.losses.lose(entryOf(blocks[0], key), why)
    const given = (key: string, why: string): void => this.losses.lose(inheritedEntry(blocks, key), why)
    own('model', 'a resource is promoted or not, whatever it can be')
    own('max-active-csis', 'there are no component service instances')
    own('max-standby-csis', 'there are no component service instances')
    if (config.healthcheckIntervalMs === null) {
      given(
        'healthcheck-max-duration',
        'it goes with an interval, and the executive asks for no health check',
      )
      given('recovery', 'it goes with a monitor operation, and there is none')
    }
    const { recovery, restartTimeoutMs } = config
    if (recovery === 'unit-restart') given('recovery', 'restart of the resource stands in its place')
    if (restartTimeoutMs === null && isRestart(recovery)) given('recovery', 'nobody restarts the component')
    if (restartTimeoutMs !== null && !isRestart(recovery)) {
      given('restart-timeout', 'a resource whose failures are answered otherwise is not restarted')
    }
  }
}

function nameOf(id: string, name: string): Pairs {
  return id === name ? [] : [[NAME_META, name]]
}
