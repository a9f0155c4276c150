import type { ChildProcess } from 'node:child_process'

export interface PrintedMember {
  readonly nodeId: number
  readonly address: string
  readonly name: string
}

export interface PrintedConfiguration {
  readonly event: 'configuration'
  readonly kind: 'regular' | 'transitional'
  readonly ringId: { readonly representative: number; readonly sequence: number }
  readonly members: readonly PrintedMember[]
  readonly joined: readonly PrintedMember[]
  readonly left: readonly (PrintedMember & { readonly reason: 'left' | 'failed' })[]
  /** When the line was read (performance.now()). */
  readonly atMs: number
}

export interface DaemonOptions {
  readonly prefix?: readonly string[]
  readonly configDir: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One life of one `ais exec` process. What it prints is collected and can be awaited. */
export class Daemon {
  constructor(options: DaemonOptions)
  readonly configurations: PrintedConfiguration[]
  readonly otherLines: string[]
  readonly log: string[]
  readonly spawnedAtMs: number
  readonly startedAtMs: number | undefined
  readonly process: ChildProcess
  readonly exited: Promise<Exit>
  readonly exit: Exit | undefined
  get pid(): number
  get last(): PrintedConfiguration | undefined
  signal(signal: NodeJS.Signals): void
  kill(): Promise<void>
  stop(): Promise<Exit>
  until<T>(check: () => T, what: string, timeoutMs?: number): Promise<NonNullable<T>>
  configuration(
    fits: (configuration: PrintedConfiguration) => boolean,
    what: string,
    options?: { readonly from?: number; readonly timeoutMs?: number },
  ): Promise<PrintedConfiguration>
  logLine(pattern: RegExp, timeoutMs?: number): Promise<string>
  started(timeoutMs?: number): Promise<number>
  describe(): string
}
