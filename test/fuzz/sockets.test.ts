import { jest } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'

jest.setTimeout(180_000)

const senderPath = fileURLToPath(new URL('../helpers/fuzz/hostile-sender.mjs', import.meta.url))
const FRAMES = 10_000
const RSS_GROWTH_KB_MAX = 64 * 1024
const NODES = [0, 1, 2]

/** A hostile process beside a cluster; each command is answered with a line. */
class HostileSender {
  private readonly process: ChildProcess
  private readonly lines: AsyncIterator<string>

  constructor(group: string, port: number, own: string, addresses: readonly string[]) {
    const args = [senderPath, group, String(port), own, '1', ...addresses]
    this.process = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.lines.next()
    if (done) throw new Error('the hostile sender ended')
    return String(value)
  }

  send(what: 'harmless' | 'forged', frames: number): Promise<string> {
    this.process.stdin!.write(`${what} ${frames}\n`)
    return this.line()
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null) return
    const exited = once(this.process, 'exit')
    this.process.stdin!.end()
    await exited
  }
}

describe('hostile frames on real sockets', () => {
  let cluster: Cluster
  let hostile: HostileSender

  beforeAll(async () => {
    const hosts = loopbackHosts(3, '127.0.77')
    cluster = await Cluster.create({ hosts, network: { clustername: 'honest', mcastaddr: '239.192.77.7' } })
    const addresses = hosts.map(({ address }) => address)
    hostile = new HostileSender('239.192.77.7', cluster.port, '127.0.77.99', addresses)
    expect(await hostile.line()).toBe('listening')
    await cluster.startAll()
    await cluster.formed(NODES)
  })

  afterAll(async () => {
    await hostile.close()
    await cluster.close()
  })

  const residentKb = (index: number): number => {
    const status = readFileSync(`/proc/${cluster.node(index).pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1])
  }
  const configurations = (): number[] => NODES.map((index) => cluster.node(index).configurations.length)

  test('garbage, corrupted and foreign frames to both ports change nothing', async () => {
    const before = configurations()
    const residentBefore = NODES.map(residentKb)
    expect(await hostile.send('harmless', FRAMES)).toMatch(/^sent 1\d{4}$/)
    expect(configurations()).toEqual(before)
    NODES.forEach((index) => {
      expect(cluster.node(index).exit).toBeUndefined()
      expect(residentKb(index) - residentBefore[index]).toBeLessThan(RSS_GROWTH_KB_MAX)
    })
  })

  test('after well-formed forgeries the three are one ring again, and no larger', async () => {
    const before = configurations()
    const residentBefore = NODES.map(residentKb)
    expect(await hostile.send('forged', FRAMES)).toMatch(/^sent 1\d{4}$/)
    const formed = await cluster.formed(NODES, 90_000)
    // The forgeries were believed: it was an attack.
    expect(configurations()[0]).toBeGreaterThan(before[0])
    expect(formed.members.map(({ address }) => address)).toEqual(cluster.hosts.map(({ address }) => address))
    NODES.forEach((index) => {
      expect(cluster.node(index).exit).toBeUndefined()
      expect(residentKb(index) - residentBefore[index]).toBeLessThan(RSS_GROWTH_KB_MAX)
    })
  })

  test('the ring that came of it works: a member leaves and comes back', async () => {
    expect(await cluster.node(2).stop()).toEqual({ code: 0, signal: null })
    await cluster.formed([0, 1], 60_000)
    cluster.spawn(2)
    await cluster.formed(NODES, 60_000)
  })
})
