import { Chalk, type ChalkInstance } from 'chalk'
import { createTwoFilesPatch } from 'diff'

const plain = new Chalk({ level: 0 })
const colours = new Chalk()

function coloured(line: string, { bold, cyan, green, red }: ChalkInstance): string {
  if (/^(?:---|\+\+\+) /.test(line)) return bold(line)
  if (line.startsWith('@@')) return cyan(line)
  if (line.startsWith('+')) return green(line)
  return line.startsWith('-') ? red(line) : line
}

/** What nobody sees, and what a terminal would act on, in the lines of a file. */
const unseen = /[^\P{Cc}\t]|[\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu

/** What changes from one text to the other, as `diff -u` has it; '' if nothing does. Printable. */
export function textDiff(path: string, before: string, after: string, useColour: boolean): string {
  if (before === after) return ''
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 2 })
  const lines = patch.split('\n').filter((line) => !/^(?:Index: |={5})/.test(line))
  const shown = lines.map((line) => line.replace(/\r$/, '').replace(unseen, '\uFFFD'))
  return shown.map((line) => coloured(line, useColour ? colours : plain)).join('\n')
}
