import type { Configuration, Gate, Lineage, Transferred, View } from '../../group/index.js'
import type { CkptService } from '../../services/index.js'
import type { AisErrorName } from '../../base/index.js'
import type { ProcessHistory } from '../history.js'

/** CKPT of one process, as the checker sees it. */
export interface WatchedCkpt {
  readonly process: ProcessHistory
  readonly service: CkptService
  readonly gate: Gate
  /** The way its state came; null: it holds none. */
  lineage(): Lineage | null
  wallMs(): number
  /** Since the last token arrived that was handled; 0 while the process is alone. */
  silentMs(): number
  /** Reads wait when it is more. */
  readonly silentMaxMs: number
}

/** What came of a call: a result, or the standard's error. */
export type Answer =
  { readonly code: null; readonly result: unknown } | { readonly code: AisErrorName; readonly text: string }

/** One call of a virtual application. */
export interface Call {
  readonly ckpt: WatchedCkpt
  readonly application: WatchedApplication
  readonly method: string
  readonly params: unknown
}

export interface WatchedApplication {
  readonly name: string
  /** Handles that the application has open, as far as it knows. */
  readonly handles: ReadonlyMap<number, OpenHandle>
  /** What it holds by the service's own account. */
  readonly holds: number
  readonly isGone: boolean
}

export interface OpenHandle {
  readonly handle: number
  readonly name: string
  readonly flags: number
  /** Of the attributes it was opened with. */
  readonly creationFlags: number
  readonly maxSections: number
  readonly maxSectionSize: number
  /** Number of the subscription that follows its changes; null: there is none. */
  tracking: number | null
  /** How often the application was told that all of it may be another one. */
  replaced: number
  /** Of `replaced`, since it is tracked. */
  replacedDue: number
}

/** Is told all that happens to the checkpoints of a run. */
export interface CkptWatcher {
  begin(ckpt: WatchedCkpt): void
  /** The process is gone, and with it what it held. */
  end(ckpt: WatchedCkpt): void
  onConfiguration(ckpt: WatchedCkpt, configuration: Configuration): void
  onView(ckpt: WatchedCkpt, view: View): void
  onGate(ckpt: WatchedCkpt): void
  onApplying(ckpt: WatchedCkpt, from: number, payload: Uint8Array): void
  /** @param changed what the service says: its state is another one now */
  onApplied(ckpt: WatchedCkpt, from: number, payload: Uint8Array, changed: boolean): void
  onDropped(ckpt: WatchedCkpt, payload: Uint8Array): void
  onAdopted(ckpt: WatchedCkpt, winner: Transferred, conflicts: readonly Transferred[]): void
  onApplication(application: WatchedApplication, ckpt: WatchedCkpt): void
  onApplicationGone(application: WatchedApplication): void
  onCall(call: Call): void
  onAnswer(call: Call, answer: Answer): void
  /** Something that a campaign has to have seen. */
  note(what: string): void
}
