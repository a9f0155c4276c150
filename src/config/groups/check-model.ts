import { keyPosition, type CheckContext } from '../check-context.js'
import type { Entry } from '../parse.js'
import type { GroupDraft } from './draft.js'

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function warnUnused(entry: Entry | undefined, why: string, context: CheckContext): void {
  if (entry === undefined) return
  const message = `${entry.key} has no effect: ${why}`
  const finding = { code: 'key-unused', message, expected: `no line for ${entry.key}` } as const
  context.report('warning', entry.key, keyPosition(entry), finding)
}

/** What cannot be reached, at the line of the key that asks for it. */
function warnUnreachable(group: GroupDraft, key: string, message: string, context: CheckContext): void {
  const given = group.fields.number(key)
  const finding = { code: 'model-unreachable', message, expected: null } as const
  if (given === undefined) context.report('warning', null, group.place, { code: finding.code, message })
  else context.warning(given.entry, { code: finding.code, message })
}

function checkNumbers(group: GroupDraft, context: CheckContext): void {
  const { fields, model, activeUnits, backupUnits, units } = group
  const active = fields.number('active-units')
  const backup = fields.number('backup-units')
  if (model === '2n' && activeUnits !== 1 && active !== undefined) {
    const message = `in 2n one unit is active, and active-units is ${activeUnits}`
    const expected = 'active-units=1, or model=nplusm'
    context.error(active.entry, { code: 'value-conflict', message, expected })
  }
  if (model === '2n' && backupUnits > 1 && backup !== undefined) {
    const effect = group.isClassic ? '; all of them stand by here' : ''
    context.report(group.isClassic ? 'warning' : 'error', 'backup-units', keyPosition(backup.entry), {
      code: 'value-conflict',
      message: `in 2n one unit stands by, and backup-units is ${backupUnits}${effect}`,
      expected: 'backup-units=1, or model=nplusm',
    })
  }
  if (model === 'noredundancy' && (backup?.value ?? 0) > 0) {
    warnUnused(backup!.entry, 'in noredundancy no unit stands by', context)
  }
  if (units.length === 0) return
  const there = `and this group has ${units.length}`
  const wanted =
    backupUnits === 0
      ? `active-units (${activeUnits})`
      : `active-units (${activeUnits}) and backup-units (${backupUnits})`
  if (activeUnits + backupUnits > units.length && (active ?? backup) !== undefined) {
    const key = activeUnits > units.length || backup === undefined ? 'active-units' : 'backup-units'
    const message = `${wanted} ask for ${plural(activeUnits + backupUnits, 'unit')}, ${there}`
    warnUnreachable(group, key, message, context)
  }
}

/** Keys about the number of service instances a unit has. */
function checkInstanceBounds(group: GroupDraft, context: CheckContext): void {
  const { fields, model, isClassic } = group
  const active = fields.number('max-active-instances')
  if (model === 'noredundancy') {
    warnUnused(fields.entry('max-standby-instances'), 'in noredundancy no unit stands by', context)
    if (active !== undefined && active.value !== 1) {
      const message = `in noredundancy a unit has one instance, and max-active-instances is ${active.value}`
      const expected = 'max-active-instances=1, or model=nplusm'
      context.error(active.entry, { code: 'value-conflict', message, expected })
    }
  } else if (isClassic) {
    const why = 'without service-instance blocks a unit is active for one implied instance'
    warnUnused(active?.entry, why, context)
  }
}

/** Is there room for all service instances that are written? */
function checkRoom(group: GroupDraft, context: CheckContext): void {
  const { instances, model, units } = group
  if (instances.length === 0 || units.length === 0) return
  const activeUnits = Math.min(group.activeUnits, units.length)
  const each = model === 'noredundancy' ? 1 : (group.fields.number('max-active-instances')?.value ?? Infinity)
  if (instances.length > activeUnits * each) {
    const message =
      `${plural(instances.length, 'service instance')} and room for ${activeUnits * each}: ` +
      `${plural(activeUnits, 'active unit')}, each for ${each}`
    warnUnreachable(group, 'max-active-instances', message, context)
  }
  const backupUnits = Math.min(group.backupUnits, Math.max(0, units.length - 1))
  const standbyEach = group.fields.number('max-standby-instances')?.value ?? Infinity
  const wanted = instances.reduce((sum, one) => sum + Math.min(one.standbyAssignments, backupUnits), 0)
  if (backupUnits > 0 && wanted > backupUnits * standbyEach) {
    const message =
      `${plural(wanted, 'standby assignment')} and room for ${backupUnits * standbyEach}: ` +
      `${plural(backupUnits, 'backup unit')}, each for ${standbyEach}`
    warnUnreachable(group, 'max-standby-instances', message, context)
  }
  for (const { fields } of instances) {
    const given = fields.number('standby-assignments')
    if (given === undefined || given.value <= group.backupUnits) continue
    if (model === 'noredundancy') warnUnused(given.entry, 'in noredundancy no unit stands by', context)
    else {
      const message = `standby-assignments is ${given.value}, and backup-units is ${group.backupUnits}`
      context.warning(given.entry, { code: 'model-unreachable', message })
    }
  }
}

/** Units that back each other on one node fall together. */
function checkNodes(group: GroupDraft, context: CheckContext): void {
  if (group.model === 'noredundancy') return
  const first = new Map<string, Entry>()
  for (const { fields } of group.units) {
    const given = fields.name('node')
    if (given === undefined) continue
    const other = first.get(given.value)
    if (other === undefined) first.set(given.value, given.entry)
    else {
      const message = `by line ${other.line} another unit of this group is on this node: they fail together`
      const expected = 'units of one group on different nodes'
      context.warning(given.entry, { code: 'node-shared', message, expected })
    }
  }
}

/** Can the model of a group be satisfied by its units, and its numbers be reached? */
export function checkModel(group: GroupDraft, context: CheckContext): void {
  checkNumbers(group, context)
  checkInstanceBounds(group, context)
  checkRoom(group, context)
  checkNodes(group, context)
  const probation = group.fields.entry('unit-failover-probation')
  if (group.fields.entry('unit-failover-max') === undefined) {
    warnUnused(probation, 'without unit-failover-max failovers are not counted', context)
  }
}
