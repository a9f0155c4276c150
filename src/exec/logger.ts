import type { LogLevel } from '../totem/index.js'

export type LogFormat = 'text' | 'json'
export const logLevels = [
  'error',
  'warning',
  'notice',
  'info',
  'debug',
] as const satisfies readonly LogLevel[]
export const logFormats = ['text', 'json'] as const

/** Part of the program that a line speaks of. */
export type Subsystem = 'exec' | 'config' | 'transport' | 'totem' | 'group' | 'ipc' | 'amf' | 'ckpt' | 'cpg'

export interface LoggerOptions {
  /** Lines below this level are not written. */
  readonly level: LogLevel
  readonly format: LogFormat
  /** Takes one line, newline included. */
  readonly write: (line: string) => void
  /** Wall clock, milliseconds since 1970. */
  readonly wallMs: () => number
}

/** A message is written once in this time; what comes on top of it is counted and reported at its end. */
const REPEAT_INTERVAL_MS = 5000

/** Different messages remembered to tell repeats from news; the oldest gives way. */
const REMEMBERED_MESSAGES = 64

interface Remembered {
  readonly level: LogLevel
  readonly subsystem: Subsystem
  readonly message: string
  untilMs: number
  repeats: number
}

/** The structured log: a line an event, with time, level and subsystem; repeats are held back and counted. */
export class Logger {
  readonly #remembered = new Map<string, Remembered>()
  readonly #threshold: number

  constructor(private readonly options: LoggerOptions) {
    this.#threshold = logLevels.indexOf(options.level)
  }

  log(level: LogLevel, subsystem: Subsystem, message: string): void {
    if (logLevels.indexOf(level) > this.#threshold) return
    if (level !== 'debug' && this.#isRepeat(level, subsystem, message)) return
    this.#write(level, subsystem, message)
  }

  /** Report the repeats held back whose time is over; all of them when `all`. To be called now and then. */
  flush(all = false): void {
    const nowMs = this.options.wallMs()
    for (const [key, entry] of this.#remembered) {
      if (all || nowMs >= entry.untilMs) this.#forget(key, entry)
    }
  }

  #isRepeat(level: LogLevel, subsystem: Subsystem, message: string): boolean {
    const nowMs = this.options.wallMs()
    const key = `${subsystem} ${message}`
    const entry = this.#remembered.get(key)
    if (entry !== undefined && nowMs < entry.untilMs) {
      entry.repeats++
      return true
    }
    if (entry !== undefined) this.#forget(key, entry)
    const untilMs = nowMs + REPEAT_INTERVAL_MS
    this.#remembered.set(key, { level, subsystem, message, untilMs, repeats: 0 })
    if (this.#remembered.size > REMEMBERED_MESSAGES) this.#forgetOldest()
    return false
  }

  #forgetOldest(): void {
    for (const [key, entry] of this.#remembered) {
      this.#forget(key, entry)
      return
    }
  }

  #forget(key: string, entry: Remembered): void {
    this.#remembered.delete(key)
    if (entry.repeats === 0) return
    const times = entry.repeats === 1 ? 'once' : `${entry.repeats} times`
    this.#write(entry.level, entry.subsystem, `${entry.message} (repeated ${times})`)
  }

  #write(level: LogLevel, subsystem: Subsystem, message: string): void {
    const time = new Date(this.options.wallMs()).toISOString()
    const line =
      this.options.format === 'json'
        ? JSON.stringify({ time, level, subsystem, message })
        : `${time} ${level.padEnd(7)} ${subsystem.padEnd(9)} ${singleLine(message)}`
    this.options.write(`${line}\n`)
  }
}

function singleLine(message: string): string {
  return message.replace(/[\r\n]+/g, ' | ')
}
