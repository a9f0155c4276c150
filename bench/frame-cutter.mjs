/** The least that has to be done to cut a stream into frames: a length of 32 bits, then so many octets. */
export class FrameCutter {
  #held = Buffer.alloc(0)

  get heldOctets() {
    return this.#held.length
  }

  /**
   * Calls onFrame(octets, start, end) for each whole frame, its length included.
   * @returns how many there were
   */
  cut(chunk, onFrame) {
    const octets = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    let at = 0
    let frames = 0
    while (octets.length - at >= 4) {
      const end = at + 4 + octets.readUInt32LE(at)
      if (end > octets.length) break
      onFrame(octets, at, end)
      at = end
      frames++
    }
    this.#held = octets.subarray(at)
    return frames
  }
}
