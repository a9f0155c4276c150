import type { Fix, TextEdit } from './model/diagnostic.js'

/** A stretch of a text, by offsets. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** Offsets of the places of a text. */
class Offsets {
  private readonly starts: number[]

  constructor(private readonly text: string) {
    this.starts = [text.startsWith('\uFEFF') ? 1 : 0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1)
  }

  /** What is behind the end is at the end. */
  at(line: number, column: number): number {
    const start = this.starts[line - 1] ?? this.text.length
    const end = this.starts[line] ?? this.text.length
    let at = start
    for (let count = 1; count < column && at < end; count++) at += this.text.codePointAt(at)! > 0xffff ? 2 : 1
    return at
  }

  stretch({ line, column, endLine, endColumn, text }: TextEdit): Stretch {
    return { from: this.at(line, column), to: this.at(endLine, endColumn), text }
  }
}

function overlap(a: Stretch, b: Stretch): boolean {
  // What is put in where nothing goes out is in nobody's way.
  return a.from < b.to && b.from < a.to
}

/** Lines that are put in end as the others do, and do not join with a last line that has no end. */
function fitted({ from, to, text }: Stretch, whole: string, lineEnd: string): Stretch {
  if (!text.endsWith('\n')) return { from, to, text }
  const line = text.slice(0, -1) + lineEnd
  const isJoined = from === whole.length && whole !== '' && !whole.endsWith('\n')
  return { from, to, text: isJoined ? lineEnd + line.slice(0, -lineEnd.length) : line }
}

/**
 * The text with the fixes; one that touches what another one changes is left for the next time.
 * @returns the fixes that were made as well
 */
export function applyFixes(
  text: string,
  fixes: readonly Fix[],
): { readonly text: string; readonly applied: readonly Fix[] } {
  const offsets = new Offsets(text)
  const lineEnd = /\r\n/.test(text) ? '\r\n' : '\n'
  const stretches: Stretch[] = []
  const applied: Fix[] = []
  for (const fix of fixes) {
    const own = fix.edits.map((edit) => fitted(offsets.stretch(edit), text, lineEnd))
    if (own.some((one) => stretches.some((other) => overlap(one, other)))) continue
    stretches.push(...own)
    applied.push(fix)
  }
  let result = text
  for (const { from, to, text: put } of stretches.sort((a, b) => b.from - a.from || b.to - a.to)) {
    result = result.slice(0, from) + put + result.slice(to)
  }
  return { text: result, applied }
}
