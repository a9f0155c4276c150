import chalk from 'chalk'
import type { HaState } from '../base/index.js'
import type {
  AmfComponentStatus,
  AmfGroupStatus,
  AmfNodeStatus,
  AmfInstanceStatus,
  AmfStatus,
  AmfUnitStatus,
} from '../api/index.js'
import { printable } from '../config/index.js'

const haColours: Readonly<Record<HaState, (text: string) => string>> = {
  active: chalk.green,
  standby: chalk.cyan,
  quiescing: chalk.yellow,
  quiesced: chalk.yellow,
}

/** Words that say all is well are left as they are. */
function coloured(word: string): string {
  const bad = ['disabled', 'instantiation-failed', 'termination-failed', 'none']
  const between = ['out-of-service', 'stopping', 'locked', 'locked-instantiation', 'shutting-down', 'partial']
  if (bad.includes(word)) return chalk.red(word)
  return between.includes(word) ? chalk.yellow(word) : word
}

/** A row of the tree: what is to the left, and cells that stand in columns. */
interface Row {
  readonly left: string
  readonly bold: boolean
  readonly cells: readonly string[]
  /** Coloured, as they are printed. */
  readonly shown: readonly string[]
}

/**
 * The state of AMF for people: group, unit, component as a tree; then what is assigned to whom, the
 * protection groups, and the quorum.
 */
export function statusText(status: AmfStatus): string {
  const { groups } = status
  if (groups.length === 0) return [noGroupsText, ...closingLines(status)].join('\n')
  const rows = groups.flatMap(groupRows)
  const head = row('', true, ['node', 'readiness', 'HA state', 'admin', 'operational', 'presence'])
  const tree = aligned([head, ...rows])
  return [...tree, ...groups.flatMap(assignmentLines), ...closingLines(status)].join('\n')
}

const noGroupsText = 'there are no groups: groups.conf of the nodes is missing or empty'

function groupRows({ name, model, admin, units }: AmfGroupStatus): Row[] {
  const unitRowsOf = (unit: AmfUnitStatus, index: number): Row[] => {
    const isLast = index === units.length - 1
    return unitRows(unit, isLast)
  }
  const state = admin === 'unlocked' ? '' : `, ${coloured(admin)}`
  return [row(`group ${printable(name)} (${model}${state})`, true, []), ...units.flatMap(unitRowsOf)]
}

function unitRows(unit: AmfUnitStatus, isLast: boolean): Row[] {
  const { name, node, readiness, haStates, admin, operational, presence, components } = unit
  const isMany = new Set(haStates.map(({ haState }) => haState)).size > 1
  const states = haStates.map(({ si, haState }) => (isMany ? [haState, si] : [haState]))
  const own = stateRow(`${isLast ? '└─' : '├─'} ${printable(name)}`, {
    node,
    readiness,
    haCells: unique(states),
    rest: [admin, operational, presence],
  })
  const stem = isLast ? '   ' : '│  '
  const componentRow = (component: AmfComponentStatus, index: number): Row => {
    const branch = index === components.length - 1 ? '└─' : '├─'
    return stateRow(`${stem}${branch} ${printable(component.name)}`, {
      node: component.node,
      readiness: component.readiness,
      haCells: component.csis.map(({ csi, haState }) => [haState, csi]),
      rest: ['', component.operational, component.presence],
    })
  }
  return [own, ...components.map(componentRow)]
}

function unique(states: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(states.map((state) => [state.join(' '), state])).values()]
}

interface RowStates {
  readonly node: string | null
  readonly readiness: string
  /** HA state, and for what. */
  readonly haCells: readonly (readonly string[])[]
  readonly rest: readonly string[]
}

