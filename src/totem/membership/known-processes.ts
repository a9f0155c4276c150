import { limits } from '../../base/index.js'
import type { FrameHeader } from '../wire/header.js'
import { processKey } from './gathering.js'

/** Messages in order, over so long a time, with the last accepted one so long ago: they are the true ones. */
const RIVAL_MESSAGES = 8
const RIVAL_MS = 1000

/** Refused messages whose counters grow among themselves: of the true process, if a forged one was taken. */
interface Rival {
  counter: number
  messages: number
  readonly sinceMs: number
}

interface Known {
  readonly nodeId: number
  readonly counter: number
  readonly heardAtMs: number
  rival: Rival | null
}

/** The last control message of each process: tells replays from news, and who is heard at present. */
export class KnownProcesses {
  private readonly processes = new Map<string, Known>()

  /** @returns false for a message that is not newer than the last one of its sender */
  take(header: FrameHeader, nowMs: number): boolean {
    const key = processKey({ nodeId: header.sender, incarnation: header.incarnation })
    const known = this.processes.get(key)
    if (known && header.counter <= known.counter && !prevails(known, header.counter, nowMs)) return false
    // Deleted and set again: the map stays in the order of hearing.
    this.processes.delete(key)
    this.processes.set(key, { nodeId: header.sender, counter: header.counter, heardAtMs: nowMs, rival: null })
    if (this.processes.size > limits.knownProcesses) {
      this.processes.delete(this.processes.keys().next().value as string)
    }
    return true
  }

  /** Node ids heard within the last `withinMs`. */
  heard(nowMs: number, withinMs: number): number[] {
    const nodeIds = new Set<number>()
    for (const { nodeId, heardAtMs } of this.processes.values()) {
      if (nowMs - heardAtMs <= withinMs) nodeIds.add(nodeId)
    }
    return [...nodeIds].slice(-limits.ringMembers).sort((a, b) => a - b)
  }
}

/** A forged counter must not shut out the process it was forged for, once the forging has ended. */
function prevails(known: Known, counter: number, nowMs: number): boolean {
  const { rival } = known
  if (!rival || counter <= rival.counter) {
    known.rival = { counter, messages: 1, sinceMs: nowMs }
    return false
  }
  rival.counter = counter
  rival.messages++
  if (rival.messages < RIVAL_MESSAGES || nowMs - rival.sinceMs < RIVAL_MS) return false
  return nowMs - known.heardAtMs >= RIVAL_MS
}
