import type { ChildProcess } from 'node:child_process'
import type { Exit } from './daemon.mjs'

interface LineOptions {
  readonly from?: number
  readonly timeoutMs?: number
}

/** A running command of ais that prints as things happen: `ais clm watch`. */
export class ClientProgram {
  constructor(args: readonly string[], env?: Readonly<Record<string, string>>, program?: string)
  readonly lines: string[]
  /** When each line was read (performance.now()). */
  readonly lineTimesMs: number[]
  readonly errorLines: string[]
  readonly process: ChildProcess
  readonly exited: Promise<Exit>
  readonly exit: Exit | undefined
  get documents(): unknown[]
  get output(): string
  signal(signal: NodeJS.Signals): void
  end(signal?: NodeJS.Signals): Promise<Exit>
  until<T>(check: () => T, what: string, timeoutMs?: number): Promise<NonNullable<T>>
  line(pattern: RegExp, options?: LineOptions): Promise<number>
  errorLine(pattern: RegExp, options?: LineOptions): Promise<number>
  describe(): string
}
