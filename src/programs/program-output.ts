import type { AisError } from '../api/index.js'

/** Where a program prints, a line at a time. */
export interface ProgramOutput {
  /** What it is there for. */
  line(text: string): void
  /** What happened to itself. */
  note(text: string): void
}

export const standardOutput: ProgramOutput = {
  line: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`ais: ${text}\n`),
}

export function lostText(error: AisError): string {
  return `the executive is gone, waiting for it to come back (${error.message})`
}

export const restoredText = 'the executive is back'
