import type { CkptPort, CkptService, ConflictStore } from '../services/index.js'
import { sha256 } from './digest.js'
import type { Node } from './node.js'

/** What the executive lends CKPT. */
export interface CkptSurroundings {
  readonly nodeId: number
  readonly incarnation: number
  readonly node: Node
  readonly conflicts: ConflictStore
  send(payload: Uint8Array): boolean
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}

/** What a timer of Node.js can hold. */
const DELAY_MAX_MS = 2 ** 31 - 1

/** @param service whose alarms and later moments these are */
export function ckptPort(surroundings: CkptSurroundings, service: () => CkptService): CkptPort {
  const { nodeId, incarnation, node } = surroundings
  let alarm: NodeJS.Timeout | undefined
  let isLaterDue = false
  return {
    nodeId,
    incarnation,
    send: (payload) => surroundings.send(payload),
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    setAlarm: (delayMs) => {
      clearTimeout(alarm)
      // One that is too far away for a timer looks again, and finds nothing due.
      alarm = setTimeout(() => service().onAlarm(), Math.min(Math.ceil(delayMs), DELAY_MAX_MS)).unref()
    },
    later: () => {
      if (isLaterDue) return
      isLaterDue = true
      setImmediate(() => {
        isLaterDue = false
        service().onLater()
      })
    },
    isCurrent: () => node.ring.isCurrent(performance.now()),
    createHash: sha256,
    conflicts: surroundings.conflicts,
    log: (level, message) => surroundings.log(level, message),
  }
}
