import type { Entry } from '../../parse.js'
import type { XmlElement } from '../xml/parse-xml.js'
import { takeFrom, type Elements } from './elements.js'
import { millisecondsOf, onFailWords } from './words.js'

/** A primitive as a component of any unit, and what it is called where. */
export interface Resource {
  readonly id: Entry
  readonly element: XmlElement
  /** Its name where no node has another. */
  readonly name: Entry
  readonly nameOnNode: ReadonlyMap<string, Entry>
  /** Keys of the component other than its name. */
  readonly entries: readonly Entry[]
  readonly isRestarted: boolean
  /** Failures before it moves; null: not said. */
  readonly threshold: Entry | null
  readonly failureTimeout: Entry | null
}

/** A time as ours has it; what is none stays, and is judged later. */
export function timed(entry: Entry, key: string): Entry {
  const milliseconds = millisecondsOf(entry.value)
  return { ...entry, key, value: milliseconds === null ? entry.value : String(milliseconds) }
}

/** The node for which alone a set of attributes holds; null: it is another rule. */
function nodeOfRule(rule: XmlElement): string | null {
  const [expression, ...others] = rule.children
  if (expression === undefined || others.length > 0 || expression.tag !== 'expression') return null
  const value = (name: string): string | undefined => expression.attributes.get(name)?.value
  if (value('attribute') !== '#uname' || value('operation') !== 'eq') return null
  return value('value') ?? null
}

function readNames(
  element: XmlElement,
  elements: Elements,
): { names: Map<string, Entry>; own: Entry | undefined } {
  const names = new Map<string, Entry>()
  let own: Entry | undefined
  for (const set of element.children.filter(({ tag }) => tag === 'instance_attributes')) {
    const rules = set.children.filter(({ tag }) => tag === 'rule')
    const node = rules.length === 1 ? nodeOfRule(rules[0]) : null
    if (rules.length > 0 && node === null) {
      elements.loseElement(set, 'it holds only under a rule')
      continue
    }
    const rest = set.children.filter(({ tag }) => tag !== 'rule')
    const pairs = elements.pairs({ ...set, children: rest })
    const name = takeFrom(pairs, 'name')
    if (name !== undefined && node !== null && !names.has(node)) names.set(node, name)
    else if (name !== undefined && node === null) own ??= name
    for (const entry of pairs.values()) elements.lose(entry, 'what a component is started with is its own')
  }
  return { names, own }
}

/** The monitor operation that counts: of the promoted ones, else the first. */
function readMonitor(monitors: readonly XmlElement[], elements: Elements): XmlElement | undefined {
  const role = (one: XmlElement): string => one.attributes.get('role')?.value ?? ''
  const first = monitors.find((one) => ['Promoted', 'Master'].includes(role(one))) ?? monitors.at(0)
  for (const other of monitors) {
    if (other === first) continue
    const same = (name: string): boolean =>
      other.attributes.get(name)?.value === first?.attributes.get(name)?.value
    const isTwin = ['Unpromoted', 'Slave'].includes(role(other)) && same('timeout') && same('on-fail')
    if (!isTwin) elements.loseElement(other, 'a component has one health check')
  }
  return first
}

function readRecovery(monitor: XmlElement | undefined, isRestarted: boolean, elements: Elements): Entry[] {
  const entry = monitor?.attributes.get('on-fail')
  if (entry === undefined) return []
  if (entry.value === 'restart') {
    const value = isRestarted ? 'component-restart' : 'component-failover'
    return [{ ...entry, key: 'recovery', value }]
  }
  const own = Object.entries(onFailWords).find(([, word]) => word === entry.value)
  if (own !== undefined) return [{ ...entry, key: 'recovery', value: own[0] }]
  elements.lose(entry, 'there is no such recovery')
  return []
}

function readOperations(element: XmlElement, elements: Elements): { entries: Entry[]; isRestarted: boolean } {
  const all = element.children.filter(({ tag }) => tag === 'operations').flatMap(({ children }) => children)
  const named = (name: string): XmlElement[] =>
    all.filter(({ tag, attributes }) => tag === 'op' && attributes.get('name')?.value === name)
  const entries: Entry[] = []
  const monitor = readMonitor(named('monitor'), elements)
  const [start] = named('start')
  const [stop] = named('stop')
  for (const operation of all) {
    const name = operation.attributes.get('name')?.value ?? ''
    const isKnown = ['monitor', 'start', 'stop', 'promote', 'demote'].includes(name)
    if (operation.tag !== 'op' || !isKnown) elements.loseElement(operation, 'it is no call of a component')
    else {
      const more = name === 'monitor' ? ['on-fail', 'role'] : []
      elements.loseOthers(operation, ['name', 'interval', 'timeout', ...more])
      for (const child of operation.children) elements.loseElement(child)
    }
  }
  const put = (operation: XmlElement | undefined, attribute: string, key: string): void => {
    const entry = operation?.attributes.get(attribute)
    if (entry !== undefined) entries.push(timed(entry, key))
  }
  put(monitor, 'interval', 'healthcheck-interval')
  put(monitor, 'timeout', 'healthcheck-max-duration')
  put(stop, 'timeout', 'callback-timeout')
  for (const operation of [...named('promote'), ...named('demote')]) {
    const entry = operation.attributes.get('timeout')
    if (entry !== undefined && entry.value !== stop?.attributes.get('timeout')?.value)
      elements.lose(entry, 'all callbacks have the time of the stop operation')
  }
  const isRestarted = start?.attributes.get('timeout') !== undefined
  put(start, 'timeout', 'restart-timeout')
  entries.push(...readRecovery(monitor, isRestarted, elements))
  return { entries, isRestarted }
}

/** One primitive. */
export function readPrimitive(element: XmlElement, elements: Elements): Resource {
  const id = element.attributes.get('id') ?? { ...element.text, key: 'id', value: '' }
  const agent = ['class', 'provider', 'type'].map((name) => element.attributes.get(name)?.value ?? '')
  const type = element.attributes.get('type')
  if (agent.join(':') !== 'ocf:ais:component' && type !== undefined)
    elements.lose(type, 'components are started by others: this program is to register as one')
  elements.loseOthers(element, ['class', 'provider', 'type'])
  for (const child of element.children) {
    if (!['instance_attributes', 'meta_attributes', 'operations'].includes(child.tag))
      elements.loseElement(child)
  }
  const { names, own } = readNames(element, elements)
  const meta = elements.pairsWithin(element, 'meta_attributes')
  const threshold = takeFrom(meta, 'migration-threshold') ?? null
  const failureTimeout = takeFrom(meta, 'failure-timeout') ?? null
  for (const entry of meta.values()) elements.lose(entry)
  const { entries, isRestarted } = readOperations(element, elements)
  return { id, element, name: own ?? id, nameOnNode: names, entries, isRestarted, threshold, failureTimeout }
}
