import chalk from 'chalk'
import { writeSync } from 'node:fs'

/** One line of a list of checks. */
export interface CheckLine {
  readonly id: string
  readonly status: 'ok' | 'warn' | 'fail' | 'skip'
  readonly message: string
  readonly remedy: string | null
}

export interface ChecklistItem<L extends CheckLine> {
  readonly title: string
  /** May come to several lines. */
  readonly run: () => Promise<readonly L[]>
}

const colours = { ok: chalk.green, warn: chalk.yellow, fail: chalk.red, skip: chalk.dim }
const ID_WIDTH = 22
const SHOW_CURSOR = '\u001b[?25h\n'

/**
 * Run checks one after the other and print each on stdout: live on a terminal, as lines elsewhere.
 * @returns all lines
 */
export async function printChecklist<L extends CheckLine>(items: readonly ChecklistItem<L>[]): Promise<L[]> {
  if (process.stdout.isTTY) return runLive(items)
  const all: L[] = []
  for (const { run } of items) {
    const lines = await run()
    all.push(...lines)
    for (const line of lines) process.stdout.write(`${checkText(line)}\n`)
  }
  return all
}

async function runLive<L extends CheckLine>(items: readonly ChecklistItem<L>[]): Promise<L[]> {
  const { Listr } = await import('listr2')
  const all: L[] = []
  const tasks = items.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, item: { title?: string }): Promise<void> => {
      const lines = await run()
      all.push(...lines)
      item.title = lines.map(checkText).join('\n')
      if (lines.some(({ status }) => status === 'fail')) throw new Error('') // told by the line
    },
  }))
  const list = new Listr(tasks, {
    rendererOptions: { showErrorMessage: false, collapseErrors: false, formatOutput: 'wrap' },
    registerSignalListeners: false,
    exitOnError: false,
  })
  // Whoever ends the program gets the cursor back, which the list has hidden.
  const end = (): void => {
    writeSync(process.stdout.fd, SHOW_CURSOR) // the stream itself is the list's meanwhile
    process.kill(process.pid, 'SIGINT')
  }
  process.once('SIGINT', end)
  try {
    await list.run()
  } finally {
    process.off('SIGINT', end)
  }
  return all
}

/** 'fail  sizes  what was found', and below it what to do. */
export function checkText({ id, status, message, remedy }: CheckLine): string {
  const indent = ' '.repeat(6 + ID_WIDTH)
  const [first, ...more] = message.split('\n')
  const head = `${colours[status](status.padEnd(4))}  ${id.padEnd(ID_WIDTH)}${first}`
  const rest = more.map((line) => `${indent}${line}`)
  const advice = remedy === null ? [] : [`${indent}Try: ${remedy}`]
  return [head, ...rest, ...advice].join('\n')
}
