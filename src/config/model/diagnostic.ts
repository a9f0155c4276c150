export type Severity = 'error' | 'warning'

/** Every code a configuration file can be answered with; docs/configuration.md explains each. */
export type DiagnosticCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'file-ambiguous'
  | 'file-too-large'
  | 'file-not-text'
  | 'file-syntax'
  | 'line-malformed'
  | 'key-unknown'
  | 'key-duplicate'
  | 'key-ignored'
  | 'key-missing'
  | 'key-unused'
  | 'value-missing'
  | 'value-invalid'
  | 'value-range'
  | 'value-conflict'
  | 'value-form'
  | 'trailing-text'
  | 'ipv6-unsupported'
  | 'mcastaddr-reserved'
  | 'mcastport-privileged'
  | 'mcastport-neighbour'
  | 'quorum-two-node'
  | 'interface-none'
  | 'interface-several'
  | 'interface-loopback'
  | 'comment-indented'
  | 'block-unknown'
  | 'block-misplaced'
  | 'block-unclosed'
  | 'block-stray'
  | 'block-empty'
  | 'key-misplaced'
  | 'name-duplicate'
  | 'name-alike'
  | 'name-invisible'
  | 'name-unknown'
  | 'member-duplicate'
  | 'member-missing'
  | 'component-unassigned'
  | 'protection-unused'
  | 'model-unserved'
  | 'model-unreachable'
  | 'capability-conflict'
  | 'node-shared'
  | 'recovery-unreachable'
  | 'limit-exceeded'
  | 'too-many'

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
}
