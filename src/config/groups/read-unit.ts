import type { CapabilityModel, ComponentRecovery } from '../../base/index.js'
import { valuePosition, type CheckContext } from '../check-context.js'
import type { Block } from './block.js'
import type { ComponentDraft, GroupDraft, Named, UnitDraft } from './draft.js'
import { Fields } from './fields.js'

/** The freest capability of the standard. */
const DEFAULT_CAPABILITY: CapabilityModel = 'x_active_and_y_standby'

/** Does the model of a component know a standby? */
export function hasStandby(capability: CapabilityModel): boolean {
  return capability.endsWith('standby')
}

export function named(block: Block, outer: Fields | null, context: CheckContext): Named {
  const fields = new Fields(block, outer, context)
  const entry = fields.entry('name')
  return {
    fields,
    name: fields.name('name')?.value ?? null,
    place: entry === undefined ? block.place : valuePosition(entry),
  }
}

/** A block that needs another one in it, or a line, and has none. */
export function reportEmpty(what: Named, needed: string, context: CheckContext): void {
  const { scope, place } = what.fields.block
  const message = `this ${scope} has no ${needed}`
  context.report('error', scope, place, { code: 'block-empty', message, expected: `a ${needed} in it` })
}

/** Assignments of one kind that a component can have at a time; null: any number. */
function bound(given: number | undefined, isNone: boolean, isOne: boolean): number | null {
  if (isNone) return 0
  return isOne ? 1 : (given ?? null)
}

function readComponent(block: Block, unit: UnitDraft, context: CheckContext): ComponentDraft {
  const self = named(block, unit.fields, context)
  const { fields } = self
  const capability = (fields.name('model')?.value ?? DEFAULT_CAPABILITY) as CapabilityModel
  // Without service-instance blocks a model withholds no assignment: groups.conf of the original work as
  // ever.
  const isStrict = !unit.group.isClassic
  return {
    ...self,
    unit,
    index: unit.components.length,
    capability,
    maxActiveCsis: bound(
      fields.number('max-active-csis')?.value,
      isStrict && capability === 'no_active',
      capability.startsWith('1_active'),
    ),
    maxStandbyCsis: bound(
      fields.number('max-standby-csis')?.value,
      isStrict && !hasStandby(capability),
      capability === '1_active_or_1_standby',
    ),
    recovery: fields.inherited<ComponentRecovery>('recovery'),
    restartTimeout: fields.inherited<number>('restart-timeout'),
  }
}

export function readUnit(block: Block, group: GroupDraft, context: CheckContext): UnitDraft {
  const unit: UnitDraft = { ...named(block, group.fields, context), group, components: [] }
  for (const inner of block.blocks) unit.components.push(readComponent(inner, unit, context))
  if (unit.components.length === 0) reportEmpty(unit, 'component', context)
  return unit
}
