import { limits } from '../../base/index.js'
import type { FrameHeader } from '../wire/header.js'
import { processKey } from './gathering.js'

/** Counters grow by little: a leap is taken, but it does not bar the way to where it came from. */
const LEAP = 64

interface Known {
  readonly nodeId: number
  readonly counter: number
  /** Before the last leap: if that one was forged, the true messages go on from here. */
  readonly floor: number
  readonly heardAtMs: number
}

/** The last control message of each process: tells replays from news, and who is heard at present. */
export class KnownProcesses {
  private readonly processes = new Map<string, Known>()

  /** @returns false for a message that is not newer than the last one of its sender */
  take(header: FrameHeader, nowMs: number): boolean {
    const key = processKey({ nodeId: header.sender, incarnation: header.incarnation })
    const known = this.processes.get(key)
    const last = known?.counter ?? 0
    const leapt = header.counter > last + LEAP
    if (header.counter <= (known?.floor ?? 0)) return false
    // Deleted and set again: the map stays in the order of hearing.
    this.processes.delete(key)
    const floor = leapt ? (known?.floor ?? 0) : header.counter
    this.processes.set(key, { nodeId: header.sender, counter: header.counter, floor, heardAtMs: nowMs })
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
