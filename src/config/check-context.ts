import type { Diagnostic, DiagnosticCode, Fix, Severity } from './model/diagnostic.js'
import type { SourcePosition } from './model/network-config.js'
import { nearest } from './nearest.js'
import { characters, type Entry } from './parse.js'

/** Findings of one file beyond this many are counted, not listed, where nobody asks for more. */
const findingsMax = 100

/** Words of one file that are compared with one that is unknown, beyond which nothing is suggested. */
const comparisonsMax = 50_000

/** Findings of one severity beyond this many are not even kept. */
const keptMax = 2000

/** A line that is longer is not shown: nobody reads it. */
const sourceMax = 20_000

/** Keep control characters and what a terminal would act on out of everything that is printed. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '\uFFFD')
}

/** A value as a message quotes it: printable, and no longer than a line can bear. */
export function quoted(text: string): string {
  const safe = [...printable(text)]
  return `"${safe.length > 60 ? `${safe.slice(0, 60).join('')}…` : safe.join('')}"`
}

export interface Finding {
  readonly code: DiagnosticCode
  readonly message: string
  readonly expected?: string
  readonly fix?: Fix
}

/** Collects the findings of one file. */
export class CheckContext {
  readonly diagnostics: Diagnostic[] = []
  private readonly reported: Record<Severity, number> = { error: 0, warning: 0 }

  private comparisons = 0
  /** Many findings are about one line, which may be long. */
  private readonly lastSource = { raw: '', shown: null as string | null }

  /**
   * @param options.isFixable can what is wrong be changed where it stands?
   * @param options.isWhole every finding is listed that is kept
   */
  constructor(
    private readonly options: { readonly isFixable: boolean; readonly isWhole?: boolean } = {
      isFixable: true,
    },
  ) {}

  /** What an unknown word may have meant; null: nothing like it, or there were too many of them. */
  suggestion(word: string, candidates: readonly string[]): string | null {
    this.comparisons += candidates.length
    return this.comparisons > comparisonsMax ? null : nearest(word, candidates)
  }

  /**
   * Are there so many errors that one more would only be counted? Then it is, and need not be put in words.
   */
  countsOnly(): boolean {
    if (this.reported.error < keptMax) return false
    this.reported.error++
    return true
  }

  /** Is there any error? */
  get hasErrors(): boolean {
    return this.reported.error > 0
  }

  report(severity: Severity, key: string | null, position: SourcePosition, finding: Finding): void {
    this.reported[severity]++
    if (this.reported[severity] > keptMax) return
    this.diagnostics.push({
      severity,
      code: finding.code,
      line: position.line,
      column: position.column,
      length: Math.max(1, position.length),
      key,
      // Keys and values of all kinds are in them.
      message: printable(finding.message),
      expected: finding.expected === undefined ? null : printable(finding.expected),
      source: this.shown(position.source),
      fix: this.options.isFixable ? (finding.fix ?? null) : null,
    })
  }

  private shown(source: string): string | null {
    const { lastSource } = this
    if (lastSource.raw !== source || lastSource.shown === null) {
      lastSource.raw = source
      lastSource.shown = source.length > sourceMax ? null : printable(source)
    }
    return lastSource.shown
  }

  /** An error at the value of an entry. */
  error(entry: Entry, finding: Finding): void {
    this.report('error', entry.key, valuePosition(entry), finding)
  }

  /** A warning at the value of an entry. */
  warning(entry: Entry, finding: Finding): void {
    this.report('warning', entry.key, valuePosition(entry), finding)
  }

  /** All findings in the order of the file, errors first where there are too many to list. */
  finish(): Diagnostic[] {
    const byPlace = (a: Diagnostic, b: Diagnostic): number => a.line - b.line || a.column - b.column
    const listedMax = this.options.isWhole === true ? 2 * keptMax : findingsMax
    const all = this.reported.error + this.reported.warning
    if (this.diagnostics.length <= listedMax && all === this.diagnostics.length) {
      return this.diagnostics.sort(byPlace)
    }
    const weight = (diagnostic: Diagnostic): number => (diagnostic.severity === 'error' ? 0 : 1)
    const listed = this.diagnostics.sort((a, b) => weight(a) - weight(b) || byPlace(a, b)).slice(0, listedMax)
    const last = listed.sort(byPlace)[listed.length - 1]
    const message = `${all - listed.length} more findings are not listed`
    return [
      ...listed,
      {
        ...last,
        severity: 'warning',
        code: 'too-many',
        key: null,
        message,
        expected: null,
        source: null,
        fix: null,
      },
    ]
  }
}

export function valuePosition(entry: Entry): SourcePosition {
  return (
    entry.valuePlace ?? {
      line: entry.line,
      column: entry.valueColumn,
      length: characters(entry.value),
      source: entry.source,
    }
  )
}

export function keyPosition(entry: Entry): SourcePosition {
  const { line, keyColumn: column, key, source, valuePlace } = entry
  // A member in a list has no key of its own.
  if (valuePlace?.line === line && valuePlace.column === column) return valuePlace
  return { line, column, length: characters(key), source }
}
