import type { Configuration, Guarantee, RingId } from '../group/index.js'
import type { ProcessId } from '../totem/wire/control.js'
import { processKey } from '../totem/membership/gathering.js'

/** A message as the load made it: who sent it, and which of that process's messages it is. */
export interface MessageId {
  readonly nodeId: number
  readonly incarnation: number
  readonly number: number
}

export type HistoryEvent =
  | { readonly kind: 'configuration'; readonly atMs: number; readonly configuration: Configuration }
  | {
      readonly kind: 'accept'
      readonly message: string
      readonly guarantee: Guarantee
      readonly octets: number
    }
  | {
      readonly kind: 'deliver'
      readonly message: string
      readonly guarantee: Guarantee
      readonly octets: number
      readonly from: number
      readonly position: number
    }

/** Everything one process of the executive saw and did, from its start to its end. */
export class ProcessHistory {
  readonly events: HistoryEvent[] = []
  /** Data frames that reached the process, by ring. */
  readonly received = new Map<string, Set<number>>()
  /** Positions of the messages it delivered, by ring, in order. */
  readonly positions = new Map<string, number[]>()
  regular: Configuration | null = null
  transitional: Configuration | null = null
  /** The last configuration delivered is a transitional one. */
  inTransition = false
  end: 'crashed' | 'left' | null = null

  constructor(
    readonly id: ProcessId,
    readonly name: string,
  ) {}

  markReceived(ring: string, sequence: number): void {
    const set = this.received.get(ring) ?? new Set<number>()
    set.add(sequence)
    this.received.set(ring, set)
  }
}

export interface Violation {
  /** The promise of docs/testing.md that was broken. */
  readonly promise: string
  readonly message: string
}

/** What all processes of a run saw and did. */
export class History {
  readonly processes: ProcessHistory[] = []
  readonly violations: Violation[] = []
  private readonly byKey = new Map<string, ProcessHistory>()

  begin(id: ProcessId, name: string): ProcessHistory {
    const process = new ProcessHistory(id, name)
    this.processes.push(process)
    this.byKey.set(processKey(id), process)
    return process
  }

  processOf(id: ProcessId): ProcessHistory | undefined {
    return this.byKey.get(processKey(id))
  }

  violate(promise: string, message: string): void {
    if (this.violations.length < 20) this.violations.push({ promise, message })
  }

  /** Do these checks find nothing? What they find is not kept. */
  holds(check: () => void): boolean {
    const before = this.violations.length
    check()
    return this.violations.splice(before).length === 0
  }
}

export function ringKey(ringId: RingId): string {
  return `${ringId.representative}:${ringId.sequence}`
}

export function messageKey(message: MessageId): string {
  return `${message.nodeId}.${message.incarnation}.${message.number}`
}
