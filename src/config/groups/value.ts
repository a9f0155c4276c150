import { quoted, type CheckContext } from '../check-context.js'
import {
  groupsRangeText,
  type GroupsChoiceKey,
  type GroupsKey,
  type GroupsNumberKey,
} from '../model/groups-keys.js'
import type { Entry } from '../parse.js'
import { trimmed } from './blanks.js'
import { movingComment, revaluing } from '../fixes.js'
import type { Fix } from '../model/diagnostic.js'
import { onlyTypoOf } from '../nearest.js'
import { parseDuration } from '../quantities.js'

function expectedOf(key: GroupsKey): string {
  if (key.kind === 'number') return `${key.name}: a whole number, ${groupsRangeText(key)}`
  if (key.kind === 'duration') return `${key.name}: ${groupsRangeText(key)} ms; or with a unit: 500ms, 2s, 1m`
  return `${key.name}: ${groupsRangeText(key)}`
}

/** What a value that cannot be read was meant to be, if it is plain: in words, and the fix. */
function hintOf(entry: Entry, isGood: (value: string) => boolean): { readonly hint: string; fix?: Fix } {
  const { value } = entry
  const hash = value.indexOf('#')
  const before = trimmed(value.slice(0, Math.max(hash, 0)))
  if (hash !== -1 && isGood(before)) {
    const fix = movingComment(entry, before, value.slice(hash))
    return { hint: ' (a comment needs a line of its own)', ...fix }
  }
  const inner = /^(["'`])(.*)\1$/u.exec(value)
  if (inner !== null && isGood(inner[2])) {
    return { hint: ' (values are written without quotes)', ...revaluing(entry, inner[2], true) }
  }
  const plain = trimmed(value.replace(/[;,]$/, ''))
  if (!isGood(plain)) return { hint: '' }
  return { hint: ' (nothing ends a value but the end of its line)', ...revaluing(entry, plain, true) }
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
    const { hint, ...fix } = hintOf(entry, (text) => numberOf(key, text) !== null)
    const message = `${key.name} ${quoted(value)} is not ${kind}${hint}`
    context.error(entry, { code: 'value-invalid', message, expected: expectedOf(key), ...fix })
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
  const meant = isGood(spelled) ? spelled : onlyTypoOf(value, key.choices)
  const known = hintOf(entry, isGood)
  const hint = known.hint || (suggestion === null ? '' : `, did you mean "${suggestion}"?`)
  const typo = revaluing(entry, meant ?? suggestion, meant !== null)
  context.error(entry, {
    code: 'value-invalid',
    message: `${key.name} ${quoted(value)} is unknown${hint}`,
    expected: expectedOf(key),
    ...(known.fix === undefined ? typo : { fix: known.fix }),
  })
  return null
}
