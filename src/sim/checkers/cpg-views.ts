import type { Configuration, View } from '../../group/index.js'
import { Kind } from '../../services/cpg/wire.js'
import { MESSAGE_HEADER_OCTETS } from '../../group/index.js'
import { processKey } from '../../totem/membership/gathering.js'
import { ringKey, type ProcessHistory } from '../history.js'

/**
 * What a process can know by the messages it has got: with whom it has come along from its last view, and
 * whose announcement of the present one it has heard. Taken from the ring and from the octets that go over
 * it, not from the service.
 */
export class CpgViews {
  view: View | null = null
  /** Processes of which it has known everything since before the present view. */
  trusted: ReadonlySet<string>
  /** Those whose announcement of this view has come. */
  readonly announced = new Set<string>()
  /** No configuration since the view began: others have got the same since then. */
  private isUndisturbed = false
  /** Ordered messages since the view began. */
  messages = 0
  private readonly rings: string[] = []
  /** Views of which it has not sent its announcement yet, in order. */
  private readonly owing: string[] = []

  constructor(
    private readonly process: ProcessHistory,
    private readonly all: ReadonlyMap<ProcessHistory, CpgViews>,
    /** What each process announced, by process and view. */
    private readonly announcements: Map<string, string>,
    private readonly note: (what: string) => void,
  ) {
    this.trusted = new Set([processKey(process.id)])
  }

  get ring(): string {
    return this.view === null ? 'no view' : ringKey(this.view.ringId)
  }

  /** All have announced themselves, and no fault has come since. */
  get isSettled(): boolean {
    return this.isUndisturbed && this.view !== null && this.announced.size === this.view.members.length
  }

  onConfiguration({ kind, ringId }: Configuration): void {
    this.isUndisturbed = false
    if (kind === 'regular') this.rings.push(ringKey(ringId))
  }

  /** @returns the rings on which it has come from its last view to this one; null: there was none */
  onView(view: View): readonly string[] | null {
    const before = this.view?.members.map(processKey) ?? []
    const from = this.view === null ? -1 : this.rings.indexOf(this.ring)
    const way = from < 0 ? null : this.rings.slice(from)
    const known = new Set([...this.trusted, ...this.announced])
    const own = processKey(this.process.id)
    const isCompanion = (key: string): boolean => {
      if (key === own) return true
      const other = [...this.all.values()].find(({ process }) => processKey(process.id) === key)
      return way !== null && known.has(key) && other !== undefined && other.hasGone(way)
    }
    this.trusted = new Set(view.members.map(processKey).filter(isCompanion))
    const isApart = (key: string): boolean => before.includes(key) && known.has(key) && !isCompanion(key)
    if (view.members.map(processKey).some(isApart)) this.note('anotherWay')
    this.announced.clear()
    this.view = view
    this.isUndisturbed = true
    this.messages = 0
    this.owing.push(`${own} ${this.ring}`)
    return way
  }

  onSent(payload: Uint8Array): void {
    if (payload[MESSAGE_HEADER_OCTETS] === Kind.announcement) {
      this.announcements.set(this.owing.shift()!, textOf(payload))
    }
  }

  onOrdered(from: number, payload: Uint8Array): void {
    this.messages++
    if (payload[MESSAGE_HEADER_OCTETS] !== Kind.announcement) return
    const member = this.view?.members.find(({ nodeId }) => nodeId === from)
    if (member === undefined) return
    const key = processKey(member)
    const isPresent = this.announcements.get(`${key} ${this.ring}`) === textOf(payload)
    if (isPresent) this.announced.add(key)
    else this.note('staleAnnouncement')
  }

  /** Its rings were these, one after the other, at some time. */
  private hasGone(way: readonly string[]): boolean {
    const from = this.rings.indexOf(way[0]!)
    return from >= 0 && way.every((ring, index) => this.rings[from + index] === ring)
  }
}

function textOf(payload: Uint8Array): string {
  return Array.from(payload.subarray(MESSAGE_HEADER_OCTETS), (octet) => String.fromCharCode(octet)).join('')
}
