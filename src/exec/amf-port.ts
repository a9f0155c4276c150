import type { GroupsConfig } from '../config/index.js'
import type { QuorumState } from '../group/index.js'
import { Lateness, Renewal, type AmfPort, type AmfService } from '../services/index.js'
import { sha256 } from './digest.js'
import type { Node } from './node.js'
import { processStart } from './process-start.js'

/** What the executive lends AMF. */
export interface AmfSurroundings {
  readonly nodeId: number
  readonly incarnation: number
  readonly nodeName: string
  readonly leaseMs: number
  readonly config: GroupsConfig
  readonly node: Node
  /** Of the last view; null before the first. */
  quorum(): QuorumState | null
  send(payload: Uint8Array): boolean
  log(level: 'info' | 'notice' | 'warning' | 'error', message: string): void
}

/** An AMF port, and what ends it. */
export interface AmfPortOfNode {
  readonly port: AmfPort
  /** This node leaves: no lease is renewed any more. */
  stop(): void
}

/** What a timer of Node.js can hold. */
const DELAY_MAX_MS = 2 ** 31 - 1

/** CLOCK_MONOTONIC in milliseconds: one clock for all processes of the machine. */
export function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1_000_000
}

/** @param service whose alarms and later moments these are */
export function amfPort(surroundings: AmfSurroundings, service: () => AmfService): AmfPortOfNode {
  const { nodeId, incarnation, nodeName, leaseMs, config, node } = surroundings
  const needsQuorum = config.noQuorum === 'stop'
  const renewal = new Renewal({ leaseMs, needsQuorum }, node, () => surroundings.quorum())
  const lateness = new Lateness()
  node.onPause = (lateMs) => void lateness.note(lateMs, performance.now())
  let isLaterDue = false
  const port: AmfPort = {
    nodeId,
    incarnation,
    nodeName,
    leaseMs,
    config,
    createHash: sha256,
    send: (payload) => surroundings.send(payload),
    nowMs: machineMs,
    wallMs: () => Date.now(),
    setAlarm: alarmClock(lateness, () => service().onAlarm()),
    later: () => {
      if (isLaterDue) return
      isLaterDue = true
      setImmediate(() => {
        isLaterDue = false
        service().onLater()
      })
    },
    mayRenew: () => renewal.may(performance.now()),
    lateMs: () => lateness.at(performance.now()),
    processStart,
    log: (level, message) => surroundings.log(level, message),
  }
  return { port, stop: () => renewal.stop() }
}

/** One alarm. When this process comes too late for it, what applications sent meanwhile is heard first. */
function alarmClock(lateness: Lateness, onAlarm: () => void): (delayMs: number) => void {
  let alarm: NodeJS.Timeout | undefined
  let generation = 0
  return (delayMs) => {
    const mine = ++generation
    const dueMs = performance.now() + delayMs
    const ring = (): void => {
      if (mine === generation) onAlarm()
    }
    clearTimeout(alarm)
    // One that is too far away for a timer looks again, and finds nothing due.
    const waitMs = Math.min(Math.max(0, Math.ceil(delayMs)), DELAY_MAX_MS)
    alarm = setTimeout(() => {
      const nowMs = performance.now()
      if (lateness.note(nowMs - dueMs, nowMs)) setImmediate(() => setImmediate(ring))
      else ring()
    }, waitMs).unref()
  }
}
