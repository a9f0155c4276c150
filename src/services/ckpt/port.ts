/** Digest of octets that come piece by piece. */
export interface Hash {
  update(octets: Uint8Array): void
  /** 16 octets. */
  digest(): Uint8Array
}

/** Files for what lost a conflict and does not fit into memory. */
export interface ConflictStore {
  /** Is there a complete file of this id? */
  has(id: string): boolean
  /** All of which there is a file. */
  ids(): readonly string[]
  /** For messages to people. */
  pathOf(id: string): string
  /**
   * Begin to keep these octets under this id, in place of others; `onDone` with null, or with why it could
   * not be done. The octets must not change meanwhile.
   */
  save(id: string, octets: readonly Uint8Array[], onDone: (problem: string | null) => void): void
  /**
   * @param onOctets with what was saved, piece by piece
   * @param onDone with null, or with why that was not all of it
   */
  load(id: string, onOctets: (octets: Uint8Array) => void, onDone: (problem: string | null) => void): void
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
  readonly conflicts: ConflictStore
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}