function stateRow(left: string, { node, readiness, haCells, rest }: RowStates): Row {
  const texts = haCells.map((words) => words.map(printable).join(' '))
  const plain = texts.length === 0 ? '–' : texts.join(', ')
  const shown = haCells.map(([state, ...what], index) =>
    what.length === 0
      ? haColours[state as HaState](texts[index])
      : `${haColours[state as HaState](state)} ${what.map(printable).join(' ')}`,
  )
  const nodeText = node === null ? '–' : printable(node)
  const cells = [nodeText, readiness, plain, ...rest]
  const colours = [nodeText, coloured(readiness), texts.length === 0 ? '–' : shown.join(', ')]
  return { left, bold: false, cells, shown: [...colours, ...rest.map(coloured)] }
}

function row(left: string, bold: boolean, cells: readonly string[]): Row {
  return { left, bold, cells, shown: cells.map((cell) => chalk.dim(cell)) }
}

/** Columns as wide as they need be: what a terminal makes of colours takes no room. */
function aligned(rows: readonly Row[]): string[] {
  const inTree = rows.filter(({ cells }) => cells.length > 0)
  const leftWidth = Math.max(...inTree.map(({ left }) => left.length))
  const columns = inTree[0].cells.map((_, column) =>
    Math.max(...inTree.map(({ cells }) => cells[column].length)),
  )
  return rows.map(({ left, bold, cells, shown }) => {
    if (cells.length === 0) return chalk.bold(left)
    const padded = shown.map((text, column) => text + ' '.repeat(columns[column] - cells[column].length))
    const name = bold ? chalk.bold(left) : left
    return `${name}${' '.repeat(leftWidth - left.length)}  ${padded.join('  ')}`.trimEnd()
  })
}

function assignmentLines({ name, units, serviceInstances, protectionGroups }: AmfGroupStatus): string[] {
  const instances = serviceInstances.map((instance) => `  ${instanceText(instance)}`)
  const groups = protectionGroups.map(({ csi, members }) => {
    const texts = members.map(({ component, haState, readiness }) => {
      const state = haState === null ? coloured(readiness) : haColours[haState](haState)
      return `${printable(component)} ${state}`
    })
    return `  ${printable(csi)}: ${texts.length === 0 ? 'nobody' : texts.join(', ')}`
  })
  return [
    '',
    chalk.bold(`service instances of ${printable(name)}`),
    ...instances,
    chalk.bold(`protection groups of ${printable(name)}`),
    ...groups,
    ...units.flatMap(({ components }) => components.flatMap(errorLines)),
  ]
}

function errorLines({ name, error }: AmfComponentStatus): string[] {
  return error === null ? [] : [chalk.red(`error of ${printable(name)}: ${printable(error)}`)]
}

function instanceText({ name, admin, assignment, active, standby }: AmfInstanceStatus): string {
  const list = (units: readonly string[]): string => units.map(printable).join(', ') || 'none'
  const shown = assignment === 'full' ? chalk.green(assignment) : coloured(assignment)
  const state = admin === 'unlocked' ? '' : `${coloured(admin)}, `
  return `${printable(name)}: ${state}${shown}; active ${list(active)}; standby ${list(standby)}`
}

function closingLines({ quorum, nodes, settled }: AmfStatus): string[] {
  const lines = ['']
  const { quorate, votes, expected } = quorum
  const count = expected === null ? '' : `, ${votes} of ${expected} votes`
  if (expected === null) lines.push('quorum: off')
  else lines.push(quorate ? `quorum: yes${count}` : chalk.red(`quorum: NO${count}`))
  const notable = nodes.filter(
    ({ admin, operational, participates }) =>
      admin !== 'unlocked' || operational !== 'enabled' || !participates,
  )
  lines.push(...notable.map(nodeText))
  if (!settled) lines.push(chalk.yellow('changes are under way'))
  return lines
}

function nodeText({ name, nodeId, admin, operational, participates }: AmfNodeStatus): string {
  const states = `node ${printable(name)}: ${coloured(admin)}, ${coloured(operational)}`
  if (nodeId === null) return `${states}; ${chalk.yellow('not in the cluster')}`
  return participates ? states : `${states}; ${chalk.red('takes no part: its groups.conf is another one')}`
}
