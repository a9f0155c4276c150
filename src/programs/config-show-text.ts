import chalk from 'chalk'
import { originText, printable, type Origin, type ShownEntity, type ShownKey } from '../config/index.js'

/** Where the configuration is, and why there. */
export interface ShownDirectory {
  readonly path: string
  readonly origin: Origin
}

export interface ShownNetworkFile {
  readonly file: string
  readonly keys: readonly ShownKey[]
}

export interface ShownGroupsFile {
  readonly file: string
  /** false: there is none, and AMF runs empty. */
  readonly exists: boolean
  readonly tree: ShownEntity
}

type Row = readonly [key: string, value: string, origin: string]

function valueText({ value, unit }: ShownKey): string {
  if (value === null) return '-'
  const text = typeof value === 'object' ? value.map((one) => printable(one)).join(', ') : String(value)
  return unit === '' || typeof value === 'string' ? printable(text) : `${text} ${unit}`
}

function rowOf(shown: ShownKey): Row {
  return [shown.key, valueText(shown), printable(originText(shown.origin))]
}

/** What is not as it would be by itself stands out. */
function painted(kind: Origin['kind'], text: string): string {
  if (kind === 'default') return chalk.dim(text)
  return kind === 'derived' ? chalk.cyan(text) : text
}

/** Columns of equal width for all rows, however deep each stands. */
interface Line {
  readonly indent: number
  readonly shown: ShownKey
}

function linesText(lines: readonly (Line | string)[]): string[] {
  const rows = lines.map((line) => (typeof line === 'string' ? null : rowOf(line.shown)))
  const keyWidth = Math.max(
    0,
    ...lines.map((line, at) => (typeof line === 'string' ? 0 : line.indent + rows[at]![0].length)),
  )
  const valueWidth = Math.min(40, Math.max(0, ...rows.map((row) => (row === null ? 0 : row[1].length))))
  return lines.map((line, at) => {
    if (typeof line === 'string') return line
    const [key, value, origin] = rows[at]!
    const { kind } = line.shown.origin
    const columns = `${' '.repeat(line.indent)}${key}`.padEnd(keyWidth)
    return `${columns}  ${painted(kind, value.padEnd(valueWidth))}  ${chalk.dim(origin)}`
  })
}

/** A table of the keys of network.conf. */
export function networkTable({ keys }: ShownNetworkFile): string {
  return linesText(keys.map((shown) => ({ indent: 0, shown }))).join('\n')
}

const INDENT = 2

function entityLines({ kind, name, keys, entities }: ShownEntity, depth: number): (Line | string)[] {
  const isFile = kind === 'file'
  const inner = isFile ? depth : depth + 1
  const title = isFile ? [] : [`${' '.repeat(INDENT * depth)}${chalk.bold(`${kind} ${printable(name)}`)}`]
  const own = keys.map((shown): Line => ({ indent: INDENT * inner, shown }))
  return [...title, ...own, ...entities.flatMap((entity) => entityLines(entity, inner))]
}

/** The tree of a groups.conf, each thing with its keys. */
export function groupsTree({ tree }: ShownGroupsFile): string {
  return linesText(entityLines(tree, 0)).join('\n')
}
