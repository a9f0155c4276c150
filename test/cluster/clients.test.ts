import { jest } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Connection } from '../../src/api/connection.js'
import type { AisErrorName } from '../../src/api/index.js'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'
import type { Daemon } from '../helpers/cluster/daemon.mjs'
import { frameOf, RawClient } from '../helpers/ipc/raw-client.js'

jest.setTimeout(120_000)

const MIB = 1024 * 1024
const flooderPath = fileURLToPath(new URL('../helpers/ipc/flooder.mjs', import.meta.url))

/** Of this process, and so of those it starts: node raises its soft limit to the hard one. */
const openFiles = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])

/** `test`, where a process may have so many files open; else it is skipped and says so. */
function testWithFiles(needed: number): typeof test | typeof test.skip {
  if (openFiles >= needed || Number.isNaN(openFiles)) return test
  process.stderr.write(`skipped: a process may have ${openFiles} files open here, ${needed} are needed\n`)
  return test.skip
}

let cluster: Cluster
let daemon: Daemon
const connections: Connection[] = []
const rawClients: RawClient[] = []
const children: ChildProcess[] = []

beforeEach(async () => {
  cluster = await Cluster.create({ hosts: loopbackHosts(1) })
  daemon = await cluster.start(0)
  await cluster.formed([0])
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const connection of connections.splice(0)) connection.close()
  for (const client of rawClients.splice(0)) await client.close()
  await cluster.close()
})

async function open(): Promise<Connection> {
  const connection = await Connection.open({ socket: cluster.socketPath(0) })
  connections.push(connection)
  return connection
}

async function greet(): Promise<RawClient> {
  const client = await RawClient.greet(cluster.socketPath(0))
  rawClients.push(client)
  return client
}

/** Of the daemon, now. */
function residentOctets(): number {
  const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024
}

async function codeOf(call: Promise<unknown>): Promise<AisErrorName | 'none'> {
  return call.then(
    () => 'none',
    (error: { code: AisErrorName }) => error.code,
  )
}

/** Tracks the cluster: a connection with something open. */
async function track(connection: Connection): Promise<void> {
  const subscription = connection.subscribe(() => undefined)
  await connection.call('clm.clusterTrack', { flags: 5, subscription })
}

async function isServed(connection: Connection, rounds = 20): Promise<void> {
  for (let i = 0; i < rounds; i++) expect(await connection.call('ais.echo', i)).toBe(i)
}

testWithFiles(1500)('1,000 clients on one daemon, each with calls of its own', async () => {
  const clients: Connection[] = []
  while (clients.length < 1000) {
    clients.push(...(await Promise.all(Array.from({ length: 50 }, open))))
  }
  await Promise.all(clients.map(track))
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(
      clients.flatMap((client, index) => [
        client.call('ais.echo', `${round} of ${index}`),
        client.call('ais.echo', index),
      ]),
    )
    expect(answers).toEqual(clients.flatMap((_, index) => [`${round} of ${index}`, index]))
  }
  expect(daemon.exit).toBeUndefined()
  expect(residentOctets()).toBeLessThan(400 * MIB)
})

testWithFiles(10_500).each(['silent', 'greeting'])(
  '10,000 %s connections of one process: others are served, memory is bounded',
  async (manner) => {
    const honest = await open()
    await track(honest)
    let isLost = false
    honest.owner = { onLost: () => (isLost = true), onRestored: () => undefined }
    const before = residentOctets()
    const child = spawn(process.execPath, [flooderPath, cluster.socketPath(0), '10000', manner], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    children.push(child)
    let isFlooded = false
    const flooded = once(createInterface({ input: child.stdout }), 'line').then(([line]) => {
      isFlooded = true
      return JSON.parse(line as string) as { opened: number }
    })
    let newcomers = 0
    while (!isFlooded) {
      await isServed(honest, 1)
      const newcomer = await open()
      await isServed(newcomer, 1)
      newcomer.close()
      newcomers++
    }
    expect((await flooded).opened).toBe(10_000)
    expect(newcomers).toBeGreaterThan(0)
    await isServed(honest)
    expect(residentOctets() - before).toBeLessThan(300 * MIB)
    child.kill('SIGKILL')
    await once(child, 'close')
    await isServed(await open())
    expect(isLost).toBe(false)
  },
)

test('a client that never reads costs bounded memory, and others are served', async () => {
  const honest = await open()
  const deaf = await greet()
  deaf.socket.pause()
  const before = residentOctets()
  const frame = frameOf([1, 1, 'ais.echo', new Uint8Array(64 * 1024)])
  for (let i = 0; i < 2000; i++) deaf.socket.write(frame)
  await isServed(honest, 500)
  expect(residentOctets() - before).toBeLessThan(64 * MIB)
  expect(daemon.exit).toBeUndefined()
})

test('garbage ends the connection it came by, nothing else', async () => {
  const honest = await open()
  for (let i = 0; i < 50; i++) {
    const client = i % 2 === 0 ? await greet() : await RawClient.connect(cluster.socketPath(0))
    const octets = Buffer.alloc(200, i)
    octets.writeUInt32LE(196)
    client.socket.write(octets)
    expect((await client.goodbye())[0]).toBe('ERR_MESSAGE_ERROR')
    await isServed(honest, 1)
  }
})

describe('kill -9', () => {
  test('after the write: the outcome is unknown; before it: try again; then it is back', async () => {
    const connection = await open()
    const lost = new Promise<void>((resolve) => {
      connection.owner = { onLost: () => resolve(), onRestored: () => undefined }
    })
    // Stopped, it cannot answer what is on its way to it.
    daemon.signal('SIGSTOP')
    const sent = codeOf(connection.call('ais.ping'))
    await connection.drain()
    await daemon.kill()
    expect(await sent).toBe('ERR_TIMEOUT')
    await lost
    expect(await codeOf(connection.call('ais.ping'))).toBe('ERR_TRY_AGAIN')
    const restored = new Promise<number>((resolve) => {
      connection.owner = { onLost: () => undefined, onRestored: ({ pid }) => resolve(pid) }
    })
    const next = cluster.spawn(0)
    expect(await restored).toBe(next.pid)
    await isServed(connection)
  })

  test('a second executive at the socket of a living one is refused with its pid', async () => {
    const other = await cluster.start(0, {
      statedir: `${cluster.directory}/other`,
      mcastport: cluster.port + 2,
    })
    expect(await other.exited).toEqual({ code: 1, signal: null })
    expect(other.log.join('\n')).toMatch(
      new RegExp(`${cluster.socketPath(0)} is in use: the executive with pid ${daemon.pid} answers there`),
    )
    await isServed(await open())
  })
})
