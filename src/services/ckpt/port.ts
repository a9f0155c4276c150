/** Digest of octets that come piece by piece. */
export interface Hash {
  update(octets: Uint8Array): void
  /** 16 octets. */
  digest(): Uint8Array
}

/** Files for what lost a conflict and does not fit into memory. */
export interface ConflictStore {
  /** Begin to keep these octets under this id; `onDone` with null, or with why it could not be done. */
  save(id: string, octets: readonly Uint8Array[], onDone: (problem: string | null) => void): void
  /** @param onDone with the octets, or with why they cannot be had */
  load(id: string, onDone: (octets: Uint8Array | string) => void): void
  remove(id: string): void
}

/** What CKPT needs of the executive around it. */
export interface CkptPort {
  /** This process's life on the ring. */
  readonly nodeId: number
  readonly incarnation: number
  /**
   * Multicast a message, MESSAGE_HEADER_OCTETS left free in front.
   * @returns false: there is no room, onDrain follows
   */
  send(payload: Uint8Array): boolean
  /** Clock that only grows, milliseconds. */
  nowMs(): number
  /** Milliseconds since 1970. */
  wallMs(): number
  /** Have `onAlarm` called after so many milliseconds, once; instead of the alarm set before. */
  setAlarm(delayMs: number): void
  /** Have `onLater` called soon, after other work. */
  later(): void
  /** False: there was no token for a while, what this replica holds may be of yesterday. */
  isCurrent(): boolean
  createHash(): Hash
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}
