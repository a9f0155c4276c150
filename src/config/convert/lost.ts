import { keyPosition, quoted, type CheckContext } from '../check-context.js'
import type { SourcePosition } from '../model/network-config.js'
import type { Entry } from '../parse.js'

/** Report a key whose meaning the target cannot hold. @param why what becomes of it, or what to do */
export function reportLost(entry: Entry, target: string, why: string, context: CheckContext): void {
  context.report('warning', entry.key, keyPosition(entry), {
    code: 'not-convertible',
    message: `${quoted(entry.key)} has no counterpart in ${target}: ${why}`,
  })
}

/** Report a value that the target cannot hold. @param why what is written in its place */
export function reportCurtailed(entry: Entry, target: string, why: string, context: CheckContext): void {
  context.warning(entry, {
    code: 'not-convertible',
    message: `${entry.key} ${quoted(entry.value)} cannot be said in ${target}: ${why}`,
  })
}

/** Report a block or an element whose meaning the target cannot hold. */
export function reportLostBlock(
  what: string,
  place: SourcePosition,
  target: string,
  why: string,
  context: CheckContext,
): void {
  context.report('warning', null, place, {
    code: 'not-convertible',
    message: `${what} has no counterpart in ${target}: ${why}`,
  })
}

/** Report a value that the target needs and the source does not say. */
export function reportAssumed(
  key: string,
  place: SourcePosition,
  message: string,
  context: CheckContext,
): void {
  context.report('warning', key, place, { code: 'value-assumed', message })
}
