import { createSocket, type Socket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { inodeOf, udpSocketOwner } from '../../../src/transport/index.js'

const table = [
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref',
  '  101: 0200007F:176F 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41001 2',
  '  102: 0300007F:1770 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 41002 2',
  '',
].join('\n')

describe('inodeOf', () => {
  test('finds the socket of an address and port', () => {
    expect(inodeOf(table, '127.0.0.2', 5999)).toBe('41001')
    expect(inodeOf(table, '127.0.0.3', 6000)).toBe('41002')
  })

  test('is undefined when nobody holds them', () => {
    expect(inodeOf(table, '127.0.0.2', 6000)).toBeUndefined()
  })
})

const linux = existsSync('/proc/net/udp')
if (!linux) process.stderr.write('skipped: the owner of a socket: there is no /proc/net/udp here\n')
const onLinux = linux ? test : test.skip

onLinux('udpSocketOwner names the process that holds a port', async () => {
  const socket = await new Promise<Socket>((resolve) => {
    const bound = createSocket('udp4').bind(0, '127.0.0.7', () => resolve(bound))
  })
  const { port } = socket.address()
  expect(udpSocketOwner('127.0.0.7', port)).toBe(process.pid)
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  expect(udpSocketOwner('127.0.0.7', port)).toBeUndefined()
})
