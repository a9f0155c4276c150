import type { HaState } from '../base/index.js'

/**
 * A line of the log that all components of a stress run, and the run itself, append to. Times are nanoseconds
 * of CLOCK_MONOTONIC, the same for all processes of this machine.
 */
export interface StressEntry {
  readonly atNs: bigint
  /** Of the component; of the one it was done to. */
  readonly pid: number
  readonly component: string
  /**
   * An HA state: it was told so. removed: the CSI was taken from it. killed, stopped, continued: the run did
   * that to it, and has done it at that time. registered, lost, demoted: what the component says of itself;
   * the executive is gone, or took it for failed.
   */
  readonly what: HaState | 'removed' | 'killed' | 'stopped' | 'continued' | 'registered' | 'lost' | 'demoted'
  readonly csi: string | null
  /** Fencing token; null: about no assignment. */
  readonly epoch: bigint | null
  /** When the component's loop is known to have turned last before. */
  readonly turnedNs: bigint
}

type EntryFields = Pick<StressEntry, 'pid' | 'component' | 'what'> & Partial<StressEntry>

/** A line, with its end. */
export function entryLine(fields: EntryFields): string {
  const { pid, component, what, csi = null, epoch = null } = fields
  const at = fields.atNs ?? process.hrtime.bigint()
  const turned = fields.turnedNs ?? at
  const line = { at: `${at}`, pid, component, what, csi, epoch: epoch === null ? null : `${epoch}` }
  return `${JSON.stringify({ ...line, turned: `${turned}` })}\n`
}

/** @throws SyntaxError, TypeError: no line of such a log */
export function readEntry(line: string): StressEntry {
  const { at, turned, epoch, ...rest } = JSON.parse(line) as Record<'at' | 'turned', string> & {
    readonly epoch: string | null
  } & Pick<StressEntry, 'pid' | 'component' | 'what' | 'csi'>
  return {
    ...rest,
    atNs: BigInt(at),
    turnedNs: BigInt(turned),
    epoch: epoch === null ? null : BigInt(epoch),
  }
}

/** Cuts what is appended to a file into its lines. */
export class LineCutter {
  #rest = ''

  /** @returns the lines that are complete now */
  take(text: string): string[] {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines
  }
}
