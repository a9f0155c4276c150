import type { Entry } from '../parse.js'
import type { KeyValue } from './effective.js'

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'file'; readonly path: string; readonly line: number | null }
  /** `text`: what the default is, where it is not a value. */
  | { readonly kind: 'default'; readonly text: string | null }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string }
  /** It follows from something else: another key, the machine. */
  | { readonly kind: 'derived'; readonly from: string }

/** A key as `ais config show` tells it. */
export interface ShownKey {
  readonly key: string
  /** null: not given, and the default is no value. Several: a line each. */
  readonly value: KeyValue | readonly string[]
  /** 'ms', 'octets' …; empty for values without a unit. */
  readonly unit: string
  readonly origin: Origin
}

export function fromFile(path: string, { line }: Pick<Entry, 'line'>): Origin {
  return { kind: 'file', path, line }
}

/** An origin for people. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return origin.line === null ? origin.path : `${origin.path}:${origin.line}`
    case 'default':
      return origin.text === null ? 'default' : `default: ${origin.text}`
    case 'environment':
      return `$${origin.variable}`
    case 'flag':
      return origin.flag
    default:
      return `from ${origin.from}`
  }
}
