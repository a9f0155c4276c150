import type { HaState, ReadinessState } from '../../base/index.js'
import type { Gate, Lineage, RingId, Transferred, View } from '../../group/index.js'
import type { AmfService } from '../../services/index.js'
import type { ProcessHistory } from '../history.js'
import type { EventLoop } from './event-loop.js'

/** AMF of one process of the executive, as the checkers see it. */
export interface WatchedAmf {
  readonly process: ProcessHistory
  readonly nodeName: string
  readonly service: AmfService
  readonly gate: Gate
  readonly view: View | null
  /** The executive is stopped from outside. */
  readonly isPaused: boolean
  /** When it was last stopped or went on, by the clock of the run. */
  readonly stoppedMs: number
  lineage(): Lineage | null
}

/** What an application does for a CSI, whatever others think it does. */
export interface HeldCsi {
  readonly csi: string
  readonly instance: string
  haState: HaState
  readonly epoch: bigint
  /** The executive told it so as its so many-th; the same for the same activation of other components. */
  readonly sent: Sent
}

/** An event as the executive let it go. */
export interface Sent {
  readonly body: AmfEvent
  /** By the clock of the run. */
  readonly atMs: number
  /** Of the executive then. */
  readonly view: RingId | null
}

export type AmfEvent =
  | {
      readonly type: 'csi-set'
      readonly invocation: number
      readonly si: string
      readonly csi: string
      readonly haState: HaState
      readonly epoch: bigint
      readonly transition: string
      readonly activeComponent: string | null
      readonly activeNode: string | null
      readonly standbyRank: number
      readonly attributes: readonly (readonly [string, readonly string[]])[]
    }
  | { readonly type: 'csi-remove'; readonly invocation: number; readonly si: string; readonly csi: string }
  | { readonly type: 'readiness'; readonly invocation: number; readonly readiness: ReadinessState }
  | { readonly type: 'terminate'; readonly invocation: number }
  | { readonly type: 'healthcheck'; readonly invocation: number; readonly key: string }
  | { readonly type: 'lease'; readonly sentAtMs: number }
  | { readonly type: 'demote'; readonly invocation: number; readonly cause: string }

/** The connection of a component to an executive. */
export interface WatchedConnection {
  readonly amf: WatchedAmf
  /** When it broke, by the clock of the run; null: it has not. */
  readonly brokenMs: number | null
  /** The executive gave it up, of its own accord or by ending. */
  readonly brokenByExecutive: boolean
}

/** One process of a component. */
export interface WatchedComponent {
  /** Of the component; several processes may pass themselves off as it. */
  readonly name: string
  /** Of the process. */
  readonly who: string
  readonly loop: EventLoop
  readonly connection: WatchedConnection | null
  readonly held: ReadonlyMap<string, HeldCsi>
  /** What it was told of its readiness. */
  readonly readiness: ReadinessState
  /** When its lease ends by what reached it, by the monotonic clock of its machine. */
  readonly leaseEndMs: number
  /** The monotonic clock of its machine. */
  machineMs(): number
}

/** Is told all that happens to AMF in a run. */
export interface AmfWatcher {
  begin(amf: WatchedAmf): void
  /** The process is gone. */
  end(amf: WatchedAmf): void
  onView(amf: WatchedAmf, view: View): void
  onGate(amf: WatchedAmf): void
  /** @param place in the lineage that the change takes; several may share one */
  onApplying(amf: WatchedAmf, place: string): void
  onApplied(amf: WatchedAmf, from: number, payload: Uint8Array, changed: boolean): void
  onAdopted(amf: WatchedAmf, winner: Transferred, conflicts: readonly Transferred[]): void
  onComponent(component: WatchedComponent): void
  /** The process is gone. */
  onComponentGone(component: WatchedComponent): void
  /** An event came out of the socket. */
  onEvent(component: WatchedComponent, sent: Sent): void
  /** The library calls the application back. */
  onCallback(component: WatchedComponent, body: AmfEvent): void
  /** The library let go of everything, without having been asked. */
  onLapse(component: WatchedComponent): void
  /** What was to be answered was: this invocation, or the demotion. */
  onAnswered(component: WatchedComponent, invocation: number): void
  /** What the application does for this CSI has changed. */
  onHeld(component: WatchedComponent, csi: string): void
  /** The application writes to the storage of the service instance it is active for. */
  onWrite(component: WatchedComponent, held: HeldCsi): void
  /** A registration was accepted. */
  onRegistered(component: WatchedComponent): void
  /** Something that may not be. */
  violate(promise: string, message: string): void
  /** Something that a campaign has to have seen. */
  note(what: string): void
}
