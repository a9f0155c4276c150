/** The timers of the ring. Setting one that runs moves it. */
export type TimerName =
  | 'token-loss'
  | 'token-retransmit'
  | 'token-hold'
  | 'probe'
  | 'join'
  | 'join-soon'
  | 'consensus'
  | 'suspect'
  | 'commit-retransmit'
  | 'merge'
  | 'leave'

export type LogLevel = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** The outside world as the ring sees it: all its effects. */
export interface TotemPort {
  multicast(frame: Uint8Array): void
  /** One after the other: what a process sends in one go can be handed over in one call. */
  multicastAll(frames: readonly Uint8Array[]): void
  unicast(address: string, frame: Uint8Array): void
  setTimer(timer: TimerName, delayMs: number): void
  cancelTimer(timer: TimerName): void
  /**
   * Put on disk that ring sequence numbers up to and including `sequence` may be used;
   * `TotemRing.onReserved` must be called when that is durable.
   */
  reserve(sequence: number): void
  /** CRC-32 (IEEE 802.3) of the octets from `offset` to the end. */
  checksum(frame: Uint8Array, offset: number): number
  log(level: LogLevel, message: string): void
  /** The ring has left the group after `leave()`: nothing more will be sent. */
  left(): void
}
