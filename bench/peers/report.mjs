// The ratio table for people and for docs/performance.md.
import { table } from '../table.mjs'
import { failures } from './rows.mjs'

const HEADER = ['what', 'corosync, best', 'variant', 'ours', 'ratio', 'goal', 'met']
const CPU_HEADER = ['CPU seconds', 'corosync: daemons', 'clients', 'ours: daemons', 'clients']

export function asText(setting, compared, runs) {
  const parts = [settingText(setting), table(HEADER, compared.map(cells))]
  const cpu = compared.filter(isThroughput).map(cpuCells)
  if (cpu.length > 0) parts.push(table(CPU_HEADER, cpu))
  return [...parts, ...failureLines(runs)].join('\n\n')
}

/** What goes between the markers in docs/performance.md, in the form prettier gives it. */
export function asMarkdown(setting, compared, runs) {
  const cpu = compared.filter(isThroughput).map(cpuCells)
  const parts = [settingText(setting), markdownTable(HEADER, compared.map(cells))]
  if (cpu.length > 0) parts.push(markdownTable(CPU_HEADER, cpu))
  return [...parts, ...failureLines(runs)].join('\n\n')
}

function settingText(setting) {
  const { nodes, mtu, rounds, seconds, cpus, date, load, koffiVersion } = setting
  const medians = rounds === 1 ? 'one round' : `median of ${rounds} rounds`
  const koffi = koffiVersion === null ? 'without koffi: frames are sent one by one' : `koffi ${koffiVersion}`
  return (
    `${nodes} hosts made of namespaces on a machine of ${cpus} cores (load before: ${load.toFixed(1)}), ` +
    `MTU ${mtu}, ${date}; ${medians}, ${seconds} s a row. ` +
    `corosync ${setting.corosyncVersion}, Node ${setting.nodeVersion}, ${koffi}.`
  )
}

function cells({ name, unit, corosync, ours, ratio, goal, isMet, size }) {
  return [
    name,
    valueText(corosync.value, unit, size),
    corosync.variant ?? '–',
    valueText(ours.value, unit, size),
    ratio === undefined ? '–' : ratio.toFixed(2),
    goalText(goal),
    isMet === undefined ? '–' : isMet ? 'yes' : 'no',
  ]
}

function goalText(goal) {
  if (goal.atLeast !== undefined) return `≥ ${goal.atLeast}`
  return goal.atMost !== undefined ? `≤ ${goal.atMost}` : `ours ≥ ${goal.ours}`
}

/** Large messages are better told by the octets. */
function valueText(value, unit, size) {
  if (value === undefined) return '–'
  if (unit === 'times') return value.toFixed(2)
  if (unit !== 'messages/s') return `${Math.round(value)} ${unit}`
  if (size >= 10_000) return `${((value * size) / 1e6).toFixed(1)} MB/s`
  return `${Math.round(value)}/s`
}

function isThroughput({ unit }) {
  return unit === 'messages/s'
}

function cpuCells({ name, corosync, ours }) {
  const figures = [corosync, ours].flatMap((side) => [side.daemonCpuSeconds, side.clientCpuSeconds])
  return [name, ...figures.map((value) => (value === undefined ? '–' : value.toFixed(1)))]
}

function failureLines(runs) {
  const lines = failures(runs)
  if (lines.length === 0) return []
  return [['Failed, and in no median:', ...lines.map((line) => `- ${line}`)].join('\n\n')]
}

function markdownTable(header, rows) {
  const widths = header.map((_, column) => Math.max(3, ...[header, ...rows].map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [
    line(header),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n')
}
