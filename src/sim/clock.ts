/** Virtual time: events run in the order of their times, those of one time in the order of their making. */
export class VirtualClock {
  nowMs = 0
  private order = 0
  private readonly heap: ScheduledEvent[] = []

  schedule(delayMs: number, run: () => void): void {
    this.push({ atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, run })
  }

  /** Run everything up to a time, and be there. */
  advanceTo(timeMs: number): void {
    while (this.heap.length > 0 && this.heap[0]!.atMs <= timeMs) {
      const event = this.pop()
      this.nowMs = event.atMs
      event.run()
    }
    this.nowMs = timeMs
  }

  private push(event: ScheduledEvent): void {
    const { heap } = this
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  private pop(): ScheduledEvent {
    const { heap } = this
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length > 0) this.sink(last)
    return first
  }

  private sink(event: ScheduledEvent): void {
    const { heap } = this
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, event)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = event
  }
}

interface ScheduledEvent {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

function before(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
