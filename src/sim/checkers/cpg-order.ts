import type { Stretch, WatchedMember } from './cpg-member.js'

/** What all members together must have seen alike. */
export class CpgOrder {
  /** What was delivered on one way from view to view, by group and way. */
  private readonly ways = new Map<string, Stretch & { readonly member: WatchedMember }>()
  /** Messages of each application, all its groups together, in the order in which they came. */
  private readonly sequences: string[][] = []

  constructor(private readonly violate: (promise: string, message: string) => void) {}

  /** A new application: what comes to it is added to the list. */
  begin(): string[] {
    const sequence: string[] = []
    this.sequences.push(sequence)
    return sequence
  }

  /**
   * Members that go together from one view to the next, by the same rings, have got the same in between; who
   * joined in between from there on.
   */
  onStretch(member: WatchedMember, stretch: Stretch, way: readonly string[]): void {
    const key = `${member.membership.group} ${way.join(' > ')}`
    const first = this.ways.get(key)
    if (first === undefined || (stretch.isWhole && !first.isWhole)) this.ways.set(key, { ...stretch, member })
    if (first === undefined) return
    const [longer, shorter] =
      first.messages.length < stretch.messages.length || (stretch.isWhole && !first.isWhole)
        ? [stretch, first]
        : [first, stretch]
    const isSame = shorter.isWhole
      ? longer.messages.join() === shorter.messages.join()
      : longer.messages.slice(longer.messages.length - shorter.messages.length).join() ===
        shorter.messages.join()
    if (isSame && longer.messages.length >= shorter.messages.length) return
    const [one, other] = [first.member, member].map(({ membership }) => {
      return `${membership.application.cpg.process.name}/${membership.application.pid}`
    })
    const what = `${one} got ${first.messages.join(' ')}; ${other} got ${stretch.messages.join(' ')}`
    this.violate('virtual synchrony', `on the way ${way.join(' > ')} ${what}`)
  }

  /** There is one order of all messages that holds for everybody. */
  check(): void {
    const followers = new Map<string, Set<string>>()
    const before = new Map<string, number>()
    for (const sequence of this.sequences) {
      sequence.forEach((message, index) => {
        if (!before.has(message)) before.set(message, 0)
        if (index === 0) return
        const previous = sequence[index - 1]!
        const next = followers.get(previous) ?? new Set()
        followers.set(previous, next)
        if (next.has(message)) return
        next.add(message)
        before.set(message, before.get(message)! + 1)
      })
    }
    const ready = [...before].flatMap(([message, count]) => (count === 0 ? [message] : []))
    let placed = 0
    for (let message = ready.pop(); message !== undefined; message = ready.pop()) {
      placed++
      for (const next of followers.get(message) ?? []) {
        const left = before.get(next)! - 1
        before.set(next, left)
        if (left === 0) ready.push(next)
      }
    }
    if (placed === before.size) return
    const knot = [...before].flatMap(([message, count]) => (count > 0 ? [message] : [])).slice(0, 8)
    this.violate('total order', `no order holds for all members, e.g. of ${knot.join(' ')}`)
  }
}
