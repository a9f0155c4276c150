import { quoted, type CheckContext } from '../check-context.js'
import {
  groupsRangeText,
  type GroupsChoiceKey,
  type GroupsKey,
  type GroupsNumberKey,
} from '../model/groups-keys.js'
import type { Entry } from '../parse.js'
import { trimmed } from './blanks.js'
import { parseDuration } from '../quantities.js'

function expectedOf(key: GroupsKey): string {
  if (key.kind === 'number') return `${key.name}: a whole number, ${groupsRangeText(key)}`
  if (key.kind === 'duration') return `${key.name}: ${groupsRangeText(key)} ms; or with a unit: 500ms, 2s, 1m`
  return `${key.name}: ${groupsRangeText(key)}`
}

/** What a value that cannot be read was meant to be, if it is plain. */
function hintOf(value: string, isGood: (value: string) => boolean): string {
  const before = trimmed(value.split('#')[0])
  if (before !== value && isGood(before)) return ' (a comment needs a line of its own)'
  const inner = /^(["'`])(.*)\1$/u.exec(value)
  if (inner !== null && isGood(inner[2])) return ' (values are written without quotes)'
  if (isGood(value.replace(/[;,]$/, ''))) return ' (nothing ends a value but the end of its line)'
  return ''
}

/** A number as the key has it; null if it is none. */
function numberOf(key: GroupsNumberKey, text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text)
  if (key.kind === 'number') return null
  const parsed = parseDuration(text)
  return 'value' in parsed && Number.isFinite(parsed.value) ? parsed.value : null
}

/** @returns the number (of milliseconds), or null after an error was reported */
export function checkNumber(key: GroupsNumberKey, entry: Entry, context: CheckContext): number | null {
  const { value } = entry
  const number = numberOf(key, value)
  if (number === null) {
    const kind = key.kind === 'number' ? 'a whole number' : 'a time'
    const hint = hintOf(value, (text) => numberOf(key, text) !== null)
    const message = `${key.name} ${quoted(value)} is not ${kind}${hint}`
    context.error(entry, { code: 'value-invalid', message, expected: expectedOf(key) })
    return null
  }
  if (number >= key.min && number <= key.max) return number
  const unit = key.kind === 'duration' ? ' ms' : ''
  const message = `${key.name} ${quoted(value)} is out of range: ${groupsRangeText(key)}${unit}`
  context.error(entry, { code: 'value-range', message, expected: expectedOf(key) })
  return null
}

/** @returns the word, or null after an error was reported */
export function checkWord(key: GroupsChoiceKey, entry: Entry, context: CheckContext): string | null {
  const { value } = entry
  const isGood = (text: string): boolean => key.choices.includes(text)
  if (isGood(value)) return value
  // Later releases of the original spell the number.
  const spelled = value.replace(/^one_/, '1_')
  const suggestion = isGood(spelled) ? spelled : context.suggestion(value, key.choices)
  const hint = hintOf(value, isGood) || (suggestion === null ? '' : `, did you mean "${suggestion}"?`)
  context.error(entry, {
    code: 'value-invalid',
    message: `${key.name} ${quoted(value)} is unknown${hint}`,
    expected: expectedOf(key),
  })
  return null
}
