import type { NodeConfiguration } from './node-configuration.js'

/** Digests of the two files as they are now; null: there is no such file. */
export interface FileDigests {
  readonly network: string | null
  readonly groups: string | null
}

/** What the service needs of the executive it runs in. */
export interface ConfPort {
  readonly nodeId: number
  readonly incarnation: number
  /** What this executive was started with. */
  readonly configuration: NodeConfiguration
  /** `groupsText` of what AMF was given. */
  readonly groupsText: string
  /** Multicast one message. @returns false when there is no room: `onDrain` follows */
  send(payload: Uint8Array): boolean
  /** Look at the files again; `done` is called once, at a later time. */
  lookAtFiles(done: (digests: FileDigests) => void): void
  /** Call `run` after that time. @returns what keeps it from being called */
  after(delayMs: number, run: () => void): () => void
}
