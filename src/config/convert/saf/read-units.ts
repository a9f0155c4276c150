import type { CheckContext } from '../../check-context.js'
import { newBlock, type Block } from '../../groups/block.js'
import type { Entry } from '../../parse.js'
import type { Attributes } from './attributes.js'
import type { Names } from './names.js'
import { childrenOf, type SafObject } from './tree.js'
import { UNBOUNDED, ownCapability, recoveryWords } from './words.js'

/** What is known of the whole file while it is read. */
export interface Reading {
  readonly context: CheckContext
  readonly attributes: Attributes
  readonly names: Names
  readonly instancesOf: ReadonlyMap<SafObject, readonly SafObject[]>
  readonly hosts: ReadonlyMap<SafObject, SafObject>
  /** Component service instances by name. */
  readonly csis: ReadonlyMap<string, { readonly group: SafObject; readonly type: string | undefined }>
  /** Types of component service instances in the order in which they are declared. */
  readonly typeOrder: ReadonlyMap<string, number>
  /** Given to protections so far. */
  readonly protectionNames: Set<string>
}

/** An attribute as a key of ours. @param convert null: it is not written, which it has reported */
export function put(
  block: Block,
  key: string,
  object: SafObject,
  attribute: string,
  { attributes }: Reading,
  convert: (entry: Entry) => string | null = ({ value }) => value,
): void {
  for (const entry of attributes.take(object, attribute)) {
    const value = convert(entry)
    if (value !== null) block.entries.push({ ...entry, key, value })
  }
}

/**
 * Ranks count from 1 there, and 0 is the lowest; here they count from 0, and 0 is the highest. Where none
 * says another, all stay 0.
 */
export function ranksOf(
  objects: readonly SafObject[],
  attribute: string,
  { attributes }: Reading,
): Map<SafObject, string> {
  const written = objects.map((object) => attributes.value(object, attribute) ?? '0')
  let lowest = 0
  for (const value of written) if (/^\d+$/.test(value)) lowest = Math.max(lowest, Number(value))
  if (lowest === 0) {
    for (const object of objects)
      attributes.expect(object, attribute, (value) => value === '0', 'it is no number')
    return new Map()
  }
  return new Map(
    objects.map((object, index) => {
      const value = written[index]
      return [object, /^\d+$/.test(value) ? String((Number(value) || lowest + 1) - 1) : value]
    }),
  )
}

/** The key `rank`, at the attribute or, where there is none, at the name. */
export function putRank(
  block: Block,
  object: SafObject,
  attribute: string,
  ranks: ReadonlyMap<SafObject, string>,
  { attributes }: Reading,
): void {
  const value = ranks.get(object)
  const [entry] = attributes.take(object, attribute)
  if (value === undefined || value === '0') return
  block.entries.push({ ...(entry ?? object.name), key: 'rank', value })
}

function readCapability(entry: Entry, { attributes }: Reading): string {
  if (entry.value !== 'non_preinstantiable') return ownCapability[entry.value] ?? entry.value
  attributes.lose(entry, 'components are there before they are given work; 1_active is taken for it')
  return '1_active'
}

function readRecovery(entry: Entry, { attributes }: Reading): string | null {
  const { value } = entry
  if (value === 'no_recommendation' || value === 'no_recomondation') return null
  const own = Object.entries(recoveryWords).find(([, word]) => word === value)
  if (own !== undefined) return own[0]
  const isFailfast = value === 'node_failfast'
  if (isFailfast) attributes.lose(entry, 'nodes are not restarted; node-failover is taken for it')
  else attributes.lose(entry, 'the recovery is that of a component for which none is given')
  return isFailfast ? 'node-failover' : null
}

/** A component is restarted by whoever started it, within the time that its command has there. */
function readRestart(block: Block, component: SafObject, reading: Reading): void {
  const { attributes } = reading
  const disabled = attributes.take(component, 'saAmfCompDisableRestart').at(0)?.value
  if (disabled === 'true' || disabled === '1') return
  const own = attributes.value(component, 'saAmfCompInstantiateTimeout')
  const attribute = own === undefined ? 'saAmfCompDefaultClcCliTimeout' : 'saAmfCompInstantiateTimeout'
  put(block, 'restart-timeout', component, attribute, reading)
}

