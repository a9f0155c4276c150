import { printable } from './check-context.js'
import type { Diagnostic } from './model/diagnostic.js'

const widthMax = 100

/** The part of a long line around the caret, and where the caret stands in it. */
function excerpt(source: string, column: number): { readonly text: string; readonly offset: number } {
  const all = [...source]
  if (all.length <= widthMax) return { text: source, offset: column - 1 }
  const start = Math.min(Math.max(0, column - 1 - widthMax / 2), all.length - widthMax)
  const before = start > 0 ? '…' : ''
  const after = start + widthMax < all.length ? '…' : ''
  const text = `${before}${all.slice(start, start + widthMax).join('')}${after}`
  return { text, offset: column - 1 - start + before.length }
}

/**
 * A finding as people read it: `PATH:LINE:COL: error CODE: message`, the line, a caret, what was expected.
 * @param path as the user gave it
 */
export function formatDiagnostic(path: string, diagnostic: Diagnostic): string {
  const { line, column, severity, code, message, source, expected, fix } = diagnostic
  const lines = [`${printable(path)}:${line}:${column}: ${severity} ${code}: ${message}`]
  if (source !== null && source !== '') {
    const { text, offset } = excerpt(source, column)
    const room = [...text].length - offset
    lines.push(
      `    ${text}`,
      `    ${' '.repeat(offset)}${'^'.repeat(Math.max(1, Math.min(diagnostic.length, room)))}`,
    )
  }
  if (expected !== null) lines.push(`    expected: ${expected}`)
  if (fix !== null) lines.push(`    fix: ${fix.title}${fix.isSafe ? ' (--fix does it)' : ''}`)
  return lines.join('\n')
}
