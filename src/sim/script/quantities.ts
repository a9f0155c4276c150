import { ScriptError } from './script-error.js'

const TIME_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }
const SIZE_UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 * 1024 }

/** `500ms`, `0.2ms`, `3s`, `1m`. */
export function durationMs(word: string | undefined): number {
  return quantity(word, TIME_UNITS, 'a time such as 500ms, 3s, 1m')
}

/** `64B`, `10KiB`, `1MiB`. */
export function octets(word: string | undefined): number {
  return quantity(word, SIZE_UNITS, 'a size such as 64B, 10KiB, 1MiB')
}

export function number(word: string | undefined, what: string): number {
  const value = Number(word)
  if (word === undefined || word === '' || !Number.isFinite(value) || value < 0) throw expected(what, word)
  return value
}

export function label(word: string | undefined): string {
  if (!word || !/^".+"$/.test(word)) throw expected('the name of a message in quotes', word)
  return word.slice(1, -1)
}

export function oneOf<T extends string>(word: string | undefined, choices: readonly T[]): T {
  const choice = choices.find((choice) => choice === word)
  if (choice === undefined) throw expected(`one of ${choices.join(', ')}`, word)
  return choice
}

export function expected(what: string, word: string | undefined): ScriptError {
  return new ScriptError(`expected ${what}, found ${word === undefined ? 'the end of the line' : word}`)
}

function quantity(word: string | undefined, units: Readonly<Record<string, number>>, what: string): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(word ?? '')
  const unit = match ? units[match[2]!] : undefined
  if (!match || unit === undefined) throw expected(what, word)
  return Number(match[1]) * unit
}