function readHealthcheck(block: Block, component: SafObject, isClassic: boolean, reading: Reading): void {
  const [first, ...others] = childrenOf(component, 'safHealthcheckKey')
  for (const other of others) {
    for (const attribute of other.attributes.keys()) reading.attributes.take(other, attribute)
    reading.attributes.loseObject(other, 'a component has one health check')
  }
  if (first === undefined) {
    if (isClassic) block.entries.push({ ...component.name, key: 'healthcheck-interval', value: '0' })
    return
  }
  if (first.name.value !== 'default') reading.attributes.lose(first.name, 'health checks have no key')
  put(block, 'healthcheck-interval', first, 'saAmfHealthcheckPeriod', reading)
  put(block, 'healthcheck-max-duration', first, 'saAmfHealthcheckMaxDuration', reading)
}

/** Csis a component can have at a time. Of a model that says so itself the number is not repeated. */
function readBounds(block: Block, component: SafObject, isClassic: boolean, reading: Reading): void {
  const { attributes } = reading
  const capability = attributes.value(component, 'saAmfCompCapability') ?? 'x_active_and_y_standby'
  const hasStandby = isClassic || capability.endsWith('standby')
  const any = String(UNBOUNDED)
  const put1 = (key: string, attribute: string, isSilent: boolean): void => {
    if (isSilent || attributes.value(component, attribute) === any) attributes.take(component, attribute)
    else put(block, key, component, attribute, reading)
  }
  const isNone = capability === 'non_preinstantiable'
  put1('max-active-csis', 'saAmfCompNumMaxActiveCsi', isNone && !isClassic)
  put1('max-standby-csis', 'saAmfCompNumMaxStandbyCsi', !hasStandby)
}

function readComponent(component: SafObject, isClassic: boolean, reading: Reading): Block {
  const { attributes } = reading
  const block = newBlock('component', component.place)
  block.entries.push({ ...component.name, key: 'name', value: reading.names.of(component) })
  const isAware = (value: string): boolean => value === 'sa_aware'
  attributes.expect(component, 'saAmfCompCategory', isAware, 'every component speaks to the executive')
  put(block, 'model', component, 'saAmfCompCapability', reading, (entry) => readCapability(entry, reading))
  readBounds(block, component, isClassic, reading)
  readHealthcheck(block, component, isClassic, reading)
  const timeout = attributes.value(component, 'saAmfCompDefaultCallbackTimeOut')
  put(block, 'callback-timeout', component, 'saAmfCompDefaultCallbackTimeOut', reading)
  const isSame = (value: string): boolean => value === timeout
  attributes.expect(component, 'saAmfCompQuiescingCompleteTimeout', isSame, 'callback-timeout is for it, too')
  put(block, 'recovery', component, 'saAmfCompRecoveryOnError', reading, (entry) =>
    readRecovery(entry, reading),
  )
  readRestart(block, component, reading)
  return block
}

/** The units of a group, with their components. */
export function readUnits(
  group: Block,
  units: readonly SafObject[],
  isClassic: boolean,
  reading: Reading,
): void {
  const { attributes, hosts, names } = reading
  const ranks = ranksOf(units, 'saAmfSURank', reading)
  for (const unit of units) {
    const block = newBlock('unit', unit.place)
    block.entries.push({ ...unit.name, key: 'name', value: names.of(unit) })
    const host = hosts.get(unit)
    const [clmNode] = host === undefined ? [] : attributes.take(host, 'saAmfNodeClmNode')
    put(block, 'node', unit, 'saAmfSUHostedByNode', reading, ({ value }) => clmNode?.value ?? value)
    putRank(block, unit, 'saAmfSURank', ranks, reading)
    const components = childrenOf(unit, 'safComp')
    const isCount = (value: string): boolean => value === String(components.length)
    attributes.expect(unit, 'saAmfSUNumComponents', isCount, 'the components that are there count')
    const failsOver = (value: string): boolean => value === '1' || value === 'true'
    attributes.expect(unit, 'saAmfSUFailover', failsOver, 'a unit fails over as a whole')
    attributes.expect(unit, 'saAmfSUAdminState', (value) => value === '1', 'nothing is locked at the start')
    attributes.expect(unit, 'saAmfSUIsExternal', (value) => value === '0', 'units are of the cluster')
    for (const component of components) block.blocks.push(readComponent(component, isClassic, reading))
    group.blocks.push(block)
  }
}
