import { limits } from '../../base/index.js'
import { CheckContext } from '../check-context.js'
import type { Diagnostic } from '../model/diagnostic.js'
import type { GroupsConfig } from '../model/groups-config.js'
import { groupsText, utf8Octets } from '../model/groups-text.js'
import { assemble } from './assemble.js'
import type { Block, GroupsSource } from './block.js'
import { checkCapability } from './check-capability.js'
import { checkCarry } from './check-carry.js'
import { checkLimits } from './check-limits.js'
import { checkMembers, checkUnused } from './check-members.js'
import { checkModel } from './check-model.js'
import { checkNames } from './check-names.js'
import { checkRecovery } from './check-recovery.js'
import { Fields } from './fields.js'
import { parseBlocks } from './parse-blocks.js'
import { readGroup } from './read-group.js'

/** A checked groups.conf: what it means, unless there are errors, and all that was found. */
export type CheckedGroups =
  | {
      readonly ok: true
      readonly config: GroupsConfig
      /** The file as it was written: its keys and blocks, with their places. */
      readonly written: Block
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** Keys in places without meaning have their own mistakes. @returns names of the components among them */
function checkMisplaced(blocks: readonly Block[], file: Fields, context: CheckContext): Set<string> {
  const names = new Set<string>()
  const look = (block: Block): void => {
    const name = new Fields(block, file, context).name('name')
    if (block.scope === 'component' && name !== undefined) names.add(name.value)
    for (const inner of block.blocks) look(inner)
  }
  for (const block of blocks) look(block)
  return names
}

function checkTimes(file: Fields, context: CheckContext): void {
  const lease = file.number('lease')
  const delay = file.number('takeover-delay')
  if (lease === undefined || delay === undefined || delay.value <= lease.value) return
  context.warning(delay.entry, {
    code: 'value-conflict',
    message: `takeover-delay (${delay.value}) is longer than lease (${lease.value}): time is lost`,
    expected: `takeover-delay at most ${lease.value}`,
  })
}

/** Check blocks wherever they come from. */
export function checkGroupsSource(source: GroupsSource, context: CheckContext): CheckedGroups {
  const file = new Fields(source.file, null, context)
  checkTimes(file, context)
  const groups = source.file.blocks.map((block) => readGroup(block, file, context))
  const misplaced = checkMisplaced(source.misplaced, file, context)
  checkNames(groups, context)
  checkMembers(groups, misplaced, context)
  const fits = checkLimits(groups, context)
  for (const group of groups) {
    checkUnused(group, context)
    checkModel(group, context)
    checkCapability(group, context)
    if (fits) checkCarry(group, context)
    checkRecovery(group, context)
  }
  if (!fits || context.hasErrors) return { ok: false, diagnostics: context.finish() }
  const config = assemble(file, groups)
  const octets = utf8Octets(groupsText(config))
  if (octets > limits.amfConfigOctets) {
    context.report('error', null, source.file.place, {
      code: 'limit-exceeded',
      message: `what the file comes to has ${octets} octets`,
      expected: `at most ${limits.amfConfigOctets}`,
    })
    return { ok: false, diagnostics: context.finish() }
  }
  return { ok: true, config, written: source.file, diagnostics: context.finish() }
}

/** Check the text of a groups.conf: all mistakes at once, in the order of the file. Never throws. */
export function checkGroupsText(text: string): CheckedGroups {
  const context = new CheckContext()
  return checkGroupsSource(parseBlocks(text, context), context)
}
