import { readFileSync } from 'node:fs'

/** Behind the name of the program, which may hold anything: state is the first field, start time the 20th. */
const STATE_AT = 0
const START_AT = 19

/**
 * When a living process of this machine was started, in ticks since the boot: with its pid it tells it from
 * every other process. @returns null: there is no such process, or it has ended and waits to be reaped
 */
export function processStart(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return null
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[STATE_AT]
  const start = Number(fields[START_AT])
  return state === undefined || 'ZX'.includes(state) || !Number.isSafeInteger(start) ? null : start
}
