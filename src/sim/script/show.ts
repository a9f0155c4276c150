import type { Configuration, Member } from '../../group/index.js'
import { ringKey, type HistoryEvent, type ProcessHistory } from '../history.js'
import type { ScriptWorld } from './world.js'

export type ShownEvents = 'configurations' | 'deliveries' | 'events'

/** Turns what the processes saw into text; each kind of text goes on where its last one ended. */
export class Show {
  private readonly ringNumbers = new Map<string, number>()
  private readonly shown = new Map<string, number>()
  private shownLog = 0

  constructor(private readonly world: ScriptWorld) {}

  /** What is new, per process; processes that saw the same share one paragraph. */
  events(what: ShownEvents): string[] {
    this.numberRings()
    const paragraphs = new Map<string, string[]>()
    for (const process of this.world.history.processes) {
      const text = this.linesOf(process, what).join('\n')
      if (text === '') continue
      paragraphs.set(text, [...(paragraphs.get(text) ?? []), this.nameOf(process)])
    }
    if (paragraphs.size === 0) return ['nothing new']
    return [...paragraphs].flatMap(([text, names]) => [`${names.join(', ')}:`, ...text.split('\n')])
  }

  states(): string[] {
    return [...this.world.nodes].map(([name, { ring, paused }]) => {
      return `${name}: ${ring?.state ?? 'down'}${paused ? ', paused' : ''}`
    })
  }

  /** Whom of its ring each process has certainly heard within this time, and whether it is being left out. */
  heard(windowMs: number): string[] {
    return [...this.world.nodes].map(([name, node]) => {
      if (!node.ring) return `${name}: down`
      const excluded = node.ring.isExcluded ? ', excluded' : ''
      return `${name}: ${node.heardWithin(windowMs).join(' ')}${excluded}`
    })
  }

  /** Whether something was ever counted; exact figures would change with every detail of timing. */
  counters(names: readonly string[]): string[] {
    const { nodes, counters } = this.world
    return names.map((name) => {
      const rings = [...nodes.values()].reduce((sum, { ring }) => sum + (ring?.counters[name] ?? 0), 0)
      const prefixes = ['ring', 'branch', 'fault']
      const total = prefixes.reduce((sum, prefix) => sum + (counters[`${prefix}.${name}`] ?? 0), rings)
      return `${name}: ${total > 0 ? 'counted' : 'none'}`
    })
  }

  /** New log lines in which `wanted` matches, each once, durations and the like masked. */
  log(wanted: RegExp): string[] {
    const lines = this.world.logLines.slice(this.shownLog).filter((line) => wanted.test(line))
    this.shownLog = this.world.logLines.length
    const masked = lines.map((line) => {
      return line
        .replace(/\b\d+ ms\b/g, '… ms')
        .replace(/\d{13,}/g, '…')
        .replace(/ \(repeated \d+ times\)$/, '')
    })
    return lines.length === 0 ? ['nothing new'] : [...new Set(masked)]
  }

  private linesOf(process: ProcessHistory, what: ShownEvents): string[] {
    const cursor = `${what} ${process.name}`
    const from = this.shown.get(cursor) ?? 0
    this.shown.set(cursor, process.events.length)
    const lines: string[] = []
    let place = 'before any configuration'
    let labels: string[] = []
    const flush = (): void => {
      if (labels.length > 0) lines.push(`  delivered in ${place}: ${ranges(labels).join(' ')}`)
      labels = []
    }
    process.events.forEach((event, index) => {
      if (event.kind === 'configuration') {
        flush()
        place = this.placeOf(event.configuration)
        if (index >= from && what !== 'deliveries')
          lines.push(`  ${this.configurationText(event.configuration)}`)
      } else if (index >= from && what !== 'configurations' && event.kind === 'deliver') {
        labels.push(this.labelOf(event))
      }
    })
    flush()
    return lines
  }

  private labelOf(event: HistoryEvent & { kind: 'deliver' }): string {
    const label = this.world.labels.get(event.message) ?? event.message
    return event.guarantee === 'safe' ? `${label}(safe)` : label
  }

  private configurationText(configuration: Configuration): string {
    const { members, joined, left } = configuration
    const name = (member: Member): string => this.world.lifeOf(member.nodeId, member.incarnation)
    const parts = [`${this.placeOf(configuration)}: members ${members.map(name).join(' ')}`]
    if (joined.length > 0) parts.push(`joined ${joined.map(name).join(' ')}`)
    if (left.length > 0)
      parts.push(`gone ${left.map((member) => `${name(member)} (${member.reason})`).join(' ')}`)
    return parts.join('; ')
  }

  private placeOf({ kind, ringId }: Configuration): string {
    const ring = `#${this.ringNumbers.get(ringKey(ringId))}`
    return kind === 'regular' ? `regular ${ring}` : `transitional to ${ring}`
  }

  /** Rings are numbered as they appear: their real numbers begin at the wall clock. */
  private numberRings(): void {
    const events = this.world.history.processes.flatMap(({ events }) =>
      events.flatMap((event) => (event.kind === 'configuration' ? [event] : [])),
    )
    events.sort((a, b) => a.atMs - b.atMs)
    for (const { configuration } of events) {
      const key = ringKey(configuration.ringId)
      if (!this.ringNumbers.has(key)) this.ringNumbers.set(key, this.ringNumbers.size + 1)
    }
  }

  private nameOf(process: ProcessHistory): string {
    const name = this.world.lifeOf(process.id.nodeId, process.id.incarnation)
    return process.end === null ? name : `${name} (${process.end})`
  }
}

/** m1 m2 m3 x becomes m1..m3 x. */
export function ranges(labels: readonly string[]): string[] {
  const texts: string[] = []
  let at = 0
  while (at < labels.length) {
    let end = at
    while (end + 1 < labels.length && follows(labels[end]!, labels[end + 1]!)) end++
    texts.push(end > at ? `${labels[at]}..${labels[end]}` : labels[at]!)
    at = end + 1
  }
  return texts
}

function follows(a: string, b: string): boolean {
  const first = /^(.*?)(\d+)(\D*)$/.exec(a)
  return first !== null && b === `${first[1]}${Number(first[2]) + 1}${first[3]}`
}
