import { ScriptError } from './script-error.js'

/** One command of a script. */
export interface ScriptLine {
  readonly number: number
  readonly words: readonly string[]
}

/** Commands, and where what they print goes. */
export interface ScriptBlock {
  /** The text up to and with the `----` line, as it was written. */
  readonly text: string
  readonly commands: readonly ScriptLine[]
}

export interface ParsedScript {
  readonly blocks: readonly ScriptBlock[]
  /** What follows the last block: comments and blank lines. */
  readonly tail: string
}

const SEPARATOR = '----'

/**
 * A script is a sequence of blocks: commands, one a line, `----`, the expected output up to the next
 * blank line. Lines that begin with # are comments.
 * @throws ScriptError when commands are not followed by `----`
 */
export function parseScript(text: string): ParsedScript {
  const lines = text.split('\n')
  const blocks: ScriptBlock[] = []
  let from = 0
  let commands: ScriptLine[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    if (line !== SEPARATOR) {
      if (line.trim() !== '' && !line.startsWith('#')) commands.push({ number: at + 1, words: wordsOf(line) })
      continue
    }
    blocks.push({ text: lines.slice(from, at + 1).join('\n'), commands })
    commands = []
    while (at + 1 < lines.length && lines[at + 1] !== '') at++
    from = at + 1
  }
  if (commands.length > 0) {
    throw new ScriptError(
      `the commands that end here need a line "${SEPARATOR}" behind them`,
      commands.at(-1)!.number,
    )
  }
  return { blocks, tail: lines.slice(from).join('\n') }
}

/** The script with what its commands printed in the place of the expected output. */
export function renderScript(script: ParsedScript, outputs: readonly (readonly string[])[]): string {
  const blocks = script.blocks.map(({ text }, index) => `${text}\n${outputs[index]!.join('\n')}\n`)
  return blocks.join('') + script.tail
}

function wordsOf(line: string): string[] {
  return line.match(/"[^"]*"|\S+/g) ?? []
}
