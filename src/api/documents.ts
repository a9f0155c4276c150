import { AisError } from '../base/index.js'

// What comes over the socket is read field by field: what is not as it should be is told as an error of the
// library, and never becomes a wrong answer.

/** The executive and this library do not understand each other: one of them has a bug. */
export function strange(what: string, value: unknown): AisError {
  const shown = typeof value === 'object' && value !== null ? 'an object' : String(value)
  return new AisError('ERR_LIBRARY', `the executive's ${what} is ${shown}, which this library cannot read`)
}

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown, what: string): Fields {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (isMap && !(value instanceof Uint8Array)) return value as Fields
  throw strange(what, value)
}

export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw strange(what, value)
}

/** MessagePack may carry a whole number in several forms. */
export function wholeNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw strange(what, value)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw strange(what, value)
  return number
}

export function numberOf(fields: Fields, name: string): number {
  return wholeNumber(fields[name], name)
}

export function bigintOf(fields: Fields, name: string): bigint {
  const value = fields[name]
  if (typeof value === 'bigint') return value
  return BigInt(numberOf(fields, name))
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw strange(name, value)
  return value
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw strange(name, value)
  return value
}

export function numberOrNull(fields: Fields, name: string): number | null {
  return fields[name] === null ? null : numberOf(fields, name)
}

export function textOrNull(fields: Fields, name: string): string | null {
  return fields[name] === null ? null : textOf(fields, name)
}

/**
 * Octets as they were received, not copied: nobody else reads or writes them any more, and they may be part
 * of a larger piece of memory that lasts as long as they do.
 */
export function bufferOf(value: unknown, what: string): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length)
  throw strange(what, value)
}
