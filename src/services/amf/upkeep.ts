import type { View } from '../../group/index.js'
import type { LocalComponents } from './local-components.js'
import type { Machine } from './machine.js'
import type { Outbox } from './outbox.js'
import type { AmfPort } from './port.js'

/** The second member of a view says what the first has not said by then, the third so much later … */
const RANK_LAG_MS = 100

/**
 * Leases for which a node without a configuration looks for a cluster that has one. Alone in its first ring
 * it would else make its components active, beside those of the ring that it joins a moment later.
 */
const START_LEASES = 2

/** What this node holds as its configuration, as the nodes compare it. */
export interface OwnConfiguration {
  readonly text: string
  readonly digest: string
}

/** What this node says of its own accord: that it is there, the configuration, and that a view began. */
export class Upkeep {
  private view: View | null = null
  private viewAtMs = 0
  private firstViewAtMs = Infinity
  private isOpen = false
  /** Said: that this view began; in this view, the configuration. */
  private saidView = 0
  private saidConfiguration = -1
  private isSayingHello = false

  constructor(
    private readonly port: AmfPort,
    private readonly machine: Machine,
    private readonly outbox: Outbox,
    private readonly components: LocalComponents,
    private readonly own: OwnConfiguration,
  ) {}

  onView(view: View): void {
    this.view = view
    this.viewAtMs = this.port.nowMs()
    this.firstViewAtMs = Math.min(this.firstViewAtMs, this.viewAtMs)
  }

  onGate(isOpen: boolean): void {
    this.isOpen = isOpen
    this.review()
  }

  /** The state may be another one now. */
  review(): void {
    if (!this.isOpen) return
    this.maybeSayHello()
    this.maybeSayConfiguration()
    this.maybeSayView()
  }

  /** When to look again whether the view was said, or the configuration. */
  get dueMs(): number {
    if (!this.isOpen) return Infinity
    const configurationDueMs = this.isConfigurationWanted ? this.configurationDueMs : Infinity
    return Math.min(configurationDueMs, this.isViewWanted ? this.viewDueMs : Infinity)
  }

  private get isConfigurationWanted(): boolean {
    const wanted = this.machine.wantedConfiguration
    if (wanted?.nodeId !== this.port.nodeId || wanted.digest !== this.own.digest) return false
    // Once a view: where it had no effect it will have none again.
    return this.saidConfiguration !== (this.view?.number ?? 0)
  }

  /** With quorum nothing is active alone; who had a configuration before knows its cluster. */
  private get configurationDueMs(): number {
    const isFirst = this.machine.state.digest === '' && this.view?.quorum.needed === null
    return isFirst ? this.firstViewAtMs + START_LEASES * this.port.leaseMs : -Infinity
  }

  private get isViewWanted(): boolean {
    const { view } = this
    return view !== null && this.machine.state.viewNumber < view.number && this.saidView !== view.number
  }

  private get viewDueMs(): number {
    const { members } = this.view!
    const rank = members.findIndex(({ nodeId }) => nodeId === this.port.nodeId)
    return this.takeoverMs + Math.max(0, rank) * RANK_LAG_MS
  }

  /**
   * Components of nodes outside of the view may go on until their leases are over: that is waited for. Such
   * a node, paused, parted, or about to find that out, renews leases for one lease after it counted a member
   * of this view at the most, and that renewal lasts for another one. The takeover delay on top is for clocks
   * that do not run alike, and for the time that letting go takes.
   */
  private get takeoverMs(): number {
    const { quorum, apartMs } = this.view!
    const { takeoverDelayMs, noQuorum } = this.machine.model?.config ?? this.port.config
    const { leaseMs } = this.port
    if (!quorum.quorate && noQuorum === 'stop') {
      // Nothing is taken over, and it is for the side with quorum to change the state first: where they come
      // together soon, the state goes on that was changed, and here everybody else would be gone from it.
      const lagMs = this.isAnyoneLost ? 3 * leaseMs + takeoverDelayMs : 0
      return this.viewAtMs + lagMs
    }
    // With quorum nobody else holds anything, whom the state has forgotten or never knew included.
    const mayAnyoneHold = this.isAnyoneLost || (quorum.needed !== null && apartMs < 2 * leaseMs)
    if (!mayAnyoneHold) return this.viewAtMs
    return this.viewAtMs + Math.max(0, 2 * leaseMs - apartMs) + takeoverDelayMs
  }

  private get isAnyoneLost(): boolean {
    const incarnations = new Map(this.view!.members.map((member) => [member.nodeId, member.incarnation]))
    const present = [...this.machine.state.present.values()]
    return present.some(({ nodeId, incarnation }) => incarnations.get(nodeId) !== incarnation)
  }

  private maybeSayView(): void {
    const { view } = this
    if (view === null || !this.isViewWanted || this.port.nowMs() < this.viewDueMs) return
    this.saidView = view.number
    const { quorate, votes, expectedVotes } = view.quorum
    this.outbox.say(
      {
        kind: 'view',
        number: view.number,
        members: view.members.map(({ nodeId, incarnation }) => [nodeId, incarnation] as const),
        quorate,
        votes,
        expected: expectedVotes,
      },
      {
        onApplied: () => undefined,
        onDropped: () => {
          this.saidView = 0
          return false
        },
        isMoot: () => this.view !== view,
      },
    )
  }

  /**
   * Nobody is made active anywhere before: what another state gave components of this node they have let go
   * of.
   */
  private maybeSayHello(): void {
    if (!this.components.areClear) return
    const { nodeId, incarnation, nodeName } = this.port
    const known = this.machine.state.present.get(nodeId)
    if (known?.incarnation === incarnation && known.digest === this.own.digest) return
    if (this.isSayingHello) return
    this.isSayingHello = true
    const end = (): boolean => (this.isSayingHello = false)
    const { digest } = this.own
    const letter = { onApplied: () => void end(), onDropped: end }
    this.outbox.say({ kind: 'hello', incarnation, nodeName, digest }, letter)
  }

  private maybeSayConfiguration(): void {
    if (!this.isConfigurationWanted || this.port.nowMs() < this.configurationDueMs) return
    const { digest, text } = this.own
    this.saidConfiguration = this.view?.number ?? 0
    const onDropped = (): boolean => {
      this.saidConfiguration = -1
      return false
    }
    this.outbox.say({ kind: 'configure', digest, text }, { onApplied: () => undefined, onDropped })
  }
}
