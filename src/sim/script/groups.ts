import type { Guarantee } from '../../group/index.js'
import type { ConfigurationEvent, MembershipEvent, MessagesEvent } from '../checkers/cpg-member.js'
import { CpgApplication } from '../cpg/cpg-application.js'
import { CPG_OCTETS_MIN, readCpgMessage, unpackMessages } from '../cpg/cpg-messages.js'
import type { CpgReplica } from '../cpg/cpg-replica.js'
import type { CpgMembership } from '../cpg/cpg-watcher.js'
import { label, number, octets, oneOf } from './quantities.js'
import { ScriptError } from './script-error.js'
import { ranges } from './show.js'
import type { ScriptWorld } from './world.js'

type Words = readonly string[]
type Command = (words: Words) => string[] | void

const PATIENCE_MS = 5000
const GUARANTEES: readonly Guarantee[] = ['agreed', 'safe']

/** Members of process groups of a script: `2` is an application on node 2, `2.b` another one there. */
export class ScriptGroups {
  private readonly applications = new Map<string, CpgApplication>()
  private readonly names = new Map<number, string>()
  /** What is new since it was shown last, by membership. */
  private told = new Map<CpgMembership, string[]>()
  private readonly labels = new Map<string, string>()
  private serials = 0

  constructor(private readonly world: ScriptWorld) {
    world.cpgWatch.onTold = (membership, body) => this.onTold(membership, body)
  }

  commands(): [string, Command][] {
    const each = (act: (application: CpgApplication) => void): Command => {
      return (words) => words.forEach((name) => act(this.applicationOf(name)))
    }
    return [
      ['join-group', ([name = '', group = '']) => this.join(name, group)],
      ['begin-join', ([name = '', group = '']) => void this.beginJoin(name, group)],
      ['leave-group', ([name = '', group = '']) => this.leave(name, group)],
      ['multicast', ([name = '', group = '', ...words]) => this.multicast(name, group, words)],
      ['end-member', each((application) => application.end())],
      ['stop-reading', each((application) => application.stopReading())],
      ['read-slowly', each((application) => application.readSlowly())],
      ['read-on', each((application) => application.read())],
      ['until-told', ([quoted, ...names]) => this.untilTold(label(quoted), names)],
      ['show-groups', () => this.show()],
    ]
  }

  private join(name: string, group: string): string[] {
    const membership = this.beginJoin(name, group)
    return this.wait(() => membership().state !== 'joining', `${name} joins ${group}`)
  }

  /** @returns what reads the membership, once the process has heard of it */
  private beginJoin(name: string, group: string): () => { readonly state: string } {
    const application = this.applicationOf(name)
    const joining: { membership: CpgMembership | null } = { membership: null }
    this.world.node(nodeOf(name)).request(() => {
      joining.membership = application.join(group, ++this.serials)
    })
    return () => joining.membership ?? { state: 'joining' }
  }

  private leave(name: string, group: string): string[] {
    const membership = this.membershipOf(name, group)
    this.world.node(nodeOf(name)).request(() => this.applicationOf(name).leave(membership))
    return this.wait(() => membership.state === 'left', `${name} leaves ${group}`)
  }

  /** `[agreed|safe] "TEXT" … [size S] [times N]`: all texts are of one turn of the application. */
  private multicast(name: string, group: string, words: Words): void {
    const guarantee = oneOf(words[0], GUARANTEES)
    const texts = words.slice(1).filter((word) => word.startsWith('"'))
    const settings = words.slice(1 + texts.length)
    const [size, times] = [sizeOf(settings), timesOf(settings)]
    const membership = this.membershipOf(name, group)
    this.world.node(nodeOf(name)).request(() => {
      for (let i = 1; i <= times; i++) {
        const before = membership.sent.length
        const labels = texts.map((text) => (times > 1 ? `${label(text)}${i}` : label(text)))
        const sizes = texts.map(() => size)
        this.applicationOf(name).multicast(membership, sizes, guarantee)
        labels.forEach((text, index) => this.labels.set(`${membership.serial}.${before + index + 1}`, text))
      }
    })
  }

  private untilTold(text: string, names: Words): string[] {
    const isTold = (name: string): boolean => {
      const application = this.applications.get(name)
      return application !== undefined && this.world.cpgWatch.hasDelivered(application, this.keysOf(text))
    }
    return this.wait(() => names.every(isTold), `until-told "${text}" ${names.join(' ')}`)
  }

  private keysOf(text: string): string[] {
    return [...this.labels].flatMap(([key, known]) => (known === text ? [key] : []))
  }

