import type { ConflictStore } from '../../../../src/services/ckpt/port.js'

/** Files of conflicts in memory: what is asked for is done when the test says so. */
export class ConflictShelf implements ConflictStore {
  readonly files = new Map<string, Buffer>()
  /** Why nothing can be saved. */
  problem: string | null = null
  private readonly work: (() => void)[] = []

  has(id: string): boolean {
    return this.files.has(id)
  }

  ids(): readonly string[] {
    return [...this.files.keys()]
  }

  pathOf(id: string): string {
    return `/state/conflicts/${id}.conflict`
  }

  save(id: string, octets: readonly Uint8Array[], onDone: (problem: string | null) => void): void {
    this.work.push(() => {
      if (this.problem === null) this.files.set(id, Buffer.concat(octets))
      onDone(this.problem)
    })
  }

  load(id: string, onOctets: (octets: Uint8Array) => void, onDone: (problem: string | null) => void): void {
    this.work.push(() => {
      const file = this.files.get(id)
      if (file === undefined) return onDone('no such file')
      for (let at = 0; at < file.length; at += 1000) onOctets(file.subarray(at, at + 1000))
      return onDone(null)
    })
  }

  remove(id: string): void {
    this.files.delete(id)
  }

  /** @returns how much was done */
  run(): number {
    const { length } = this.work
    for (const work of this.work.splice(0)) work()
    return length
  }
}
