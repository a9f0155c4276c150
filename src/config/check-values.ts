import { quoted, type CheckContext } from './check-context.js'
import {
  rangeText,
  type AddedKey,
  type ChoiceKey,
  type IntegerKey,
  type TextKey,
} from './model/network-keys.js'
import type { Fix } from './model/diagnostic.js'
import { movingComment, revaluing } from './fixes.js'
import { onlyTypoOf } from './nearest.js'
import type { Entry } from './parse.js'
import { parseDuration } from './quantities.js'

function expectedOf(key: AddedKey): string {
  const kind = key.kind === 'integer' ? 'a whole number, ' : ''
  return `${key.name}: ${kind}${rangeText(key)}${key.unit === '' ? '' : ` ${key.unit}`}`
}

/** The number that a value means which has a unit, quotes or a comment; the fix that writes it. */
function plainNumber(key: IntegerKey, entry: Entry): { readonly fix?: Fix } {
  const { value } = entry
  const comment = value.indexOf('#')
  if (comment > 0 && /^\d+[ \t]*$/.test(value.slice(0, comment))) {
    return movingComment(entry, value.slice(0, comment).trimEnd(), value.slice(comment))
  }
  const inner = /^(["'])(\d+)\1$/.exec(value)
  if (inner !== null) return revaluing(entry, inner[2], true)
  const time = key.unit === 'ms' ? parseDuration(value) : null
  return time !== null && 'value' in time && Number.isSafeInteger(time.value)
    ? revaluing(entry, String(time.value), true)
    : {}
}

/** @returns the number, or null after an error was reported */
export function checkInteger(key: IntegerKey, entry: Entry, context: CheckContext): number | null {
  const expected = expectedOf(key)
  if (!/^\d+$/.test(entry.value)) {
    const withUnit = /^\d+\s*[A-Za-z]+$/.test(entry.value) && key.unit !== ''
    const hint = withUnit ? ` (always in ${key.unit}, written without the unit)` : ''
    const message = `${key.name} ${quoted(entry.value)} is not a whole number${hint}`
    context.error(entry, { code: 'value-invalid', message, expected, ...plainNumber(key, entry) })
    return null
  }
  const value = Number(entry.value)
  if (value < key.min || value > key.max) {
    const unit = key.unit === '' ? '' : ` ${key.unit}`
    const message = `${key.name} ${quoted(entry.value)} is out of range: ${rangeText(key)}${unit}`
    context.error(entry, { code: 'value-range', message, expected })
    return null
  }
  return value
}

/** Octets of a text in UTF-8. */
function octets(text: string): number {
  return new TextEncoder().encode(text).length
}

/** @returns the text, or null after an error was reported */
export function checkText(key: TextKey, entry: Entry, context: CheckContext): string | null {
  const { value } = entry
  const expected = expectedOf(key)
  const reject = (code: 'value-invalid' | 'value-range', why: string): null => {
    context.error(entry, { code, message: `${key.name} ${quoted(value)} ${why}`, expected })
    return null
  }
  if (/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(value))
    return reject('value-invalid', 'holds control characters')
  if (value.includes('\uFFFD') || /\p{Cs}/u.test(value)) return reject('value-invalid', 'is not valid UTF-8')
  if (key.kind === 'path' && !value.startsWith('/')) return reject('value-invalid', 'is not an absolute path')
  const length = octets(value)
  if (length > key.octetsMax)
    return reject('value-range', `is too long: ${length} octets of ${key.octetsMax}`)
  return value
}

/** What other programs write for no and yes. */
const otherWords: readonly (readonly string[])[] = [
  ['no', 'false', 'off', '0'],
  ['yes', 'true', 'on', '1'],
]

/** The word of a key that is meant beyond doubt; null if that cannot be told. */
function wordMeant({ choices, booleans }: ChoiceKey, value: string): string | null {
  const plain = value.replace(/^(["'])(.*)\1$/u, '$2').toLowerCase()
  if (choices.includes(plain)) return plain
  const index = otherWords.findIndex((words) => words.includes(plain))
  return booleans[index] ?? onlyTypoOf(plain, choices)
}

/** @returns the word, or null after an error was reported */
export function checkChoice(key: ChoiceKey, entry: Entry, context: CheckContext): string | null {
  if (key.choices.includes(entry.value)) return entry.value
  const message = `${key.name} ${quoted(entry.value)} is neither ${key.choices.join(' nor ')}`
  const comment = entry.value.indexOf('#')
  const before = entry.value.slice(0, Math.max(comment, 0)).trimEnd()
  const fix = key.choices.includes(before)
    ? movingComment(entry, before, entry.value.slice(comment))
    : revaluing(entry, wordMeant(key, entry.value), true)
  context.error(entry, { code: 'value-invalid', message, expected: expectedOf(key), ...fix })
  return null
}
