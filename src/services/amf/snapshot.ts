import type { AdminState } from '../../base/index.js'
import type { AmfState } from './state.js'

/** A state without anything in it. */
export function emptyState(): AmfState {
  return {
    viewNumber: 0,
    members: [],
    quorate: false,
    votes: 0,
    expected: null,
    digest: '',
    text: '',
    present: new Map(),
    nodes: new Map(),
    groups: new Map(),
    units: new Map(),
    components: new Map(),
    instances: new Map(),
    lastOperation: 0,
    lastStamp: 0,
    decisions: [],
    lastDecision: 0,
  }
}

const BIGINT = '$bigint'
const MAP = '$map'

/** The state in octets; states that came the same way give equal octets. */
export function freezeState(state: AmfState): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(state, plain))
}

/** @returns null: this is no such state */
export function restoreState(octets: Uint8Array): AmfState | null {
  try {
    const state = JSON.parse(new TextDecoder().decode(octets), revived) as Partial<AmfState> | null
    const isState = state?.components instanceof Map && state.present instanceof Map
    return isState ? { ...emptyState(), ...state } : null
  } catch {
    return null
  }
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { [BIGINT]: String(value) }
  if (!(value instanceof Map)) return value
  // In their order, which counts: who goes on from here does what comes next in the same order.
  return { [MAP]: [...(value as Map<string | number, unknown>)] }
}

function revived(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { [BIGINT]: number, [MAP]: entries } = value as { [BIGINT]?: string; [MAP]?: [string, unknown][] }
  if (number !== undefined) return BigInt(number)
  return entries === undefined ? value : new Map(entries)
}

/**
 * What the winner of a merge takes over from sides that were apart: what administrators ordered there
 * later, and epochs, which must not be used again. Components of the other sides register anew.
 */
export function mergeInto(winner: AmfState, losers: readonly AmfState[]): void {
  for (const loser of losers) {
    for (const table of ['nodes', 'groups', 'units', 'instances'] as const) {
      mergeAdmin(winner[table], loser[table])
    }
    for (const [name, instance] of loser.instances) {
      const kept = winner.instances.get(name)
      if (kept !== undefined && kept.epoch < instance.epoch) kept.epoch = instance.epoch
    }
    winner.lastOperation = Math.max(winner.lastOperation, loser.lastOperation)
    winner.lastStamp = Math.max(winner.lastStamp, loser.lastStamp)
    winner.lastDecision = Math.max(winner.lastDecision, loser.lastDecision)
  }
}

interface Administered {
  admin: AdminState
  adminStamp: number
}

function mergeAdmin(
  kept: ReadonlyMap<string, Administered>,
  others: ReadonlyMap<string, Administered>,
): void {
  for (const [name, other] of others) {
    const own = kept.get(name)
    if (own === undefined || own.adminStamp >= other.adminStamp) continue
    own.admin = other.admin
    own.adminStamp = other.adminStamp
  }
}
