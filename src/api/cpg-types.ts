import type { AisError, CpgAddress, CpgReason } from '../base/index.js'

/** 'safe': delivered once every node is known to have it; 'agreed': as soon as its turn has come. */
export type CpgGuarantee = 'agreed' | 'safe'

/** Who came or went, and why. */
export interface CpgChange extends CpgAddress {
  readonly reason: CpgReason
}

/** A change of a group (cpg_confchg_fn_t). */
export interface CpgMembershipChange {
  /** After the change, sorted by node id and pid. */
  readonly members: readonly CpgAddress[]
  readonly joined: readonly CpgChange[]
  readonly left: readonly CpgChange[]
}

/** The nodes that the group's messages are ordered among (cpg_totem_confchg_fn_t). */
export interface CpgConfiguration {
  readonly ringId: { readonly representative: number; readonly sequence: number }
  /** Node ids, ascending. */
  readonly members: readonly number[]
}

/**
 * What a member is told, in one order that all members share. A callback that throws is the application's
 * uncaught error, and keeps nothing else from its turn.
 */
export interface CpgCallbacks {
  /**
   * A message, the member's own ones included (cpg_deliver_fn_t).
   * @param payload valid after the call too; not to be written to
   */
  deliver?(payload: Uint8Array, from: CpgAddress, guarantee: CpgGuarantee): void
  /** The first one, with the member's own join, comes before `join` resolves. */
  membership?(change: CpgMembershipChange): void
  /** The present one comes first, then each change. */
  configuration?(configuration: CpgConfiguration): void
  /** The executive is gone: messages are missed from here on, and nothing can be sent. */
  lost?(error: AisError): void
  /** In the group again, at another executive; a `membership` with all members came before. */
  restored?(): void
}
