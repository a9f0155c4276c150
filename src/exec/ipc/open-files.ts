import { readFileSync } from 'node:fs'
import { limits } from '../../base/index.js'

/** Left for the ring, the disk and the log. */
const RESERVED_FILES = 64

/** How many clients fit the open files that the system grants this process, at most `limits.ipcClients`. */
export function maxClients(procLimits = readLimits()): number {
  const soft = /^Max open files +(\d+)/m.exec(procLimits)
  const files = soft === null ? Infinity : Number(soft[1])
  return Math.max(1, Math.min(limits.ipcClients, files - RESERVED_FILES))
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
