const SLAB_OCTETS = 64 * 1024

/**
 * Memory for frames: many of them in one piece, which goes when the last of them is let go. A piece of its
 * own for each costs more than to fill it.
 */
export class Slab {
  private octets = new Uint8Array(0)
  private at = 0

  /** Octets with anything in them. */
  take(length: number): Uint8Array {
    if (length > this.octets.length - this.at) {
      this.octets = new Uint8Array(Math.max(SLAB_OCTETS, length))
      this.at = 0
    }
    const from = this.at
    this.at += length
    return this.octets.subarray(from, this.at)
  }
}
