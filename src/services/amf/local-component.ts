import type { Client, Request } from '../front.js'
import { HealthChecks } from './health-checks.js'
import { Invocations } from './invocations.js'
import { ProcessMonitors } from './process-monitors.js'
import type { Operation } from './state.js'

/**
 * registering: the ordered message is under way, for the first time or again
 * registered: as far as this node knows
 * lost: the state does not know this registration any more; what the component holds is taken back first
 * leaving: the application has given it up
 */
export type Phase = 'registering' | 'registered' | 'lost' | 'leaving'

/** An operation that the component was told of. */
export interface Pending {
  readonly invocation: number
  readonly operation: Operation
  readonly deadlineMs: number
  /** Time in which this process did not run, and could not have heard the answer. */
  graceMs: number
  /** It was to quiesce, and is done with that before its answer. */
  hasQuiesced: boolean
}

/** What the component holds is taken back: at the latest when its lease is over. */
export interface Cleaning {
  readonly invocation: number
  readonly deadlineMs: number
  /** It is done, and said. */
  isDone: boolean
}

/** A component that an application of this node has registered. */
export class LocalComponent {
  phase: Phase = 'registering'
  /** Of the message that registered it last. */
  registration = 0
  /** The call that waits for the registration. */
  request: Request | null = null
  /** Operations up to this one it was told of, or they are nothing to it. */
  lastOperation = 0
  pending: Pending | null = null
  /** The last csi-set that it was told of. */
  lastAssignment = 0
  /** Up to that one it has said to hold nothing any more. */
  lapsedUpTo = 0
  /** An ordered message about that is under way. */
  isLapsing = false
  cleaning: Cleaning | null = null
  /** Declared failed here: the ordered message is under way. */
  isFailing = false
  /** Another side's state goes on, which cannot know what this component holds. */
  isOrphan = false
  /** It agreed to end, and is to do so by then. */
  endDeadlineMs = Infinity
  /** Not to be registered again before. */
  registerAtMs = -Infinity
  /** When its lease was renewed last. */
  renewedAtMs = -Infinity
  /** Operations that asked it to quiesce, by invocation. */
  readonly quiescing = new Map<number, number>()
  readonly invocations = new Invocations()
  readonly health = new HealthChecks()
  /** The check that the configuration asks for was begun. */
  hasDefaultCheck = false
  readonly processes = new ProcessMonitors()

  /** @param proxy name of the component that answers for it; null: itself */
  constructor(
    readonly name: string,
    readonly client: Client,
    readonly subscription: number,
    readonly proxy: string | null,
  ) {}

  /** It holds nothing, by its own word. */
  get holdsNothing(): boolean {
    return this.lastAssignment <= this.lapsedUpTo
  }

  event(body: unknown): void {
    this.client.event(this.subscription, body)
  }

  /** Nobody waits for the answer to the operation any more. */
  withdrawPending(): void {
    if (this.pending === null) return
    this.invocations.withdraw(this.pending.invocation)
    this.pending = null
  }

  /** No questions after its health until further notice. */
  suspendChecks(): void {
    for (const invocation of this.health.suspend()) this.invocations.withdraw(invocation)
  }
}
