/** What the service needs of the executive it runs in. */
export interface CpgPort {
  readonly nodeId: number
  /** Multicast one message. @returns false when there is no room: `onDrain` follows */
  send(payload: Uint8Array, guarantee: 'agreed' | 'safe'): boolean
  /** Call `run` after that time. @returns what keeps it from being called */
  after(delayMs: number, run: () => void): () => void
  log(level: 'notice' | 'warning', message: string): void
}
