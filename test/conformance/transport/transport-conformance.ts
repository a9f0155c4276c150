import type { Transport, TransportListener } from '../../../src/group/index.js'
import { Inbox } from './inbox.js'

export interface TransportSetup {
  /** Addresses of four processes of one cluster. */
  readonly addresses: readonly string[]
  /** Largest frame the transport must carry whole, octets. */
  readonly largestFrameOctets: number
  open(address: string, listener: TransportListener): Transport
}

/** What every transport promises. `setup` makes a network of its own for each test. */
export function transportConformance(name: string, setup: () => Promise<TransportSetup>): void {
  describe(`transport conformance: ${name}`, () => {
    let network: TransportSetup
    let opened: Transport[]

    const open = (index: number): { transport: Transport; inbox: Inbox; address: string } => {
      const inbox = new Inbox()
      const address = network.addresses[index]
      const transport = network.open(address, inbox)
      opened.push(transport)
      return { transport, inbox, address }
    }

    beforeEach(async () => {
      network = await setup()
      opened = []
    })

    afterEach(async () => {
      await Promise.all(opened.map((transport) => transport.close()))
    })

    test('a multicast frame reaches every process', async () => {
      const [a, b, c] = [open(0), open(1), open(2)]
      a.transport.multicast(frameOf('hello'))
      expect(await b.inbox.next()).toBe('hello')
      expect(await c.inbox.next()).toBe('hello')
    })

    test('a unicast frame reaches the process it is for, and no other', async () => {
      const [a, b, c] = [open(0), open(1), open(2)]
      a.transport.unicast(b.address, frameOf('to b'))
      expect(await b.inbox.next()).toBe('to b')
      a.transport.unicast(c.address, frameOf('to c'))
      expect(await c.inbox.next()).toBe('to c')
      expect(c.inbox.received).toEqual(['to c'])
      expect(b.inbox.received).toEqual(['to b'])
    })

    test('a process can send a unicast frame to itself', async () => {
      const a = open(0)
      a.transport.unicast(a.address, frameOf('self'))
      expect(await a.inbox.next()).toBe('self')
    })

    test('frames of every size arrive whole and unchanged', async () => {
      const [a, b] = [open(0), open(1)]
      for (const octets of [1, 2, 100, network.largestFrameOctets - 1, network.largestFrameOctets]) {
        const frame = Uint8Array.from({ length: octets }, (_, i) => (i * 31 + octets) & 0xff)
        a.transport.multicast(frame)
        expect(await b.inbox.nextFrame()).toEqual(Buffer.from(frame))
        a.transport.unicast(b.address, frame)
        expect(await b.inbox.nextFrame()).toEqual(Buffer.from(frame))
      }
    })

    test('frames handed over one after another are not mixed up', async () => {
      const [a, b] = [open(0), open(1)]
      const texts = Array.from({ length: 40 }, (_, i) => `frame ${i}`)
      for (const text of texts) a.transport.multicast(frameOf(text))
      const received: string[] = []
      for (let i = 0; i < texts.length; i++) received.push(await b.inbox.next())
      expect(received.sort()).toEqual(texts.sort())
    })

    test('an address where no process listens is reported as refused, and nothing else', async () => {
      const [a, b] = [open(0), open(1)]
      a.transport.unicast(network.addresses[3], frameOf('anybody there?'))
      expect(await a.inbox.nextRefusal()).toBe(network.addresses[3])
      a.transport.unicast(b.address, frameOf('still here'))
      expect(await b.inbox.next()).toBe('still here')
      expect(a.inbox.refused).toEqual([network.addresses[3]])
    })

    test('a process that closed refuses, and is reached again when it is back', async () => {
      const [a, b] = [open(0), open(1)]
      a.transport.unicast(b.address, frameOf('first life'))
      expect(await b.inbox.next()).toBe('first life')
      await b.transport.close()
      a.transport.unicast(b.address, frameOf('lost'))
      expect(await a.inbox.nextRefusal()).toBe(b.address)
      const again = open(1)
      a.transport.unicast(b.address, frameOf('second life'))
      expect(await again.inbox.next()).toBe('second life')
      expect(b.inbox.received).toEqual(['first life'])
    })

    test('a closed transport reports nothing and sends nothing', async () => {
      const [a, b, c] = [open(0), open(1), open(2)]
      a.transport.unicast(network.addresses[3], frameOf('refused after the end'))
      await a.transport.close()
      a.transport.multicast(frameOf('from beyond'))
      a.transport.unicast(b.address, frameOf('from beyond'))
      c.transport.multicast(frameOf('last'))
      expect(await b.inbox.next()).toBe('last')
      expect(b.inbox.received).toEqual(['last'])
      expect(a.inbox.received).toEqual([])
      expect(a.inbox.refused).toEqual([])
    })

    test('closing twice is harmless', async () => {
      const a = open(0)
      await a.transport.close()
      await expect(a.transport.close()).resolves.toBeUndefined()
    })

    test('an address belongs to one process at a time', async () => {
      const a = open(0)
      expect(() => open(0)).toThrow(/in use/)
      await a.transport.close()
      expect(() => open(0)).not.toThrow()
    })

    test('more destinations than sockets are kept open', async () => {
      const [a, b] = [open(0), open(1)]
      for (let round = 0; round < 2; round++) {
        for (const address of network.addresses.slice(1)) a.transport.unicast(address, frameOf('x'))
      }
      expect([await b.inbox.next(), await b.inbox.next()]).toEqual(['x', 'x'])
    })
  })
}

function frameOf(text: string): Uint8Array {
  return Buffer.from(text)
}
