import { diagnosticCodes } from './model/diagnostic-codes.js'
import type { Diagnostic, DiagnosticCode, Fix } from './model/diagnostic.js'

// SARIF 2.1.0 (OASIS): what editors and CI show beside the lines of a file.

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

export interface SarifFile {
  /** As the user named it. */
  readonly path: string
  readonly diagnostics: readonly Diagnostic[]
}

/** A path as a URI: relative ones stay so. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  if (path.startsWith('/')) return `file://${encoded}`
  return encoded.replace(/^(?:\.\/)+/, '')
}

/** What a code is, for the list of rules. */
function ruleOf(code: DiagnosticCode): object {
  const { severity, summary } = diagnosticCodes[code]
  return {
    id: code,
    shortDescription: { text: summary },
    help: { text: `${summary} More: ais config explain ${code}` },
    defaultConfiguration: { level: severity === 'warning' ? 'warning' : 'error' },
  }
}

function fixOf(uri: string, { title, edits }: Fix): object {
  const replacements = edits.map(({ line, column, endLine, endColumn, text }) => ({
    deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
    ...(text === '' ? {} : { insertedContent: { text } }),
  }))
  return { description: { text: title }, artifactChanges: [{ artifactLocation: { uri }, replacements }] }
}

function resultOf(uri: string, diagnostic: Diagnostic, codes: readonly DiagnosticCode[]): object {
  const { code, severity, message, expected, line, column, length, fix } = diagnostic
  const region = { startLine: line, startColumn: column, endColumn: column + length }
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: expected === null ? message : `${message}; expected: ${expected}` },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region } }],
    ...(fix === null ? {} : { fixes: [fixOf(uri, fix)] }),
  }
}

/** @param version of this program */
export function sarifLog(files: readonly SarifFile[], version: string): object {
  const found = new Set(files.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code)))
  const codes = [...found].sort()
  const results = files.flatMap(({ path, diagnostics }) =>
    diagnostics.map((diagnostic) => resultOf(uriOf(path), diagnostic, codes)),
  )
  const driver = {
    name: 'ais config validate',
    version,
    rules: codes.map(ruleOf),
  }
  const artifacts = files.map(({ path }) => ({ location: { uri: uriOf(path) } }))
  // Columns are those of characters, not of the code units of a programming language.
  const run = { tool: { driver }, columnKind: 'unicodeCodePoints', artifacts, results }
  return { $schema: schema, version: '2.1.0', runs: [run] }
}
