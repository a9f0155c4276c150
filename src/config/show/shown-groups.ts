import type { Block, Scope } from '../groups/block.js'
import type {
  ComponentConfig,
  CsiConfig,
  GroupConfig,
  GroupsConfig,
  ServiceInstanceConfig,
  UnitConfig,
} from '../model/groups-config.js'
import { keysOf, type GroupsKey } from '../model/groups-keys.js'
import type { Entry } from '../parse.js'
import { parseDuration } from '../quantities.js'
import type { KeyValue } from './effective.js'
import { fromFile, type Origin, type ShownKey } from './shown-key.js'

/** A groups.conf that was read; `config` is what it comes to. */
export interface GroupsFile {
  readonly path: string
  readonly config: GroupsConfig
  readonly written: Block
}

/** The file, or a block of it: its keys, and what is in it. */
export interface ShownEntity {
  readonly kind: Scope
  /** Of the file: ''. */
  readonly name: string
  readonly keys: readonly ShownKey[]
  readonly entities: readonly ShownEntity[]
}

type Values = Readonly<Record<string, KeyValue | readonly string[]>>

/** What is known around a block. */
interface Around {
  readonly path: string
  /** The nearest lines of keys that inner blocks inherit. */
  readonly inherited: ReadonlyMap<string, Entry>
  /** The values that count, rather than what is written. */
  readonly effective: boolean
}

/** Keys that a block may give for those in it. */
const inheritable = [
  'healthcheck-interval',
  'healthcheck-max-duration',
  'callback-timeout',
  'recovery',
  'restart-timeout',
]

/** What a value follows from, where neither a line nor the default says it. */
const derivations: Readonly<Record<string, string>> = {
  lease: 'token: half of it',
  'active-units': 'model',
  'backup-units': 'model',
  'max-active-instances': 'the group: no service-instance, or its model',
  'max-active-csis': 'model',
  'max-standby-csis': 'model',
  'standby-assignments': 'backup-units',
  'healthcheck-interval': 'the group: it has no service-instance',
  recovery: 'restart-timeout',
  protection: 'name',
}

function fileValues(config: GroupsConfig, effectiveLeaseMs: number | null): Values {
  return {
    lease: effectiveLeaseMs ?? config.leaseMs,
    'takeover-delay': config.takeoverDelayMs,
    'no-quorum': config.noQuorum,
  }
}

function groupValues(group: GroupConfig): Values {
  return {
    name: group.name,
    model: group.model,
    'active-units': group.activeUnits,
    'backup-units': group.backupUnits,
    'max-active-instances': group.maxActiveInstances,
    'max-standby-instances': group.maxStandbyInstances,
    'component-restart-max': group.componentRestartMax,
    'component-restart-probation': group.componentRestartProbationMs,
    'unit-restart-max': group.unitRestartMax,
    'unit-restart-probation': group.unitRestartProbationMs,
    'unit-failover-max': group.unitFailoverMax,
    'unit-failover-probation': group.unitFailoverProbationMs,
  }
}

function componentValues(component: ComponentConfig): Values {
  return {
    name: component.name,
    model: component.capability,
    'max-active-csis': component.maxActiveCsis,
    'max-standby-csis': component.maxStandbyCsis,
    'healthcheck-interval': component.healthcheckIntervalMs ?? 0,
    'healthcheck-max-duration': component.healthcheckMaxDurationMs,
    'callback-timeout': component.callbackTimeoutMs,
    recovery: component.recovery,
    'restart-timeout': component.restartTimeoutMs,
  }
}

function csiValues({ name, rank, members, attributes }: CsiConfig): Values {
  const lines = attributes.flatMap((attribute) => {
    return attribute.values.map((value) => `${attribute.name}:${value}`)
  })
  return { name, rank, member: members, attribute: lines }
}

function unitOf(key: GroupsKey): string {
  return key.kind === 'duration' ? 'ms' : ''
}

/** What a line says: a number as a number, a time in milliseconds. */
function writtenValue(key: GroupsKey, { value }: Entry): KeyValue {
  if (key.kind === 'number') return Number(value)
  if (key.kind !== 'duration') return value
  const parsed = /^\d+$/.test(value) ? { value: Number(value) } : parseDuration(value)
  return 'value' in parsed ? parsed.value : value
}

/** The value of a key in a block, and where it comes from. @param values of what the block comes to */
function shownKey(key: GroupsKey, block: Block, values: Values, around: Around): ShownKey | null {
  const { name } = key
  const unit = unitOf(key)
  const lines = block.entries.filter((entry) => entry.key === name)
  const isHandedOn = inheritable.includes(name) && block.scope !== 'component'
  // A block that only hands a key on has it where it gives it.
  if (lines.length === 0 && isHandedOn) return null
  const entry = lines[0] ?? (inheritable.includes(name) ? around.inherited.get(name) : undefined)
  if (key.kind === 'names' || key.kind === 'attributes') {
    const origin = entry === undefined ? unwritten(key, null) : fromFile(around.path, entry)
    return { key: name, value: lines.map(({ value }) => value), unit, origin }
  }
  const value = values[name] ?? null
  if (entry === undefined) return { key: name, value, unit, origin: unwritten(key, value) }
  const written = writtenValue(key, entry)
  const isOverruled = around.effective && !isHandedOn && written !== value
  return isOverruled
    ? { key: name, value, unit, origin: { kind: 'derived', from: derivations[name] ?? 'model' } }
    : { key: name, value: written, unit, origin: fromFile(around.path, entry) }
}

