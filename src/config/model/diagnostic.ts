import type { DiagnosticCode, Severity } from './diagnostic-codes.js'

export type { DiagnosticCode, Severity } from './diagnostic-codes.js'

/** Characters from (line, column) up to but without (endLine, endColumn), all from 1, are to read `text`. */
export interface TextEdit {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly text: string
}

/** What would mend a finding. */
export interface Fix {
  /** For people: `write "netmtu"`. */
  readonly title: string
  /** What the author meant is beyond doubt: `ais config validate --fix` does it. */
  readonly isSafe: boolean
  /** In the text of the file as it was checked; they do not overlap. */
  readonly edits: readonly TextEdit[]
}

/** One finding about a configuration file. Holds no control characters: it may be printed as it is. */
export interface Diagnostic {
  readonly severity: Severity
  readonly code: DiagnosticCode
  /** Counted from 1; 1 for findings about the file as a whole. */
  readonly line: number
  /** In characters, counted from 1. */
  readonly column: number
  /** Characters the caret line underlines; at least 1. */
  readonly length: number
  readonly key: string | null
  readonly message: string
  /** What should stand there instead. */
  readonly expected: string | null
  /** The line of the file it is about, if it is about one. */
  readonly source: string | null
  /** null: none is known. */
  readonly fix: Fix | null
}
