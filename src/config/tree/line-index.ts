import type { SourcePosition } from '../model/network-config.js'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** Places of a text by their offsets; columns count characters, as the caret does. */
export class LineIndex {
  private readonly starts: number[] = [0]
  private readonly hasPairs: boolean
  /** The place that was asked for last: the next one is mostly behind it. */
  private last = { line: 0, offset: 0, column: 1 }

  /** @param text without a byte order mark */
  constructor(private readonly text: string) {
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1)
    this.hasPairs = /[\ud800-\udfff]/.test(text)
  }

  /** From one offset up to another, as far as that is on the same line. */
  place(from: number, to: number): SourcePosition {
    const line = this.lineOf(from)
    const end = this.endOf(line)
    const start = Math.min(from, end)
    const column = this.columnOf(line, start)
    const length = Math.max(1, this.count(start, Math.max(start, Math.min(to, end))))
    return { line: line + 1, column, length, source: this.text.slice(this.starts[line], end) }
  }

  /** The line an offset is on, from 0. */
  private lineOf(offset: number): number {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.starts[middle] <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** Where the text of a line ends, its line end not counted. */
  private endOf(line: number): number {
    let end = this.starts[line + 1] ?? this.text.length
    if (end > this.starts[line] && this.text.charCodeAt(end - 1) === LINE_FEED) end--
    if (end > this.starts[line] && this.text.charCodeAt(end - 1) === CARRIAGE_RETURN) end--
    return end
  }

  private columnOf(line: number, offset: number): number {
    const { last } = this
    const isBehind = last.line === line && last.offset <= offset
    const from = isBehind ? last.offset : this.starts[line]
    const column = (isBehind ? last.column : 1) + this.count(from, offset)
    this.last = { line, offset, column }
    return column
  }

  private count(from: number, to: number): number {
    if (!this.hasPairs) return to - from
    let count = 0
    for (let at = from; at < to; count++) at += this.text.codePointAt(at)! > 0xffff ? 2 : 1
    return count
  }
}
