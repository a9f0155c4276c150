import { quoted, valuePosition, type CheckContext } from '../check-context.js'
import { trimmed } from '../groups/blanks.js'
import type { Block, GroupsSource } from '../groups/block.js'

/** Keys whose values are names: there blanks at the ends do not count, as everywhere in a groups.conf. */
const NAMES: readonly string[] = ['name', 'member', 'node', 'protection']

function trimNamesIn(block: Block, context: CheckContext): void {
  for (const [index, entry] of block.entries.entries()) {
    const value = trimmed(entry.value)
    if (!NAMES.includes(entry.key) || value === entry.value) continue
    block.entries[index] = { ...entry, value }
    context.report('warning', entry.key, valuePosition(entry), {
      code: 'value-form',
      message: `${quoted(entry.value)} is read as ${quoted(value)}: names have no blanks at their ends`,
      expected: 'a name without blanks at its ends',
    })
  }
  for (const inner of block.blocks) trimNamesIn(inner, context)
}

/** Other systems have names with blanks at their ends, which a groups.conf cannot say. */
export function trimNames({ file, misplaced }: GroupsSource, context: CheckContext): void {
  for (const block of [file, ...misplaced]) trimNamesIn(block, context)
}
