import { TrackFlags } from '../base/index.js'
import { readDecision, readMembers, readProtectionGroup } from './amf-documents.js'
import { AmfSubscription, type AmfConnection } from './amf-subscription.js'
import type { AmfDecision, ProtectionGroupBuffer, ProtectionGroupMember } from './amf-types.js'
import { DEFAULT_TIMEOUT_MS } from './service-object.js'

const { TRACK_CURRENT, TRACK_CHANGES, TRACK_CHANGES_ONLY } = TrackFlags

/**
 * A protection group that an application tracks. The executive is always asked for the members and for all
 * of them with each change, so that after a time without an executive it can be told what changed.
 */
export class ProtectionGroupTracking {
  readonly #subscription: AmfSubscription
  #flags = 0
  #seen = new Map<string, ProtectionGroupMember>()

  constructor(
    private readonly connection: AmfConnection,
    readonly csi: string,
    private readonly onTrack: (buffer: ProtectionGroupBuffer) => void,
  ) {
    this.#subscription = new AmfSubscription(connection, (body) => {
      const buffer = readProtectionGroup(body)
      this.#see(buffer.members)
      this.#tell(buffer)
    })
  }

  /** @param flags those for changes; instead of earlier ones */
  async track(flags: number, timeoutMs?: number): Promise<readonly ProtectionGroupMember[]> {
    const params = { csi: this.csi, flags: TRACK_CURRENT | TRACK_CHANGES }
    const members = readMembers(await this.#subscription.ask('amf.protectionGroupTrack', params, timeoutMs))
    this.#flags = flags
    this.#see(members)
    return members
  }

  /** Track at another executive, and tell what changed meanwhile. */
  async restore(): Promise<void> {
    const before = this.#seen
    const members = await this.track(this.#flags)
    const now = members.map((member) => ({
      ...member,
      change: changeOf(before.get(member.component), member),
    }))
    const gone = [...before.values()].filter(({ component }) => !this.#seen.has(component))
    const told = [...now, ...gone.map((member) => ({ ...member, change: 'removed' as const }))]
    if (told.every(({ change }) => change === 'no-change')) return
    this.#tell({ csiName: this.csi, members: told, numberOfMembers: now.length })
  }

  onLost(): void {
    this.#subscription.forget()
  }

  async stop(): Promise<void> {
    this.close()
    const params = { csi: this.csi, subscription: this.#subscription.number }
    await this.connection.call('amf.protectionGroupTrackStop', params, DEFAULT_TIMEOUT_MS)
  }

  close(): void {
    this.#subscription.close()
  }

  #see(members: readonly ProtectionGroupMember[]): void {
    const present = members.filter(({ change }) => change !== 'removed')
    this.#seen = new Map(present.map((member) => [member.component, member]))
  }

  #tell(buffer: ProtectionGroupBuffer): void {
    if ((this.#flags & TRACK_CHANGES_ONLY) === 0) return this.onTrack(buffer)
    return this.onTrack({ ...buffer, members: buffer.members.filter(({ change }) => change !== 'no-change') })
  }
}

function changeOf(
  before: ProtectionGroupMember | undefined,
  now: ProtectionGroupMember,
): ProtectionGroupMember['change'] {
  if (before === undefined) return 'added'
  const isSame = before.haState === now.haState && before.readiness === now.readiness
  return isSame && before.rank === now.rank ? 'no-change' : 'state-change'
}

/** Somebody who is told each decision. */
export class DecisionWatch {
  readonly #subscription: AmfSubscription

  constructor(
    private readonly connection: AmfConnection,
    listener: (decision: AmfDecision) => void,
  ) {
    this.#subscription = new AmfSubscription(connection, (body) => listener(readDecision(body)))
  }

  async start(timeoutMs?: number): Promise<void> {
    await this.#subscription.ask('amf.watch', {}, timeoutMs)
  }

  restore(): Promise<void> {
    return this.start()
  }

  onLost(): void {
    this.#subscription.forget()
  }

  async stop(): Promise<void> {
    this.close()
    const params = { subscription: this.#subscription.number }
    await this.connection.call('amf.watchStop', params, DEFAULT_TIMEOUT_MS)
  }

  close(): void {
    this.#subscription.close()
  }
}