function unwritten(key: GroupsKey, value: KeyValue | readonly string[]): Origin {
  const first = key.defaultText.split(';')[0]!.split(',')[0]!.replaceAll('`', '').trim()
  if (value === null) return { kind: 'default', text: key.defaultText.replaceAll('`', '') }
  if (first === String(value)) return { kind: 'default', text: null }
  const from = derivations[key.name]
  return from === undefined ? { kind: 'default', text: null } : { kind: 'derived', from }
}

function entity(
  block: Block,
  values: Values,
  around: Around,
  inner: (around: Around) => ShownEntity[],
): ShownEntity {
  const inherited = new Map(around.inherited)
  for (const entry of block.entries) if (inheritable.includes(entry.key)) inherited.set(entry.key, entry)
  const keys: ShownKey[] = []
  for (const key of keysOf(block.scope).values()) {
    const shown = key.name === 'name' ? null : shownKey(key, block, values, around)
    if (shown !== null) keys.push(shown)
  }
  const name = block.entries.find(({ key }) => key === 'name')?.value ?? ''
  return { kind: block.scope, name, keys, entities: inner({ ...around, inherited }) }
}

const within = (block: Block, scope: Scope): Block[] => block.blocks.filter((one) => one.scope === scope)

function shownUnit(block: Block, unit: UnitConfig, around: Around): ShownEntity {
  const { name, node, rank } = unit
  return entity(block, { name, node, rank }, around, (inner) => {
    return block.blocks.map((one, at) => entity(one, componentValues(unit.components[at]!), inner, () => []))
  })
}

function shownInstance(block: Block, instance: ServiceInstanceConfig, around: Around): ShownEntity {
  const values = {
    name: instance.name,
    rank: instance.rank,
    'standby-assignments': instance.standbyAssignments,
  }
  return entity(block, values, around, (inner) => {
    return block.blocks.map((one, at) => {
      const csi = instance.csis[at]!
      return entity(one, { ...csiValues(csi), protection: protectionOf(one) }, inner, () => [])
    })
  })
}

/** A csi uses the protection of its own name, where it names none. */
function protectionOf(block: Block): string | null {
  const find = (name: string): string | undefined => block.entries.find(({ key }) => key === name)?.value
  return find('protection') ?? find('name') ?? null
}

/** A service instance that nobody wrote, of a group without any. */
function impliedInstance(instance: ServiceInstanceConfig): ShownEntity {
  const from = (what: string): Origin => ({ kind: 'derived', from: what })
  const key = (name: string, value: ShownKey['value'], origin: Origin): ShownKey => {
    return { key: name, value, unit: '', origin }
  }
  const csis = instance.csis.map(({ name, members }): ShownEntity => {
    const keys = [key('member', members, from('the protection'))]
    return { kind: 'csi', name, keys, entities: [] }
  })
  const standbys = key('standby-assignments', instance.standbyAssignments, from('backup-units'))
  return { kind: 'service-instance', name: instance.name, keys: [standbys], entities: csis }
}

function shownGroup(block: Block, group: GroupConfig, around: Around): ShownEntity {
  return entity(block, groupValues(group), around, (inner) => {
    const units = within(block, 'unit').map((one, at) => shownUnit(one, group.units[at]!, inner))
    const protections = within(block, 'protection').map((one) => entity(one, {}, inner, () => []))
    const written = within(block, 'service-instance')
    const isImplied = group.isClassic && around.effective
    const instances = isImplied
      ? group.serviceInstances.map(impliedInstance)
      : written.map((one, at) => shownInstance(one, group.serviceInstances[at]!, inner))
    return [...units, ...protections, ...instances]
  })
}

/**
 * A groups.conf as a tree of what it has, each with its keys.
 * @param effectiveLeaseMs the lease that components really get; null: only what the file says is wanted, and
 * its defaults
 */
export function shownGroups(file: GroupsFile, effectiveLeaseMs: number | null): ShownEntity {
  const { path, config, written } = file
  const around: Around = { path, inherited: new Map(), effective: effectiveLeaseMs !== null }
  return entity(written, fileValues(config, effectiveLeaseMs), around, (inner) => {
    return written.blocks.map((block, at) => shownGroup(block, config.groups[at]!, inner))
  })
}

/** Where the lease comes from that components really get. */
export function leaseOrigin({ path, written }: GroupsFile): Origin {
  const entry = written.entries.find(({ key }) => key === 'lease')
  return entry === undefined ? { kind: 'derived', from: derivations['lease']! } : fromFile(path, entry)
}
