import { limits } from '../../base/index.js'
import { quoted, type CheckContext } from '../check-context.js'
import { controls, utf8Octets } from '../model/groups-text.js'
import type { Entry } from '../parse.js'

/** What nobody sees: of no width, turning the direction, a blank other than the usual one. */
const invisible = new RegExp(
  String.raw`[\p{Cf}\p{Zl}\p{Zp}\u00A0\u034F\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u200A` +
    String.raw`\u202F\u205F\u3000\u3164\uFE00-\uFE0F\uFFA0]`,
  'gu',
)

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The invisible characters of a text, each once: "U+200B, U+00A0"; empty if there are none. */
export function invisibleIn(text: string): string {
  return [...new Set(text.match(invisible))].map(codePoint).join(', ')
}

/** The same for all texts that look the same, as far as invisible characters and ways to write one go. */
export function looksOf(name: string): string {
  return name.normalize('NFKC').replace(invisible, '').replaceAll(' ', '')
}

/** A way of writing that works elsewhere, and is a part of the value here. */
function oddityOf(value: string): string | null {
  if (/[ \t]#/.test(value)) return 'what follows the # is a part of it: a comment needs a line of its own'
  if (/^(["'`]).*\1$/u.test(value)) return 'the quotes are a part of it'
  if (/[{}]$/.test(value))
    return `the ${value.slice(-1)} is a part of it: braces stand at the end of a block's line`
  return null
}

/** Can the value be one, octets and characters? @returns false after an error was reported */
export function checkCharacters(
  entry: Entry,
  value: string,
  octetsMax: number,
  context: CheckContext,
): boolean {
  const reject = (code: 'value-invalid' | 'value-range', why: string): false => {
    const expected = `${entry.key}: 1–${octetsMax} octets of UTF-8, no control characters`
    context.error(entry, { code, message: `${entry.key} ${quoted(value)} ${why}`, expected })
    return false
  }
  if (value.includes('\uFFFD') || /\p{Cs}/u.test(value)) return reject('value-invalid', 'is not valid UTF-8')
  if (controls.test(value)) return reject('value-invalid', 'holds control characters')
  const octets = utf8Octets(value)
  return octets <= octetsMax || reject('value-range', `is too long: ${octets} octets of ${octetsMax}`)
}

/** @returns the name, or null after an error was reported */
export function checkName(entry: Entry, context: CheckContext): string | null {
  const { key, value } = entry
  if (!checkCharacters(entry, value, limits.nameOctets, context)) return null
  const unseen = invisibleIn(value)
  if (unseen !== '') {
    context.warning(entry, {
      code: 'name-invisible',
      message: `${key} ${quoted(value)} holds what nobody sees: ${unseen}; names are compared exactly`,
      expected: 'a name of characters that are seen',
    })
  }
  const oddity = oddityOf(value)
  if (oddity !== null) {
    const message = `${key} ${quoted(value)}: ${oddity}`
    context.warning(entry, {
      code: 'value-form',
      message,
      expected: 'the name alone, to the end of the line',
    })
  }
  return value
}
