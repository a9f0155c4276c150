import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
import { FrameKind, HEADER_OCTETS, type FrameHeader } from '../../../../src/totem/wire/header.js'
import { writeU16 } from '../../../../src/base/octets.js'
import { ControlAssembler, cutControl } from '../../../../src/totem/wire/parts.js'

function headerOf(change: Partial<FrameHeader> = {}): FrameHeader {
  return { kind: FrameKind.commit, flags: 0, sender: 1, incarnation: 1, counter: 1, ...change }
}

function part(number: number, parts: number, octets = 10): Uint8Array {
  const frame = new Uint8Array(HEADER_OCTETS + 4 + octets).fill(number)
  writeU16(frame, HEADER_OCTETS, number)
  writeU16(frame, HEADER_OCTETS + 2, parts)
  return frame
}

describe('control messages of several frames', () => {
  test('come together from any order, with repeats', () => {
    const orders = fc.tuple(fc.uint8Array({ maxLength: 6000 }), fc.array(fc.nat(), { maxLength: 40 }))
    fc.assert(
      fc.property(orders, ([body, draws]) => {
        const frames = cutControl(body, 548)
        const shuffled = frames.map((frame, index) => ({ frame, key: draws[index] ?? index }))
        shuffled.sort((a, b) => a.key - b.key)
        const assembler = new ControlAssembler()
        const taken: unknown[] = []
        for (const { frame } of shuffled.slice(0, -1)) {
          taken.push(assembler.take(headerOf(), frame), assembler.take(headerOf(), frame))
        }
        expect(taken.every((result) => result === null)).toBe(true)
        expect(assembler.take(headerOf(), shuffled[shuffled.length - 1].frame)).toEqual(body)
      }),
    )
  })

  test('frames are not larger than asked for', () => {
    const frames = cutControl(new Uint8Array(4000), 1472)
    expect(frames.map(({ length }) => length)).toEqual([1472, 1472, 1176])
    expect(cutControl(new Uint8Array(0), 1472)).toHaveLength(1)
  })

  test.each([
    ['shorter than the part numbers', new Uint8Array(HEADER_OCTETS + 3)],
    ['no parts', part(0, 0)],
    ['a part number out of range', part(2, 2)],
    ['too many parts', part(0, limits.controlParts + 1)],
    ['parts too large together', part(0, limits.controlParts, 1400)],
    ['one part that is too large', part(0, 1, 70_000)],
  ])('%s: malformed', (_, frame) => {
    expect(new ControlAssembler().take(headerOf(), frame)).toBe('malformed')
  })

  test('a newer message of a sender takes the place of its unfinished one', () => {
    const assembler = new ControlAssembler()
    assembler.take(headerOf(), part(0, 2))
    expect(assembler.take(headerOf({ counter: 2 }), part(1, 2))).toBeNull()
    expect(assembler.take(headerOf(), part(1, 2))).toBeNull()
    expect(assembler.take(headerOf(), part(0, 2))).not.toBeNull()
  })

  test('messages of one number, but of another kind or number of parts, do not mix', () => {
    const assembler = new ControlAssembler()
    assembler.take(headerOf(), part(0, 2))
    expect(assembler.take(headerOf({ kind: FrameKind.join }), part(1, 2))).toBeNull()
    expect(assembler.take(headerOf(), part(1, 3))).toBeNull()
  })

  test('senders do not disturb each other, up to the limit of unfinished messages', () => {
    const assembler = new ControlAssembler()
    for (let sender = 1; sender <= limits.ringMembers; sender++) {
      assembler.take(headerOf({ sender }), part(0, 2))
    }
    expect(assembler.take(headerOf({ sender: 1 }), part(1, 2))).not.toBeNull()
    for (let sender = 200; sender < 202; sender++) assembler.take(headerOf({ sender }), part(0, 2))
    // There was room for one: sender 2 was there longest and had to go.
    expect(assembler.take(headerOf({ sender: 2 }), part(1, 2))).toBeNull()
    expect(assembler.take(headerOf({ sender: 4 }), part(1, 2))).not.toBeNull()
  })
})
