import type { GroupsConfig } from '../../config/model/groups-config.js'
import type { AmfMessage, Refusal } from './messages.js'
import type { AmfState, Decision } from './state.js'

/** Hears what applying a message, or going on with another state, has changed. */
export interface MachineListener {
  /** Something about this component is another now: its node sees to what that asks for. */
  onComponent(name: string): void
  /** A new line of the decision log. */
  onDecision(decision: Decision): void
  /** There is a configuration, or another one. */
  onConfigured(): void
}

export interface Applied {
  /** The state is another one now. */
  readonly changed: boolean
  /** Why the message had no effect; null: it had, or there was nothing left to do. */
  readonly refusal: Refusal | null
}

/** AMF's state and its rules: the same on every node, without a clock. */
export interface ReplicatedMachine {
  /** To be read only. Another object after `restore` and `merge`. */
  readonly state: AmfState
  /** The model of the state; null while there is none. */
  readonly config: GroupsConfig | null
  apply(from: number, message: AmfMessage): Applied
  /** @returns null: the state has its configuration. Else whose is to be sent, and by which node */
  wantedConfiguration(
    viewMembers: readonly number[],
  ): { readonly digest: string; readonly nodeId: number } | null
  freeze(): Uint8Array
  /** Go on with this state. @returns false: the octets are none */
  restore(octets: Uint8Array): boolean
  /** Go on with the winner's state (null: the present one), and what is kept of those that lost. */
  merge(winner: Uint8Array | null, losers: readonly Uint8Array[]): void
  /** Nothing is under way in this group, null: in any, and all is assigned as it ought to be. */
  isSettled(group: string | null): boolean
}
