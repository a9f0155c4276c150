import { constants, getPriority, setPriority } from 'node:os'

/** Of an executive that may choose: applications of the node run at 0. */
const WANTED = constants.priority.PRIORITY_HIGH

/**
 * A ring is as quick as the slowest of its members, and who gets no processor is taken for dead: an executive
 * goes before other processes of its node where the system lets it. One that was started at another priority
 * than the usual one keeps it.
 * @returns the priority it runs at, and null when that was its own choice or the system's
 */
export function raisePriority(): number | null {
  try {
    if (getPriority() !== constants.priority.PRIORITY_NORMAL) return null
    setPriority(WANTED)
    return WANTED
  } catch {
    return null // not permitted: it takes root, or CAP_SYS_NICE
  }
}
