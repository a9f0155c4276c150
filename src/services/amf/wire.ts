import {
  adminOperations,
  entityKinds,
  isAisErrorName,
  limits,
  recoveries,
  type AisErrorName,
} from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import { failureCauses, type AmfMessage } from './messages.js'

type Check<T> = (value: unknown) => value is T
type Shape<M> = { readonly [K in keyof Omit<M, 'kind'>]-?: Check<M[K]> }
type Kind = AmfMessage['kind']

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
/** Nothing that could forge a line of output, and no half of a character. */
const CONTROL_CHARACTERS = /\p{Cc}|\p{Cs}|\p{Zl}|\p{Zp}/u
const DIGEST = /^[0-9a-f]{2,128}$/

/** A name of anything: not empty, at most 255 octets of UTF-8, no control characters. */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > limits.nameOctets) return false
  return !CONTROL_CHARACTERS.test(value) && encoder.encode(value).length <= limits.nameOctets
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.amfTextLength && !CONTROL_CHARACTERS.test(value)
}

/** Text of people as a message can carry it: on one line, cut where it is too long. */
export function messageText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
  return line.length <= limits.amfTextLength ? line : cut(line, limits.amfTextLength)
}

/** Never in the middle of a character. */
function cut(text: string, length: number): string {
  const head = text.slice(0, length - 1)
  return `${CONTROL_CHARACTERS.test(head) ? head.slice(0, -1) : head}…`
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isNodeId(value: unknown): value is number {
  return isWhole(value) && value > 0 && value <= 0xffff_ffff
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && DIGEST.test(value)
}

/** The configuration: lines of any length, which whoever reads it checks. */
function isLongText(value: unknown): value is string {
  return typeof value === 'string'
}

function isMembers(value: unknown): value is readonly (readonly [number, number])[] {
  if (!Array.isArray(value) || value.length > limits.ringMembers) return false
  return value.every((member: unknown) => {
    return Array.isArray(member) && member.length === 2 && isNodeId(member[0]) && isWhole(member[1])
  })
}

function isError(value: unknown): value is AisErrorName | null {
  return value === null || isAisErrorName(value)
}

function oneOf<T extends string>(words: readonly T[]): Check<T> {
  return (value): value is T => (words as readonly unknown[]).includes(value)
}

function orNull<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value)
}

const said = { atMs: isWhole }
const ofComponent = { ...said, component: isName, registration: isWhole }

/** What each kind of message has in it, and what that may be. */
export const shapes: { readonly [K in Kind]: Shape<Extract<AmfMessage, { kind: K }>> } = {
  hello: { ...said, incarnation: isWhole, nodeName: isName, digest: isDigest },
  configure: { ...said, digest: isDigest, text: isLongText },
  view: {
    ...said,
    number: isWhole,
    members: isMembers,
    quorate: isFlag,
    votes: isWhole,
    expected: orNull(isWhole),
  },
  register: { ...ofComponent, proxy: orNull(isName) },
  unregister: ofComponent,
  gone: ofComponent,
  answered: { ...ofComponent, operation: isWhole, error: isError },
  quiesced: { ...ofComponent, operation: isWhole },
  failed: { ...ofComponent, cause: oneOf(failureCauses), recommended: oneOf(recoveries), text: isText },
  cleaned: { ...ofComponent, how: oneOf(['demoted', 'lease-over'] as const) },
  lapsed: { ...ofComponent, operation: isWhole },
  report: { ...said, component: isName, recommended: oneOf(recoveries), text: isText },
  clear: { ...said, component: isName },
  admin: { ...said, operation: oneOf(adminOperations), entity: oneOf(entityKinds), name: isName },
}

/** An ordered message of AMF: JSON behind the octets that the layer below fills in. */
export function encodeMessage(message: AmfMessage): Uint8Array {
  const body = encoder.encode(JSON.stringify(message))
  const payload = new Uint8Array(MESSAGE_HEADER_OCTETS + body.length)
  payload.set(body, MESSAGE_HEADER_OCTETS)
  return payload
}

/** @returns null: this is no message of AMF. Whatever it is, nothing is thrown. */
export function decodeMessage(payload: Uint8Array): AmfMessage | null {
  const body = parsed(payload.subarray(MESSAGE_HEADER_OCTETS))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  const fields = body as Readonly<Record<string, unknown>>
  const { kind } = fields
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) return null
  const checks = Object.entries<Check<unknown>>(shapes[kind as Kind])
  if (Object.keys(fields).length !== checks.length + 1) return null
  const isSound = checks.every(([name, check]) => Object.hasOwn(fields, name) && check(fields[name]))
  return isSound ? (fields as unknown as AmfMessage) : null
}

function parsed(octets: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(octets))
  } catch {
    return null
  }
}
