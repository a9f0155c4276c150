import chalk from 'chalk'
import type { AmfDecision, AmfExplanation } from '../api/index.js'
import { printable } from '../config/index.js'

const goodWords = ['in-service', 'active', 'repaired', 'unlocked', 'registered']
const badWords = ['failed', 'gone', 'lost', 'disabled', 'no-quorum', 'out-of-service']

function whatText(what: string): string {
  if (badWords.includes(what)) return chalk.red(what)
  return goodWords.includes(what) ? chalk.green(what) : chalk.yellow(what)
}

/** One decision, a line: when, on whose word, about what, and why. */
export function decisionText({ atMs, node, kind, name, what, text }: AmfDecision): string {
  const subject = printable(`${kind} ${name}`)
  const prefix = `${new Date(atMs).toISOString()} ${printable(node)}`
  return `${prefix}: ${subject} ${whatText(what)}: ${printable(text)}`
}

/** What an entity is, and the decisions that led to it. */
export function explanationText({ entity, states, decisions }: AmfExplanation): string {
  const facts = Object.entries(states).map(([key, value]) => `  ${wordsOf(key)}: ${valueText(value)}`)
  const told = decisions.length === 0 ? ['  nothing has been decided about it yet'] : []
  return [
    chalk.bold(printable(`${entity.kind} ${entity.name}`)),
    ...facts,
    chalk.bold('what led to it, the last at the end'),
    ...decisions.map((decision) => `  ${decisionText(decision)}`),
    ...told,
  ].join('\n')
}

/** haState → HA state, standbyUnits → standby units. */
function wordsOf(key: string): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.replace(/^ha\b/, 'HA')
}

function valueText(value: string | number | boolean | null): string {
  return value === null || value === '' ? '–' : printable(String(value))
}