  /** What each member has been told since; those that were told the same share a paragraph. */
  private show(): string[] {
    const paragraphs = new Map<string, string[]>()
    const told = [...this.told].sort(([a], [b]) => a.serial - b.serial)
    for (const [{ application, group }, lines] of told) {
      const text = runs(lines)
        .map((line) => `  ${line}`)
        .join('\n')
      const key = `${group}\n${text}`
      paragraphs.set(key, [...(paragraphs.get(key) ?? []), this.nameOf(application.pid)])
    }
    this.told = new Map()
    const shown = [...paragraphs].flatMap(([key, names]) => {
      const [group, ...lines] = key.split('\n')
      return [`${names.sort().join(', ')} in ${group}:`, ...lines]
    })
    return shown.length === 0 ? ['nothing new'] : shown
  }

  private onTold(membership: CpgMembership, body: unknown): void {
    const lines = this.told.get(membership) ?? []
    this.told.set(membership, lines)
    if (Array.isArray(body)) lines.push(...this.messagesText(body as unknown as MessagesEvent))
    else lines.push(this.changeText(body as ConfigurationEvent | MembershipEvent))
  }

  private messagesText([, pid, isSafe, packed]: MessagesEvent): string[] {
    return unpackMessages(packed)!.map((payload) => {
      const { serial, number: index } = readCpgMessage(payload)!
      const text = this.labels.get(`${serial}.${index}`) ?? `${serial}.${index}`
      return `from ${this.nameOf(pid)}: ${text}${isSafe ? '(safe)' : ''}`
    })
  }

  private changeText(event: ConfigurationEvent | MembershipEvent): string {
    if (event.type === 'configuration') return `nodes ${event.members.join(' ')}`
    const { members, joined, joinedReason, left, leftReason } = event
    const came = joined.length > 0 ? `; ${this.namesOf(joined)} came (${joinedReason})` : ''
    const went = left.length > 0 ? `; ${this.namesOf(left)} went (${leftReason})` : ''
    return `members ${this.namesOf(members)}${came}${went}`
  }

  private namesOf(addresses: readonly number[]): string {
    return addresses.flatMap((pid, index) => (index % 2 === 1 ? [this.nameOf(pid)] : [])).join(' ')
  }

  private nameOf(pid: number): string {
    return this.names.get(pid) ?? `pid ${pid}`
  }

  private membershipOf(name: string, group: string): CpgMembership {
    const membership = this.applicationOf(name).joined.find((one) => one.group === group)
    if (membership === undefined) throw new ScriptError(`${name} is not in ${group}`)
    return membership
  }

  /** It lives as long as its node's executive; then, or when it has ended, another one has its name. */
  private applicationOf(name: string): CpgApplication {
    const cpg = this.cpgOf(nodeOf(name))
    const known = this.applications.get(name)
    if (known?.cpg === cpg && !known.isGone) return known
    const application = new CpgApplication(this.names.size + 1, cpg)
    const lives = [...this.names.values()].filter((other) => other.split('/')[0] === name).length
    this.names.set(application.pid, lives === 0 ? name : `${name}/${lives + 1}`)
    this.applications.set(name, application)
    return application
  }

  private cpgOf(node: string): CpgReplica {
    const cpg = this.world.node(node).services?.cpg
    if (!cpg)
      throw new ScriptError(`there are no process groups on node ${node}: down, or without groups=yes`)
    return cpg
  }

  private wait(reached: () => boolean, what: string): string[] {
    return this.world.runUntil(PATIENCE_MS, reached) ? [] : [`not within ${PATIENCE_MS} ms: ${what}`]
  }
}

function nodeOf(name: string): string {
  return name.split('.')[0]!
}

function sizeOf(settings: Words): number {
  const at = settings.indexOf('size')
  return at < 0 ? 64 : Math.max(CPG_OCTETS_MIN, octets(settings[at + 1]))
}

function timesOf(settings: Words): number {
  const at = settings.indexOf('times')
  return at < 0 ? 1 : number(settings[at + 1], 'a number of messages')
}

/** Messages of one sender, one after the other, share a line. */
function runs(lines: readonly string[]): string[] {
  const out: string[] = []
  let labels: string[] = []
  let sender = ''
  const flush = (): void => {
    if (labels.length > 0) out.push(`${sender}: ${ranges(labels).join(' ')}`)
    labels = []
  }
  for (const line of lines) {
    const [from = '', text] = line.startsWith('from ') ? line.split(': ') : [line]
    if (text === undefined || from !== sender) flush()
    if (text === undefined) out.push(line)
    else labels.push(text)
    sender = from
  }
  flush()
  return out
}
