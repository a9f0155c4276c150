import type { Configuration, Departed, GroupListener, Member, RingId } from '../../group/index.js'
import { count, type Counters } from '../counters.js'
import { memberOf, type CommitToken } from '../wire/control.js'
import { Assembler, guaranteeOf, type DataFrame } from '../wire/data-frame.js'
import { Phase, type Token } from '../wire/token.js'
import { companions, oldRingDeliveries } from './recovery.js'
import type { RingLog } from './ring-log.js'

/** Hands the listener one order of messages and configurations. */
export class Deliveries {
  /** The ring of the last regular configuration. */
  current: RingLog | null = null
  private assembler = new Assembler()
  /** The end of the ring before, until all members have delivered it. */
  private former: { readonly ringId: RingId; readonly position: number } | null = null

  constructor(
    private readonly listener: GroupListener,
    private readonly counters: Counters,
  ) {}

  /** Deliver what is next in order and may be delivered. */
  proceed(log: RingLog): void {
    while (log.delivered < log.received) {
      const frame = log.get(log.delivered + 1)!
      if (frame.safe && frame.sequence > log.safe) break
      log.delivered++
      if (!frame.recovery) this.deliver(frame)
    }
    log.release()
  }

  /** Tell what all members are known to have delivered. */
  stabilize(log: RingLog, token: Token): void {
    if (token.entries.some(({ phase }) => phase !== Phase.operational)) return
    if (this.former) {
      const { ringId, position } = this.former
      this.former = null
      this.listener.onStable(ringId, position)
    }
    const stable = Math.min(...token.entries.map(({ delivered }) => delivered))
    if (stable <= log.stable) return
    log.stable = stable
    this.listener.onStable(log.id, stable)
  }

  /** From the present configuration, through the transitional one, into that of `next`. */
  install(next: RingLog, commit: CommitToken): void {
    const old = this.current
    const moved = old ? this.finish(old, next, commit) : new Set<number>()
    this.current = next
    this.assembler = new Assembler()
    this.former = old && { ringId: old.id, position: old.highest }
    this.listener.onConfiguration({
      kind: 'regular',
      ringId: next.id,
      members: next.members,
      joined: next.members.filter(({ nodeId }) => !moved.has(nodeId)),
      left: [],
    })
  }

  /** @returns who came along from the old ring */
  private finish(old: RingLog, next: RingLog, commit: CommitToken): Set<number> {
    const fellows = companions(old, commit)
    const { regular, transitional, holes, discarded, owed } = oldRingDeliveries(old, fellows)
    count(this.counters, 'recovery.holes', holes)
    count(this.counters, 'recovery.discarded', discarded)
    count(this.counters, 'recovery.owed', owed)
    for (const frame of regular) this.deliver(frame)
    const moved = new Set(fellows.map(({ nodeId }) => nodeId))
    const configuration: Configuration = {
      kind: 'transitional',
      ringId: next.id,
      members: fellows.map(memberOf),
      joined: [],
      left: old.members.filter(({ nodeId }) => !moved.has(nodeId)).map((member) => departed(member, commit)),
    }
    this.listener.onConfiguration(configuration)
    for (const frame of transitional) this.deliver(frame)
    return moved
  }

  private deliver(frame: DataFrame): void {
    const { sender, sequence } = frame
    const guarantee = guaranteeOf(frame)
    this.assembler.take(frame, (payload) => {
      this.listener.onDeliver(sender, payload, sequence, guarantee)
    })
  }
}

function departed(member: Member, commit: CommitToken): Departed {
  const left = commit.leavers.some(
    ({ nodeId, incarnation }) => nodeId === member.nodeId && incarnation === member.incarnation,
  )
  return { ...member, reason: left ? 'left' : 'failed' }
}
