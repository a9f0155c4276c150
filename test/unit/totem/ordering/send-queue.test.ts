import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
import type { Guarantee } from '../../../../src/group/index.js'
import { SendQueue } from '../../../../src/totem/ordering/send-queue.js'
import { Assembler, guaranteeOf } from '../../../../src/totem/wire/data-frame.js'
import { NEW, OLD, received } from './frames.js'

const FRAME_OCTETS = 1472

interface Delivered {
  readonly payload: Uint8Array
  readonly guarantee: Guarantee
}

function payloadOf(octets: number, mark = 1): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, at) => (mark * 37 + at * 7) & 0xff)
}

/** The frames the queue makes, at most `most`, as they come off the wire. */
function takeFrames(queue: SendQueue, most = Infinity): ReturnType<typeof received>[] {
  const frames: ReturnType<typeof received>[] = []
  while (queue.length > 0 && frames.length < most) {
    frames.push(received(queue.nextFrame(OLD, frames.length + 1), 1))
  }
  return frames
}

function assemble(frames: readonly ReturnType<typeof received>[]): Delivered[] {
  const delivered: Delivered[] = []
  const assembler = new Assembler()
  for (const frame of frames) {
    assembler.take(frame, (payload) =>
      delivered.push({ payload: payload.slice(), guarantee: guaranteeOf(frame) }),
    )
  }
  return delivered
}

describe('SendQueue', () => {
  test('small messages share a frame, in the order they were pushed', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    const payloads = [10, 0, 300, 1].map((octets, index) => payloadOf(octets, index))
    for (const payload of payloads) expect(queue.push(payload, 'agreed')).toBe(true)
    const frames = takeFrames(queue)
    expect(frames).toHaveLength(1)
    expect(assemble(frames).map(({ payload }) => payload)).toEqual(payloads)
    expect(frames[0]!.octets.length).toBeLessThan(500)
  })

  test('a large message goes over several frames, none larger than a frame may be', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    const payload = payloadOf(10_000)
    queue.push(payload, 'agreed')
    const frames = takeFrames(queue)
    expect(frames.length).toBeGreaterThanOrEqual(7)
    expect(frames.length).toBeLessThanOrEqual(8)
    for (const { octets } of frames) expect(octets.length).toBeLessThanOrEqual(FRAME_OCTETS)
    expect(assemble(frames)).toEqual([{ payload, guarantee: 'agreed' }])
  })

  test('the largest message comes through whole, in frames of any size', () => {
    const payload = payloadOf(limits.messageOctets)
    for (const frameOctets of [548, 1472, 8972, 65_507]) {
      const queue = new SendQueue(frameOctets)
      queue.push(payload, 'safe')
      const [message, ...others] = assemble(takeFrames(queue))
      expect(others).toEqual([])
      expect(Buffer.compare(message!.payload, payload)).toBe(0)
    }
  })

  test('messages of two guarantees never share a frame, and keep their order', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    const guarantees: Guarantee[] = ['agreed', 'agreed', 'safe', 'agreed', 'safe', 'safe']
    guarantees.forEach((guarantee, index) => queue.push(payloadOf(20, index), guarantee))
    const frames = takeFrames(queue)
    expect(frames.map(guaranteeOf)).toEqual(['agreed', 'safe', 'agreed', 'safe'])
    expect(assemble(frames)).toEqual(
      guarantees.map((guarantee, index) => ({ payload: payloadOf(20, index), guarantee })),
    )
  })

  test('an empty message is a message', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    for (let i = 0; i < 3; i++) queue.push(new Uint8Array(0), 'safe')
    expect(queue.frames).toBeGreaterThan(0)
    expect(assemble(takeFrames(queue))).toHaveLength(3)
    expect(queue.length).toBe(0)
    expect(queue.frames).toBe(0)
  })

  test('a message of which a part went out begins anew on the next ring; whole ones do not', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    const [small, large, next] = [payloadOf(100, 1), payloadOf(5000, 2), payloadOf(50, 3)]
    for (const payload of [small, large, next]) queue.push(payload, 'agreed')
    const old = takeFrames(queue, 2)
    expect(assemble(old).map(({ payload }) => payload)).toEqual([small])
    queue.restartPartial()
    const delivered = assemble(takeFrames(queue)).map(({ payload }) => payload)
    expect(delivered).toEqual([large, next])
    expect(queue.frames).toBe(0)
  })

  test('restarting with nothing under way changes nothing', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    queue.restartPartial()
    queue.push(payloadOf(9), 'safe')
    queue.restartPartial()
    expect(assemble(takeFrames(queue))).toEqual([{ payload: payloadOf(9), guarantee: 'safe' }])
  })

  test('frames carry the ring and the number they are made for', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    queue.push(payloadOf(1), 'agreed')
    const frame = received(queue.nextFrame(NEW, 4711), 3)
    expect(frame).toMatchObject({
      ringSequence: NEW.sequence,
      representative: NEW.representative,
      sequence: 4711,
    })
  })

  test('full of octets it refuses, and says once that there is room again', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    const payload = new Uint8Array(limits.messageOctets)
    let accepted = 0
    while (queue.push(payload, 'agreed')) accepted++
    expect(accepted).toBe(limits.pendingOctets / limits.messageOctets)
    expect(queue.drained()).toBe(false)
    while (queue.length > accepted / 2) queue.nextFrame(OLD, 1)
    expect(queue.drained()).toBe(true)
    expect(queue.drained()).toBe(false)
    expect(queue.push(payload, 'agreed')).toBe(true)
  })

  test('full of messages it refuses too, empty ones included', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    let accepted = 0
    while (queue.push(new Uint8Array(0), 'agreed')) accepted++
    expect(accepted).toBe(limits.pendingMessages)
    takeFrames(queue)
    expect(queue.drained()).toBe(true)
  })

  test('without a refusal there is nothing to say', () => {
    const queue = new SendQueue(FRAME_OCTETS)
    queue.push(payloadOf(1), 'agreed')
    takeFrames(queue)
    expect(queue.drained()).toBe(false)
  })

  test('whatever is pushed, cut and interrupted comes out once, whole, in order', () => {
    const message = fc.record({
      octets: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 4000 })),
      guarantee: fc.constantFrom<Guarantee>('agreed', 'safe'),
    })
    const property = fc.property(
      fc.array(message, { maxLength: 40 }),
      fc.integer({ min: 200, max: 1500 }),
      fc.integer({ min: 0, max: 30 }),
      (messages, frameOctets, before) => {
        const queue = new SendQueue(frameOctets)
        messages.forEach(({ octets, guarantee }, index) => queue.push(payloadOf(octets, index), guarantee))
        const frames = takeFrames(queue, before)
        queue.restartPartial()
        const delivered = [...assemble(frames), ...assemble(takeFrames(queue))]
        expect(delivered).toEqual(
          messages.map(({ octets, guarantee }, index) => ({ payload: payloadOf(octets, index), guarantee })),
        )
      },
    )
    fc.assert(property, { seed: 1, numRuns: 200 })
  })

  test('the number of frames it speaks of is near the number it fills', () => {
    for (const [octets, messages] of [
      [20, 500],
      [1300, 40],
      [30_000, 5],
      [0, 1],
    ] as const) {
      const queue = new SendQueue(FRAME_OCTETS)
      for (let i = 0; i < messages; i++) queue.push(new Uint8Array(octets), 'agreed')
      const said = queue.frames
      const filled = takeFrames(queue).length
      expect(Math.abs(said - filled)).toBeLessThanOrEqual(Math.max(1, filled / 5))
    }
  })
})
