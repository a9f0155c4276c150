import type { SourcePosition } from '../model/network-config.js'

// What YAML, JSON and TypeScript have in common: maps, lists and scalars, each with its place. A part may
// hang in several places (YAML's aliases): whoever walks a tree counts its steps.

export type Scalar = string | number | boolean | null

export interface ScalarTree {
  readonly kind: 'scalar'
  readonly value: Scalar
  /** As the file has it: "1.10", where the value is 1.1. */
  readonly written: string
  readonly place: SourcePosition
}

export interface ListTree {
  readonly kind: 'list'
  readonly items: readonly Tree[]
  readonly place: SourcePosition
}

export interface Pair {
  readonly key: string
  readonly keyPlace: SourcePosition
  readonly value: Tree
}

export interface MapTree {
  readonly kind: 'map'
  /** Each key once. */
  readonly pairs: readonly Pair[]
  readonly place: SourcePosition
}

export type Tree = ScalarTree | ListTree | MapTree

/** Maps and lists within each other: files that mean something have eight. */
export const DEPTH_MAX = 32

/** Values of one file: more are a mistake, or somebody's joke with aliases. */
export const VALUES_MAX = 100_000

/** Names the schema of the file to editors; it means nothing to us. */
const SCHEMA_KEY = '$schema'

/** The keys that mean something at the top of a file. */
export function topPairs(map: MapTree): readonly Pair[] {
  return map.pairs.filter(({ key }) => key !== SCHEMA_KEY)
}

/**
 * A scalar as a line of network.conf or groups.conf would have it: what was written, so that a name such as
 * 1.10 stays what it is; a number that a key wants as one in plain digits.
 * @returns null for what is neither text nor a number
 */
export function scalarText({ value, written }: ScalarTree, isNumber: boolean): string | null {
  if (typeof value === 'string') return value
  if (typeof value !== 'number') return null
  return isNumber && Number.isSafeInteger(value) && value >= 0 ? String(value) : written
}
