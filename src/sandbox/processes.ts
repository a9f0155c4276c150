import { readdirSync, readFileSync, statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** A process for certain: pids are used again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Ticks since the machine was started, as /proc has them. */
  readonly startTime: string
}

/** 'stopped': by SIGSTOP; it does not run until SIGCONT. */
export type ProcessState = 'running' | 'stopped' | 'gone'

/** There is no event for the end of a process that is not one's own child. */
const POLL_INTERVAL_MS = 5

/** @returns null when there is no such process any more */
export function identify(pid: number): ProcessIdentity | null {
  const fields = statFields(pid)
  return fields === null ? null : { pid, startTime: fields[START_TIME_FIELD] }
}

export function stateOf({ pid, startTime }: ProcessIdentity): ProcessState {
  const fields = statFields(pid)
  if (fields === null || fields[START_TIME_FIELD] !== startTime) return 'gone'
  const letter = fields[0]
  if (letter === 'Z' || letter === 'X') return 'gone'
  return letter === 'T' || letter === 't' ? 'stopped' : 'running'
}

/** Send a signal to this process and no other. @returns false when it is gone */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (stateOf(identity) === 'gone') return false
  try {
    return process.kill(identity.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Wait until the process is in that state. @returns whether it came to it within the time */
export async function reached(
  identity: ProcessIdentity,
  state: ProcessState,
  timeoutMs: number,
): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs
  while (stateOf(identity) !== state) {
    if (performance.now() > deadlineMs) return false
    await wait(POLL_INTERVAL_MS)
  }
  return true
}

/**
 * This user's executives with one of these configuration directories on their command line: whoever started
 * them, and whether or not that was noted anywhere.
 */
export function findExecutives(configDirs: readonly string[]): Map<string, ProcessIdentity> {
  const found = new Map<string, ProcessIdentity>()
  const wanted = new Set(configDirs)
  const ownUid = process.geteuid?.() ?? 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const configDir = configDirOf(name, ownUid)
    if (configDir === undefined || !wanted.has(configDir)) continue
    const identity = identify(Number(name))
    if (identity !== null && stateOf(identity) !== 'gone') found.set(configDir, identity)
  }
  return found
}

function configDirOf(pid: string, ownUid: number): string | undefined {
  try {
    if (statSync(`/proc/${pid}`).uid !== ownUid) return undefined
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const flag = words.indexOf('--config-dir')
    return words.includes('exec') && flag > 0 ? words[flag + 1] : undefined
  } catch {
    return undefined // ended while we looked
  }
}

/** Among the fields behind the name of the program, where its state is the first. */
const START_TIME_FIELD = 19

function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program is in brackets, and may have brackets and blanks in it.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}
