import { totemDefaults } from '../../../src/totem/index.js'
import { Outbox } from '../../../src/totem/outbox.js'
import { clusterHash, FrameKind, openFrame, type FrameHeader } from '../../../src/totem/wire/header.js'
import { ControlAssembler } from '../../../src/totem/wire/parts.js'
import { portOf } from './port.js'

const options = {
  ...totemDefaults,
  nodeId: 3,
  nodeName: 'three',
  address: '10.0.0.3',
  clusterName: 'c',
  incarnation: 77,
}

function outboxOf(netmtu = 1500): {
  outbox: Outbox
  multicasts: Uint8Array[]
  unicasts: [string, Uint8Array][]
} {
  const multicasts: Uint8Array[] = []
  const unicasts: [string, Uint8Array][] = []
  const port = portOf({
    multicast: (frame) => multicasts.push(frame),
    unicast: (address, frame) => unicasts.push([address, frame]),
  })
  return { outbox: new Outbox({ ...options, netmtu }, port, {}), multicasts, unicasts }
}

function headerOf(frame: Uint8Array): FrameHeader {
  const header = openFrame(frame, clusterHash('c'), portOf().checksum)
  if (typeof header === 'string') throw new Error(header)
  return header
}

/** The body of a control message, from the frames it came in. */
function bodyOf(frames: readonly Uint8Array[]): Uint8Array | null {
  const assembler = new ControlAssembler()
  let body: Uint8Array | null = null
  for (const frame of frames) {
    const taken = assembler.take(headerOf(frame), frame)
    if (taken === 'malformed') throw new Error(taken)
    body ??= taken
  }
  return body
}

describe('Outbox', () => {
  test('a frame says who sends it, in which life, and of what kind', () => {
    const { outbox, multicasts, unicasts } = outboxOf()
    outbox.multicast(FrameKind.join, Uint8Array.of(1, 2, 3))
    outbox.unicast('10.0.0.9', FrameKind.probe, Uint8Array.of(4))
    expect(headerOf(multicasts[0]!)).toMatchObject({ kind: FrameKind.join, sender: 3, incarnation: 77 })
    expect(unicasts.map(([address, frame]) => [address, headerOf(frame).kind])).toEqual([
      ['10.0.0.9', FrameKind.probe],
    ])
    expect(bodyOf(multicasts)).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('counters of control messages grow', () => {
    const { outbox, multicasts } = outboxOf()
    for (let i = 0; i < 3; i++) outbox.multicast(FrameKind.join, new Uint8Array(2))
    const [a, b, c] = multicasts.map((frame) => headerOf(frame).counter)
    expect(b).toBeGreaterThan(a!)
    expect(c).toBeGreaterThan(b!)
  })

  test('a message larger than a frame is cut into frames that fit, with one counter, and whole again', () => {
    const { outbox, multicasts } = outboxOf(576)
    const body = Uint8Array.from({ length: 5000 }, (_, at) => at & 0xff)
    outbox.multicast(FrameKind.join, body)
    expect(multicasts.length).toBeGreaterThan(9)
    for (const frame of multicasts) expect(frame.length).toBeLessThanOrEqual(576 - 28)
    expect(new Set(multicasts.map((frame) => headerOf(frame).counter)).size).toBe(1)
    expect(bodyOf(multicasts)).toEqual(body)
    expect(bodyOf([...multicasts].reverse())).toEqual(body)
    expect(bodyOf(multicasts.slice(1))).toBeNull()
  })

  test('an empty body is one frame', () => {
    const { outbox, multicasts } = outboxOf()
    outbox.multicast(FrameKind.leave, new Uint8Array(0))
    expect(bodyOf(multicasts)).toEqual(new Uint8Array(0))
  })

  test('a sealed frame that was changed is found out', () => {
    const { outbox, multicasts } = outboxOf()
    outbox.multicast(FrameKind.join, Uint8Array.of(1, 2, 3))
    const frame = multicasts[0]!
    frame[frame.length - 1]! ^= 1
    expect(openFrame(frame, clusterHash('c'), portOf().checksum)).toBe('checksum')
  })
})
