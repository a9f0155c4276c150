import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { reservePort } from '../../../src/sandbox/free-port.js'

const GROUP = '239.192.77.64'
const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

async function occupy(address: string, port: number): Promise<void> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  sockets.push(socket)
  socket.bind({ address, port, exclusive: true })
  await once(socket, 'listening')
}

/** The port found from that place on, given back. */
async function found(random: number, addresses = ['127.0.0.1', '127.0.0.2']): Promise<number> {
  const reserved = await reservePort(addresses, GROUP, random)
  await reserved.release()
  return reserved.port
}

test('ports are even and below those of unnamed sockets', async () => {
  for (const random of [0, 0.3, 0.9999]) {
    const port = await found(random)
    expect(port % 2).toBe(0)
    expect(port).toBeGreaterThanOrEqual(30_000)
    expect(port).toBeLessThan(32_768)
  }
})

test('of two that look at the same moment each gets another one', async () => {
  const reserved = await Promise.all([1, 2, 3, 4].map(() => reservePort(['127.0.0.1'], GROUP, 0.5)))
  expect(new Set(reserved.map(({ port }) => port)).size).toBe(4)
  await Promise.all(reserved.map((one) => one.release()))
})

test('a port is not taken where either of the pair, or the group, is in use at any address', async () => {
  const port = await found(0.7)
  await occupy('127.0.0.2', port - 1)
  const second = await found(0.7)
  expect(second).toBeGreaterThan(port)
  await occupy('127.0.0.1', second)
  const third = await found(0.7)
  expect(third).toBeGreaterThan(second)
  await occupy(GROUP, third)
  expect(await found(0.7)).toBeGreaterThan(third)
  expect(await found(0.7, ['127.0.0.1'])).toBe(port)
})
