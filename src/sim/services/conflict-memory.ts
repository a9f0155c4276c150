import type { ConflictStore } from '../../services/index.js'

/** Keeps what lost a conflict for one process; answers come later, as they do from a disk. */
export class ConflictMemory implements ConflictStore {
  private readonly kept = new Map<string, Uint8Array>()

  /** @param later run something a while from now, if the process lives then */
  constructor(private readonly later: (run: () => void) => void) {}

  has(id: string): boolean {
    return this.kept.has(id)
  }

  ids(): readonly string[] {
    return [...this.kept.keys()]
  }

  pathOf(id: string): string {
    return `memory of ${id}`
  }

  save(id: string, octets: readonly Uint8Array[], onDone: (problem: string | null) => void): void {
    const whole = new Uint8Array(octets.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of octets) {
      whole.set(part, at)
      at += part.length
    }
    this.later(() => {
      this.kept.set(id, whole)
      onDone(null)
    })
  }

  load(id: string, onOctets: (octets: Uint8Array) => void, onDone: (problem: string | null) => void): void {
    this.later(() => {
      const octets = this.kept.get(id)
      if (octets !== undefined) onOctets(octets)
      onDone(octets === undefined ? `nothing is kept as ${id}` : null)
    })
  }

  remove(id: string): void {
    this.kept.delete(id)
  }
}
