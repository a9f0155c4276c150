import chalk from 'chalk'
import { printable, type Difference, type SharedValue } from '../config/index.js'
import type { ConfigurationComparison, SilentNode } from './config-diff.js'
import type { ChangedFile } from './config-files-now.js'

function valueText(value: SharedValue['value']): string {
  if (value === null) return 'nothing'
  if (typeof value === 'number' || typeof value === 'string') return printable(String(value))
  return value.length === 0 ? 'nothing' : printable(value.join(', '))
}

function titleOf({ path, key, unit }: Difference): string {
  const what = [...path, ...(key === null ? [] : [key])].map((part) => printable(part)).join(', ')
  return chalk.bold(unit === '' ? what : `${what} (${unit})`)
}

/** Under the key each value, and who has it. */
function differenceText(difference: Difference): string {
  const values = difference.values.map(({ value, nodes }) => [valueText(value), nodes.join(', ')] as const)
  const width = Math.max(...values.map(([value]) => value.length))
  const lines = values.map(
    ([value, nodes]) => `    ${chalk.yellow(value.padEnd(width))}  ${printable(nodes)}`,
  )
  return [`  ${titleOf(difference)}`, ...lines].join('\n')
}

function fileText(name: string, differences: readonly Difference[]): string[] {
  return differences.length === 0 ? [] : [`${name}:`, ...differences.map(differenceText)]
}

function changedText({ node, file, state, differences }: ChangedFile): string {
  const words: Record<ChangedFile['state'], string> = {
    same: 'has changed since the executive was started, and means the same',
    differs: 'has changed since the executive was started, which goes by it once it is started again:',
    invalid:
      'has changed since the executive was started, which could not start from it: ais config validate',
    gone: 'was there when the executive was started, and is gone',
    elsewhere: 'has changed since the executive was started; compare it on that node',
  }
  const head = `${printable(node)}: ${printable(file)} ${printable(words[state])}`
  return [head, ...differences.map(differenceText)].join('\n')
}

function silentText({ nodeName, reason, message }: SilentNode): string {
  const why = reason === 'left' ? 'left the cluster and is not compared' : 'is not compared'
  return chalk.red(`${printable(nodeName)} ${why}: ${printable(message)}`)
}

/** May the configurations be taken for the same? Not if one of them is not known. */
export function isSame({ differences, changedFiles }: ConfigurationComparison): boolean {
  return differences.length === 0 && changedFiles.every(({ state }) => state === 'same')
}

function summaryText({ nodes, differences }: ConfigurationComparison): string {
  const names = nodes.map(({ nodeName }) => printable(nodeName)).join(', ')
  if (nodes.length === 0) return 'no node has said what it runs with'
  if (nodes.length === 1) return `only ${names} is compared: there is nothing to differ from`
  const which = differences.length === 0 ? 'the same configuration' : 'configurations that differ'
  return `${nodes.length} nodes run with ${which}: ${names}`
}

/** What differs, for people. */
export function comparisonText(comparison: ConfigurationComparison): string {
  const { differences, changedFiles, silent } = comparison
  const of = (file: Difference['file']): Difference[] => differences.filter((one) => one.file === file)
  const summary = summaryText(comparison)
  return [
    ...fileText('network.conf', of('network')),
    ...fileText('groups.conf', of('groups')),
    ...changedFiles.map(changedText),
    ...silent.map(silentText),
    summary,
  ].join('\n')
}
