import { valuePosition, type CheckContext } from './check-context.js'
import type { DiagnosticCode, Severity } from './model/diagnostic.js'
import { addedKeys, type IntegerKey, type NumberField } from './model/network-keys.js'
import type { Entry } from './parse.js'

/** The numbers of a file, defaults included. */
export type Numbers = Readonly<Record<NumberField, number | null>>

interface Relation {
  readonly small: string
  readonly large: string
  readonly strict: boolean
  readonly severity: Severity
  readonly why: string
}

const relations: readonly Relation[] = [
  {
    small: 'retransmit',
    large: 'token',
    strict: true,
    severity: 'error',
    why: 'a token that got lost would count as lost before it is sent again',
  },
  {
    small: 'join',
    large: 'consensus',
    strict: true,
    severity: 'error',
    why: 'a process would count as failed before its join message is due',
  },
  {
    small: 'consensus',
    large: 'token',
    strict: true,
    severity: 'warning',
    why: 'forming a ring without a silent process then takes longer than noticing that it is silent',
  },
  {
    small: 'max-messages',
    large: 'window',
    strict: false,
    severity: 'error',
    why: 'one visit of the token cannot send more than a whole rotation may',
  },
  {
    small: 'accelerated-window',
    large: 'max-messages',
    strict: false,
    severity: 'error',
    why: 'it is a part of the frames of one visit',
  },
]

const integerKey = (name: string): IntegerKey => {
  const key = addedKeys.find((candidate) => candidate.name === name)
  return key as IntegerKey
}

/** Does each key agree with the others? Reported where the file gives one of two, the later one if both. */
export function checkRelations(
  numbers: Numbers,
  entries: ReadonlyMap<string, Entry>,
  context: CheckContext,
): void {
  for (const { small, large, strict, severity, why } of relations) {
    const smallValue = numbers[integerKey(small).field] ?? 0
    const largeValue = numbers[integerKey(large).field] ?? 0
    if (strict ? smallValue < largeValue : smallValue <= largeValue) continue
    const given = [entries.get(small), entries.get(large)].filter((entry) => entry !== undefined)
    const entry = given.sort((a, b) => b.line - a.line)[0]
    if (entry === undefined) continue
    const say = (name: string, value: number): string =>
      `${name} (${value}${entries.has(name) ? '' : ', the default'})`
    const order = strict ? 'less than' : 'at most'
    const verb = severity === 'error' ? 'must' : 'should'
    const message = `${say(small, smallValue)} ${verb} be ${order} ${say(large, largeValue)}: ${why}`
    const code: DiagnosticCode = 'value-conflict'
    const bound = `${strict ? 'more than' : 'at least'} ${smallValue}`
    const expected = `${small} ${order} ${largeValue}, or ${large} ${bound}`
    context.report(severity, entry.key, valuePosition(entry), { code, message, expected })
  }
}
