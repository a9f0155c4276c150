import { redundancyModels, type RedundancyModel } from '../../base/index.js'
import type { CheckContext } from '../check-context.js'
import { isServed, servedModels } from '../model/groups-soundness.js'
import type { Block } from './block.js'
import type { GroupDraft, Named, ProtectionDraft } from './draft.js'
import type { Fields } from './fields.js'
import { readInstance } from './read-instance.js'
import { named, readUnit, reportEmpty } from './read-unit.js'

function readModel(fields: Fields, context: CheckContext): RedundancyModel | null {
  const given = fields.name('model')
  if (given === undefined) return null
  const model = redundancyModels.find((one) => one === given.value)!
  if (isServed(model)) return model
  context.error(given.entry, {
    code: 'model-unserved',
    message: `model ${model} is not served by this version`,
    expected: servedModels.join(', '),
  })
  return null
}

function readProtection(block: Block, outer: Fields, context: CheckContext): ProtectionDraft {
  const self = named(block, outer, context)
  return { ...self, members: self.fields.all('member'), carriers: [], isUsed: false }
}

function byName<T extends Named>(things: readonly T[]): Map<string, T> {
  const found = new Map<string, T>()
  for (const thing of things) if (thing.name !== null && !found.has(thing.name)) found.set(thing.name, thing)
  return found
}

/** What one group says; what only the whole file can tell is not checked yet. */
export function readGroup(block: Block, outer: Fields, context: CheckContext): GroupDraft {
  const self = named(block, outer, context)
  const { fields } = self
  const model = readModel(fields, context)
  const inner = (scope: Block['scope']): Block[] => block.blocks.filter((one) => one.scope === scope)
  const isAlone = model === 'noredundancy'
  const group: GroupDraft = {
    ...self,
    model,
    isClassic: inner('service-instance').length === 0,
    activeUnits: fields.number('active-units')?.value ?? (isAlone ? Math.max(1, inner('unit').length) : 1),
    backupUnits: isAlone ? 0 : (fields.number('backup-units')?.value ?? 1),
    units: [],
    protections: inner('protection').map((one) => readProtection(one, fields, context)),
    instances: [],
  }
  for (const one of inner('unit')) group.units.push(readUnit(one, group, context))
  const protections = byName(group.protections)
  for (const one of inner('service-instance')) {
    group.instances.push(readInstance(one, fields, protections, group.backupUnits, context))
  }
  if (group.units.length === 0) reportEmpty(group, 'unit', context)
  if (group.protections.length === 0) reportEmpty(group, 'protection', context)
  return group
}
