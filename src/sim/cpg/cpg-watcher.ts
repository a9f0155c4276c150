import type { CpgAddress } from '../../base/index.js'
import type { Configuration, Guarantee, View } from '../../group/index.js'
import type { ProcessHistory } from '../history.js'

/** CPG of one process, as the checker sees it. */
export interface WatchedCpg {
  readonly process: ProcessHistory
  /** Nothing of this node waits or is on its way. */
  readonly quiet: boolean
}

export interface WatchedCpgApplication {
  readonly cpg: WatchedCpg
  readonly pid: number
  readonly isGone: boolean
  /** Not as if much waited for it. */
  readonly isReading: boolean
}

/** What became of a message: 'open' until the service has said whether it took it. */
export interface SentMessage {
  readonly guarantee: Guarantee
  readonly octets: number
  outcome: 'open' | 'taken' | 'refused'
}

/** An application in a group, from its call of join to the end of it. */
export interface CpgMembership {
  /** No two of a run have the same. */
  readonly serial: number
  readonly application: WatchedCpgApplication
  readonly group: string
  readonly address: CpgAddress
  /** As its application knows it. */
  state: 'joining' | 'joined' | 'leaving' | 'left'
  /** Message number n is at n - 1. */
  readonly sent: SentMessage[]
}

/** Is told all that happens to the process groups of a run. */
export interface CpgWatcher {
  begin(cpg: WatchedCpg): void
  /** The process is gone, and with it its applications' connections. */
  end(cpg: WatchedCpg): void
  onConfiguration(cpg: WatchedCpg, configuration: Configuration): void
  /** Before the service hears of it. */
  onView(cpg: WatchedCpg, view: View): void
  /** The ring has taken a message of the service. */
  onSent(cpg: WatchedCpg, payload: Uint8Array): void
  /** The service has heard an ordered message. */
  onOrdered(cpg: WatchedCpg, from: number, payload: Uint8Array): void
  onJoin(membership: CpgMembership): void
  /** @param body what the service tells this member */
  onEvent(membership: CpgMembership, body: unknown): void
  /** The service has answered its call of leave, or refused to let it in: it is told nothing more. */
  onLeft(membership: CpgMembership): void
  onApplicationGone(application: WatchedCpgApplication): void
  /** Something that a campaign has to have seen. */
  note(what: string): void
}
