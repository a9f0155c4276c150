import { TIME_END } from '../../base/index.js'

const NO_OCTETS = new Uint8Array(0)
const NO_PAGES: Uint8Array[] = []
/** A section that grows gets so much more than it needs, that not every write has to move it. */
const GROWTH = 1.25
/**
 * What is larger lies in pages of so many octets: a write to what a frozen view shows, or behind its end, has
 * to copy that much and not the whole section.
 */
export const PAGE_OCTETS = 1024 * 1024

/** One section of a checkpoint: octets under an id. Changed by its checkpoint alone. */
export class Section {
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
  /** The full pages in front, and which of them another section has too: null for none. */
  private pages: Uint8Array[] = NO_PAGES
  private sharedPages: boolean[] | null = null
  /** What comes behind the pages, and room for more: at most a page. Most sections are nothing else. */
  private tail: Uint8Array = NO_OCTETS

  /** @param id octets as text, a character each */
  constructor(readonly id: string) {}

  /** All octets; a copy where there are pages. */
  get data(): Uint8Array {
    return this.read(0, this.size)
  }

  /** What there is of these octets; a copy where they lie in several pages. */
  read(offset: number, length: number): Uint8Array {
    const octets = Math.max(0, Math.min(length, this.size - offset))
    if (octets === 0) return NO_OCTETS
    const first = this.piece(offset)
    if (first.length >= octets) return first.subarray(0, octets)
    const all = new Uint8Array(octets)
    for (let at = 0; at < octets;) {
      const piece = this.piece(offset + at).subarray(0, octets - at)
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  /** The octets from this offset on that lie in one piece. */
  piece(offset: number): Uint8Array {
    const page = Math.floor(offset / PAGE_OCTETS)
    const begin = page * PAGE_OCTETS
    if (page < this.pages.length) return this.pages[page]!.subarray(offset - begin)
    return this.tail.subarray(offset - this.tailAt, this.size - this.tailAt)
  }

  /** Replace all contents. */
  replace(data: Uint8Array): void {
    this.digest = null
    this.pages = NO_PAGES
    this.sharedPages = null
    if (data.length > PAGE_OCTETS) {
      this.tail = NO_OCTETS
      this.size = 0
      return this.write(0, data, data.length)
    }
    if (data.length > this.tail.length || data.length < this.tail.length / 2) this.tail = data.slice()
    else this.tail.set(data)
    this.size = data.length
  }

  /** Put octets at an offset; what lies between the end and the offset is zero. */
  write(offset: number, data: Uint8Array, sizeMax: number): void {
    this.digest = null
    const end = offset + data.length
    if (end > this.size) this.extend(offset, end, sizeMax)
    for (let at = 0; at < data.length;) {
      const page = Math.floor((offset + at) / PAGE_OCTETS)
      const isPage = page < this.pages.length
      const into = isPage ? this.pageToWrite(page) : this.tail
      const intoAt = offset + at - (isPage ? page * PAGE_OCTETS : this.tailAt)
      const octets = Math.min(data.length - at, into.length - intoAt)
      into.set(octets === data.length ? data : data.subarray(at, at + octets), intoAt)
      at += octets
    }
  }

  /** Put the next octets of contents that will be `sizeInTheEnd` octets: room is made once, and no more. */
  append(octets: Uint8Array, sizeInTheEnd: number): void {
    this.digest = null
    for (let at = 0; at < octets.length;) {
      if (this.size - this.tailAt === this.tail.length) this.beginTail(sizeInTheEnd)
      const tailAt = this.size - this.tailAt
      const taken = Math.min(octets.length - at, this.tail.length - tailAt)
      this.tail.set(octets.subarray(at, at + taken), tailAt)
      this.size += taken
      at += taken
    }
  }

  /** The same, apart: to be changed while this one, which must not be changed any more, is read. */
  clone(): Section {
    const clone = this.cloneEmpty()
    if (this.pages.length > 0) {
      clone.pages = [...this.pages]
      clone.sharedPages = this.pages.map(() => true)
    }
    clone.tail = this.tail.slice(0, this.size - this.tailAt)
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

  private get tailAt(): number {
    return this.pages.length * PAGE_OCTETS
  }

  /** The tail, if there is one, is a full page: what comes next has a tail of its own. */
  private beginTail(sizeInTheEnd: number): void {
    if (this.tail.length > 0) this.endPage()
    this.tail = new Uint8Array(Math.min(PAGE_OCTETS, sizeInTheEnd - this.tailAt))
  }

  private endPage(): void {
    if (this.pages.length === 0) this.pages = []
    this.pages.push(this.tail)
    this.tail = NO_OCTETS
  }

  /** A page that this section has to itself. */
  private pageToWrite(page: number): Uint8Array {
    if (this.sharedPages?.[page] === true) {
      this.sharedPages[page] = false
      this.pages[page] = this.pages[page]!.slice()
    }
    return this.pages[page]!
  }

  /** Have room up to `end`, zero up to `offset`. */
  private extend(offset: number, end: number, sizeMax: number): void {
    const { size } = this
    const stale = Math.min(offset, this.tailAt + this.tail.length)
    if (stale > size) this.tail.fill(0, size - this.tailAt, stale - this.tailAt)
    while (end - this.tailAt > PAGE_OCTETS) {
      this.growTail(PAGE_OCTETS)
      this.endPage()
    }
    const needed = end - this.tailAt
    const roomMax = Math.min(PAGE_OCTETS, sizeMax - this.tailAt)
    const isFirst = size === 0
    if (needed > this.tail.length) {
      this.growTail(isFirst ? needed : Math.max(needed, Math.min(roomMax, Math.ceil(needed * GROWTH))))
    }
    this.size = end
  }

  private growTail(octets: number): void {
    if (this.tail.length === octets) return
    const grown = new Uint8Array(octets)
    grown.set(this.tail.subarray(0, Math.max(0, this.size - this.tailAt)))
    this.tail = grown
  }
}
