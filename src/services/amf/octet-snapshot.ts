import type { SnapshotReader, SnapshotWriter } from '../../group/index.js'

/** A snapshot that is made of octets from the first. */
export class OctetReaderOfState implements SnapshotReader {
  private at = 0

  constructor(private readonly octets: Uint8Array) {}

  read(into: Uint8Array, at: number): number {
    const size = Math.min(into.length - at, this.octets.length - this.at)
    into.set(this.octets.subarray(this.at, this.at + size), at)
    this.at += size
    return size
  }

  release(): void {
    this.at = this.octets.length
  }
}

/** Keeps a snapshot as the octets it came in. */
export class OctetWriterOfState implements SnapshotWriter {
  private readonly pieces: Uint8Array[] = []
  private size = 0

  write(octets: Uint8Array): void {
    this.pieces.push(octets)
    this.size += octets.length
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.size)
    let at = 0
    for (const piece of this.pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }
}
