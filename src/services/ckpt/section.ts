import { TIME_END } from '../../base/index.js'

const NO_OCTETS = new Uint8Array(0)
/** A section that grows gets so much more than it needs, that not every write has to move it. */
const GROWTH = 1.25

/** One section of a checkpoint: octets under an id. Changed by its checkpoint alone. */
export class Section {
  /** What is in use are the first `size` octets. */
  octets: Uint8Array = NO_OCTETS
  size = 0
  /** As given, nanoseconds since 1970; TIME_END: never. */
  expirationTime = TIME_END
  /** When it ends by the clock of this process, milliseconds; Infinity: never. */
  dueMs = Infinity
  /** By the clock of who changed it last, milliseconds since 1970. */
  lastUpdateMs = 0
  /** Of id, contents and expiration time; null: not known since the last change. */
  digest: Uint8Array | null = null
  /** Frozen views of the checkpoint older than this do not know this object. */
  born = 0
  /** No longer in its checkpoint. */
  isGone = false

  /** @param id octets as text, a character each */
  constructor(readonly id: string) {}

  get data(): Uint8Array {
    return this.octets.subarray(0, this.size)
  }

  /** Replace all contents. */
  replace(data: Uint8Array): void {
    if (data.length > this.octets.length || data.length < this.octets.length / 2) {
      this.octets = data.slice()
    } else this.octets.set(data)
    this.size = data.length
    this.digest = null
  }

  /** Put octets at an offset; what lies between the end and the offset is zero. */
  write(offset: number, data: Uint8Array, sizeMax: number): void {
    const end = offset + data.length
    if (end > this.octets.length) this.grow(end, sizeMax)
    else if (offset > this.size) this.octets.fill(0, this.size, offset)
    this.octets.set(data, offset)
    if (end > this.size) this.size = end
    this.digest = null
  }

  /** The same, apart: to be changed while this one is read. */
  clone(): Section {
    const clone = this.cloneEmpty()
    clone.octets = this.octets.slice(0, this.size)
    clone.digest = this.digest
    return clone
  }

  /** The same, but for its contents, which are about to be replaced. `size` is still that of before. */
  cloneEmpty(): Section {
    const clone = new Section(this.id)
    clone.size = this.size
    clone.expirationTime = this.expirationTime
    clone.dueMs = this.dueMs
    clone.lastUpdateMs = this.lastUpdateMs
    return clone
  }

  private grow(needed: number, sizeMax: number): void {
    const first = this.size === 0
    const grown = first ? needed : Math.min(sizeMax, Math.ceil(needed * GROWTH))
    const octets = new Uint8Array(Math.max(needed, grown))
    octets.set(this.data)
    this.octets = octets
  }
}
