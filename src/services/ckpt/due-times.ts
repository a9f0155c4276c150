/** Something that is to end at some time. */
export interface Due {
  readonly dueMs: number
  readonly key: number
  /** The section that expires; null: the checkpoint's retention ends. */
  readonly id: string | null
}

/**
 * What ends when, the soonest first: a binary heap. What is no longer true is left in it, and found out when
 * its time comes.
 */
export class DueTimes {
  #heap: Due[] = []

  /** The soonest; undefined: there is nothing. */
  get first(): Due | undefined {
    return this.#heap[0]
  }

  clear(): void {
    this.#heap = []
  }

  push(due: Due): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(due)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (heap[parent]!.dueMs <= due.dueMs) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  pop(): Due | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && heap[right]!.dueMs < heap[left]!.dueMs ? right : left
      if (heap[child]!.dueMs >= last.dueMs) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}
