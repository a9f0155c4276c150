/** Rows of cells as text, columns aligned; cells that are numbers to the right. */
export function table(header, rows) {
  const all = [header, ...rows.map((row) => row.map(String))]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  const isNumeric = header.map((_, column) => rows.every((row) => /^[\d.,k<–-]*$/.test(String(row[column]))))
  const line = (row) =>
    row
      .map((cell, column) =>
        isNumeric[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join('  ')
      .trimEnd()
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...all.slice(1).map(line)].join('\n')
}

/** The value below which the given share of them lies. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
