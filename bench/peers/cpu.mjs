import { readFileSync } from 'node:fs'

/** Of /proc/PID/stat, where Linux counts processor time. */
const TICKS_PER_SECOND = 100

/** Processor time of a process so far, in user and in kernel mode; 0 when it is gone. */
export function cpuSecondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  } catch {
    return 0
  }
}
