import { TransportError, UdpTransport } from '../../../src/transport/index.js'
import { Inbox } from '../../conformance/transport/inbox.js'
import { freePort } from '../../helpers/cluster/free-port.mjs'

const group = '239.192.0.2'

describe('UdpTransport', () => {
  const opened: UdpTransport[] = []

  const open = (address: string, port: number, log: string[] = [], inbox = new Inbox()): UdpTransport => {
    const options = {
      type: 'udp4',
      address,
      group,
      port,
      ttl: 1,
      frameOctets: 1416,
      own: { at: 16, octets: new Uint8Array(12) },
    } as const
    const transport = new UdpTransport({ ...options, log: (_, message) => log.push(message) }, inbox)
    opened.push(transport)
    return transport
  }

  const failureOf = (action: () => unknown): TransportError => {
    try {
      action()
    } catch (error) {
      expect(error).toBeInstanceOf(TransportError)
      return error as TransportError
    }
    throw new Error('no error was thrown')
  }

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((transport) => transport.close()))
  })

  test('a second one on an address and port is refused with the pid of the first', async () => {
    const port = await freePort(['127.0.0.1'])
    open('127.0.0.1', port)
    const error = failureOf(() => open('127.0.0.1', port))
    expect(error.reason).toBe('address-in-use')
    expect(error.message).toBe(`127.0.0.1:${port - 1} is in use by the process with pid ${process.pid}`)
  })

  test('an address that this host does not have is refused', async () => {
    const port = await freePort(['127.0.0.1'])
    const error = failureOf(() => open('203.0.113.77', port))
    expect(error.reason).toBe('address-unavailable')
    expect(error.message).toContain('203.0.113.77')
  })

  test('a failed opening leaves no socket behind', async () => {
    const port = await freePort(['127.0.0.1'])
    const options = {
      type: 'udp4',
      address: '127.0.0.1',
      group: '203.0.113.9',
      port,
      ttl: 1,
      frameOctets: 1416,
      own: { at: 16, octets: new Uint8Array(12) },
    } as const
    expect(() => new UdpTransport({ ...options, log: () => undefined }, new Inbox())).toThrow(TransportError)
    expect(() => open('127.0.0.1', port)).not.toThrow()
  })

  test('a frame that cannot be sent is counted and logged, and the next one goes out', async () => {
    const port = await freePort(['127.0.0.1', '127.0.0.2'])
    const inbox = new Inbox()
    const log: string[] = []
    const sender = open('127.0.0.1', port, log)
    open('127.0.0.2', port, [], inbox)
    const tooLarge = new Uint8Array(70_000)
    sender.unicast('127.0.0.2', tooLarge)
    sender.unicast('127.0.0.2', Buffer.from('fits'))
    sender.multicast(tooLarge)
    sender.multicast(Buffer.from('fits too'))
    expect([await inbox.next(), await inbox.next()].sort()).toEqual(['fits', 'fits too'])
    expect(sender.counters.sendErrors).toBe(2)
    const cause = 'EMSGSIZE (the frame is larger than the interface sends in one packet: see netmtu)'
    expect(log.filter((line) => line.includes('EMSGSIZE'))).toEqual([
      `unicast to 127.0.0.2:${port - 1} failed: ${cause}`,
      `multicast to ${group}:${port} failed: ${cause}`,
    ])
  })

  test('an unreachable destination is counted and logged, never thrown', async () => {
    const port = await freePort(['127.0.0.1'])
    const log: string[] = []
    let onLogged: (message: string) => void = () => undefined
    const failed = new Promise<string>((resolve) => (onLogged = resolve))
    const options = {
      type: 'udp4',
      address: '127.0.0.1',
      group,
      port,
      ttl: 1,
      frameOctets: 1416,
      own: { at: 16, octets: new Uint8Array(12) },
    } as const
    const transport = new UdpTransport(
      {
        ...options,
        log: (level, message) => {
          log.push(message)
          if (level === 'warning') onLogged(message)
        },
      },
      new Inbox(),
    )
    opened.push(transport)
    transport.unicast('255.255.255.255', Buffer.from('broadcast is not permitted'))
    expect(await failed).toMatch(/unicast to 255\.255\.255\.255:\d+ failed: EACCES/)
    expect(transport.counters.sendErrors).toBe(1)
  })

  test('more destinations than are kept open are served again and again', async () => {
    const addresses = Array.from({ length: 12 }, (_, i) => `127.0.1.${i + 1}`)
    const port = await freePort(addresses)
    const inboxes = addresses.map(() => new Inbox())
    const transports = addresses.map((address, i) => open(address, port, [], inboxes[i]))
    for (const text of ['one', 'two']) {
      for (const address of addresses) transports[0].unicast(address, Buffer.from(text))
      for (const inbox of inboxes) expect(await inbox.next()).toBe(text)
    }
  })

  test('two clusters share a group on different ports', async () => {
    const port = await freePort(['127.0.0.1', '127.0.0.2'])
    const other = await freePort(['127.0.0.1', '127.0.0.2'])
    const [here, there] = [new Inbox(), new Inbox()]
    const sender = open('127.0.0.1', port)
    open('127.0.0.2', port, [], here)
    const stranger = open('127.0.0.1', other)
    open('127.0.0.2', other, [], there)
    stranger.multicast(Buffer.from('theirs'))
    sender.multicast(Buffer.from('ours'))
    expect(await there.next()).toBe('theirs')
    expect(await here.next()).toBe('ours')
    expect([here.received, there.received]).toEqual([['ours'], ['theirs']])
  })

  test('nothing passes a cut link: no frame of either kind in either direction, and no refusal', async () => {
    const port = await freePort(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'])
    const cut = new Set(['127.0.0.2', '127.0.0.3'])
    const [here, there] = [new Inbox(), new Inbox()]
    const options = {
      type: 'udp4',
      group,
      port,
      ttl: 1,
      frameOctets: 1416,
      own: { at: 16, octets: new Uint8Array(12) },
      log: () => undefined,
    } as const
    const near = new UdpTransport(
      { ...options, address: '127.0.0.1', hears: (address) => !cut.has(address) },
      here,
    )
    opened.push(near)
    const far = open('127.0.0.2', port, [], there)
    far.multicast(Buffer.from('to all'))
    expect(await there.next()).toBe('to all') // its own copy
    far.unicast('127.0.0.1', Buffer.from('to one'))
    near.unicast('127.0.0.2', Buffer.from('not sent'))
    near.unicast('127.0.0.3', Buffer.from('to nobody, who would refuse it'))
    const whole = open('127.0.0.4', port)
    whole.unicast('127.0.0.1', Buffer.from('one hears'))
    expect(await here.next()).toBe('one hears') // behind the one that did not get through
    whole.multicast(Buffer.from('all hear'))
    expect([await here.next(), await there.next()]).toEqual(['all hear', 'all hear'])
    expect([here.received, here.refused]).toEqual([['one hears', 'all hear'], []])

    cut.clear()
    far.unicast('127.0.0.1', Buffer.from('healed'))
    expect(await here.next()).toBe('healed')
    near.unicast('127.0.0.2', Buffer.from('healed too'))
    expect(await there.next()).toBe('healed too')
    expect(near.counters.cutFrames).toBe(4) // two to others, two from the other
  })
})
