import fc from 'fast-check'
import { PAGE_OCTETS, Section } from '../../../../src/services/ckpt/section.js'

const SIZE_MAX = 3 * PAGE_OCTETS + 1000

/** Near the ends of pages, where it matters. */
const place = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -40, max: 40 }))
  .map(([page, difference]) => Math.max(0, page * PAGE_OCTETS + difference))
const data = fc.oneof(
  { arbitrary: fc.uint8Array({ maxLength: 60 }), weight: 6 },
  { arbitrary: fc.constant(new Uint8Array(PAGE_OCTETS - 1).fill(9)), weight: 1 },
  { arbitrary: fc.constant(new Uint8Array(2 * PAGE_OCTETS + 3).fill(8)), weight: 1 },
)
const step = fc.record({ kind: fc.constantFrom('write', 'write', 'write', 'replace', 'clone'), place, data })

/** What a section should be: as plain as can be. */
class Plain {
  octets = Buffer.alloc(0)

  write(offset: number, octets: Uint8Array): void {
    const end = Math.max(this.octets.length, offset + octets.length)
    this.octets = Buffer.concat([this.octets, Buffer.alloc(end - this.octets.length)])
    this.octets.set(octets, offset)
  }
}

describe('the octets of a section', () => {
  test('are what was written, in pages or not, whatever is made of copies', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let section = new Section('a')
        const plain = new Plain()
        const copies: { readonly section: Section; readonly octets: Buffer }[] = []
        for (const { kind, place: offset, data: octets } of steps) {
          if (kind === 'write' && offset + octets.length <= SIZE_MAX && octets.length > 0) {
            section.write(offset, octets, SIZE_MAX)
            plain.write(offset, octets)
          } else if (kind === 'replace') {
            section.replace(octets)
            plain.octets = Buffer.from(octets)
          } else if (kind === 'clone') {
            copies.push({ section, octets: Buffer.from(plain.octets) })
            section = section.clone()
          }
          expect(section.size).toBe(plain.octets.length)
          expect(plain.octets.equals(section.data)).toBe(true)
        }
        for (const copy of copies) expect(copy.octets.equals(copy.section.data)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('are read at any place, and not behind the end', () => {
    const section = new Section('a')
    const plain = Buffer.from(new Uint8Array(2 * PAGE_OCTETS + 100).map((_, at) => at * 7))
    section.replace(plain)
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 2 * PAGE_OCTETS }), (offset, length) => {
        expect(plain.subarray(offset, offset + length).equals(section.read(offset, length))).toBe(true)
      }),
      { numRuns: 100 },
    )
    expect(section.read(PAGE_OCTETS, Infinity)).toHaveLength(PAGE_OCTETS + 100)
  })

  test('come in order into room that is made once', () => {
    const plain = Buffer.from(new Uint8Array(PAGE_OCTETS * 2 + 5).map((_, at) => at * 3))
    for (const size of [1, 1000, PAGE_OCTETS, PAGE_OCTETS + 1, 2 * PAGE_OCTETS, plain.length]) {
      const section = new Section('a')
      for (let at = 0; at < size; at += 30_000) {
        section.append(plain.subarray(at, Math.min(size, at + 30_000)), size)
      }
      expect(section.size).toBe(size)
      expect(plain.subarray(0, size).equals(section.data)).toBe(true)
      section.write(size, Buffer.from('more'), SIZE_MAX)
      expect(Buffer.from(section.read(size, 10)).toString()).toBe('more')
    }
  })

  test('of a copy are its own only where it is written to', () => {
    const section = new Section('a')
    section.replace(new Uint8Array(3 * PAGE_OCTETS).fill(1))
    const copy = section.clone()
    expect(copy.piece(0).buffer).toBe(section.piece(0).buffer)
    copy.write(PAGE_OCTETS + 5, Buffer.from('x'), SIZE_MAX)
    expect(copy.piece(0).buffer).toBe(section.piece(0).buffer)
    const written = copy.piece(PAGE_OCTETS).buffer
    expect(written).not.toBe(section.piece(PAGE_OCTETS).buffer)
    copy.write(PAGE_OCTETS + 6, Buffer.from('y'), SIZE_MAX)
    expect(copy.piece(PAGE_OCTETS).buffer).toBe(written)
  })
})
