/** What another node calls itself must not act on this terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}

/** Rows of cells as lines of a table: columns as wide as they have to be, two blanks between them. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of cells) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length)
    }
  }
  const padded = (cell: string, index: number): string => cell + ' '.repeat(widths[index] - [...cell].length)
  return cells.map((row) => row.map(padded).join('  ').trimEnd())
}
