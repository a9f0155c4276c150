import type { GroupsConfig } from '../../config/model/groups-config.js'
import type { Hash } from '../ckpt/port.js'

/** What AMF needs of the executive around it. */
export interface AmfPort {
  /** This process's life on the ring. */
  readonly nodeId: number
  readonly incarnation: number
  readonly nodeName: string
  /** How long a component may hold what it holds after its lease was renewed last. */
  readonly leaseMs: number
  /** Of this node's own file. */
  readonly config: GroupsConfig
  createHash(): Hash
  /**
   * Multicast a message, MESSAGE_HEADER_OCTETS left free in front.
   * @returns false: there is no room, onDrain follows
   */
  send(payload: Uint8Array): boolean
  /** CLOCK_MONOTONIC of this machine, which its applications read as well; milliseconds. */
  nowMs(): number
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Have `onAlarm` called after so many milliseconds, once; instead of the alarm set before. */
  setAlarm(delayMs: number): void
  /** Have `onLater` called soon, after what has come from applications meanwhile. */
  later(): void
  /** May components of this node go on: it runs, and has heard a quorum lately where one is needed. */
  mayRenew(): boolean
  /** For how long this process did not run, lately. Components get so much more time to answer. */
  lateMs(): number
  /** When this process of this node was started, in units of the system; null: there is none. */
  processStart(pid: number): number | null
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}
