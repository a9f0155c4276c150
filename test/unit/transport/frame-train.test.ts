import { createRequire } from 'node:module'
import { UdpTransport } from '../../../src/transport/index.js'
import { Inbox } from '../../conformance/transport/inbox.js'
import { freePort } from '../../helpers/cluster/free-port.mjs'

const FRAME_OCTETS = 1416
const MARK_AT = 16

/** Whether sockets can be told more than Node tells them. */
const canTell = ((): boolean => {
  try {
    createRequire(import.meta.url)('koffi')
    return process.platform === 'linux'
  } catch {
    return false
  }
})()

/** A frame that says whose it is, which it is, and how long. */
function frame(sender: number, number: number, octets = FRAME_OCTETS): Uint8Array {
  const made = Buffer.alloc(octets, number)
  made.writeUInt32LE(number, 0)
  made.writeUInt16LE(octets, 10)
  made.fill(sender, MARK_AT, MARK_AT + 12)
  return made
}

function cut(received: readonly Uint8Array[]): Uint8Array[] {
  return received.flatMap((octets) => {
    const frames: Uint8Array[] = []
    for (let at = 0; at < octets.length;) {
      const length = Buffer.from(octets).readUInt16LE(at + 10)
      frames.push(octets.slice(at, at + length))
      at += length
    }
    return frames
  })
}

/** So many frames, in however many pieces they come. */
async function take(inbox: Inbox, count: number): Promise<{ frames: Uint8Array[]; pieces: number }> {
  const pieces: Uint8Array[] = []
  while (cut(pieces).length < count) pieces.push(await inbox.nextFrame())
  return { frames: cut(pieces), pieces: pieces.length }
}

const numberOf = (octets: Uint8Array): number => Buffer.from(octets).readUInt32LE(0)

describe('frames that are handed over together', () => {
  const opened: UdpTransport[] = []

  const open = (sender: number, port: number, inbox: Inbox): UdpTransport => {
    const transport = new UdpTransport(
      {
        type: 'udp4',
        address: `127.0.0.${sender}`,
        group: '239.192.0.3',
        port,
        ttl: 1,
        frameOctets: FRAME_OCTETS,
        own: { at: MARK_AT, octets: new Uint8Array(12).fill(sender) },
        log: () => undefined,
      },
      inbox,
    )
    opened.push(transport)
    return transport
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()))
  })

  test('arrive whole, each with its own octets, whatever their number and lengths', async () => {
    const port = await freePort(['127.0.0.1', '127.0.0.2'])
    const inbox = new Inbox()
    const transport = open(1, port, new Inbox())
    open(2, port, inbox)
    const lengths = [40, ...Array<number>(70).fill(FRAME_OCTETS), 700, FRAME_OCTETS, 1472, FRAME_OCTETS, 36]
    const sent = lengths.map((length, number) => frame(1, number, length))
    transport.multicastAll(sent)
    const { frames, pieces } = await take(inbox, sent.length)
    frames.sort((a, b) => numberOf(a) - numberOf(b))
    for (const [index, octets] of frames.entries()) expect(Buffer.compare(octets, sent[index]!)).toBe(0)
    if (canTell) expect(pieces).toBeLessThan(sent.length / 2)
  })

  if (canTell) {
    test("do not come back to who sent them, while another process's frames do", async () => {
      const port = await freePort(['127.0.0.1', '127.0.0.2'])
      const [own, other] = [new Inbox(), new Inbox()]
      const transport = open(1, port, own)
      const second = open(2, port, other)
      transport.multicastAll([frame(1, 0), frame(1, 1)])
      await take(other, 2)
      second.multicast(frame(2, 2, 40))
      // Short ones, too, are nobody's own.
      second.multicast(Uint8Array.of(1, 2, 3))
      const lengths = [(await own.nextFrame()).length, (await own.nextFrame()).length]
      expect(lengths).toEqual([40, 3])
    })
  } else {
    console.log('frames of its own: not tried, koffi or Linux is missing')
  }
})
