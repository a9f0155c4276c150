import { performance } from 'node:perf_hooks'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Daemon } from './daemon.mjs'
import { freePort } from './free-port.mjs'

/** Hosts on the loopback interface: 127.0.X.1, .2 … */
export function loopbackHosts(count, network = '127.0.0') {
  return Array.from({ length: count }, (_, index) => ({ address: `${network}.${index + 1}`, prefix: [] }))
}

/**
 * Daemons of one cluster, each with a directory of its own for configuration and state. Nodes are counted
 * from 0; node i lives on hosts[i] and is called node-(i+1).
 */
export class Cluster {
  /** Every life of every node, in order of their starts. */
  lives = []
  #current = new Map()

  constructor(directory, hosts, network) {
    this.directory = directory
    this.hosts = hosts
    this.network = network
  }

  /** @param network keys of network.conf for all nodes */
  static async create({ hosts, network = {} }) {
    const directory = await mkdtemp(join(tmpdir(), 'ais-cluster-'))
    const onLoopback = hosts.every(({ prefix }) => prefix.length === 0)
    const port =
      network.mcastport ?? (onLoopback ? await freePort(hosts.map(({ address }) => address)) : 6000)
    const keys = { mcastaddr: '239.192.77.1', clustername: 'test', ...network, mcastport: port }
    return new Cluster(directory, hosts, keys)
  }

  get port() {
    return this.network.mcastport
  }

  configDir(index) {
    return join(this.directory, `node-${index + 1}`)
  }

  stateDir(index) {
    return join(this.configDir(index), 'state')
  }

  socketPath(index) {
    return join(this.configDir(index), 'ais.sock')
  }

  /** Start a node. @param overrides keys of its network.conf for this and only this start */
  async start(index, overrides = {}, args = [], env = {}) {
    const keys = {
      bindnetaddr: this.hosts[index].address,
      nodename: `node-${index + 1}`,
      statedir: this.stateDir(index),
      socket: this.socketPath(index),
      ...this.network,
      ...overrides,
    }
    await mkdir(this.configDir(index), { recursive: true })
    const text = Object.entries(keys).map(([key, value]) => `${key}:${value}\n`)
    await writeFile(join(this.configDir(index), 'network.conf'), text.join(''))
    return this.spawn(index, args, env)
  }

  /** Start a node with the configuration it had last. */
  spawn(index, args = [], env = {}) {
    const { prefix } = this.hosts[index]
    const daemon = new Daemon({ prefix, configDir: this.configDir(index), args, env })
    this.lives.push({ index, daemon })
    this.#current.set(index, daemon)
    return daemon
  }

  async startAll(indices = this.hosts.keys()) {
    return Promise.all([...indices].map((index) => this.start(index)))
  }

  /** The running (or last) daemon of a node. */
  node(index) {
    return this.#current.get(index)
  }

  /**
   * Wait until the last configuration of all these nodes is one and the same, of exactly them.
   * @returns the configuration as the first of them printed it
   */
  async formed(indices, timeoutMs = 20_000) {
    const names = indices.map((index) => `node-${index + 1}`).sort()
    const what = `one configuration of ${names.join(', ')}`
    const last = () => indices.map((index) => this.node(index).last)
    const isFormed = () => {
      const [first, ...others] = last()
      return isRegularOf(first, names) && others.every((other) => isSameConfiguration(first, other))
    }
    const deadline = performance.now() + timeoutMs
    while (!isFormed()) {
      const left = deadline - performance.now()
      const lagging = indices.filter((index) => !isRegularOf(this.node(index).last, names))
      const watched = this.node(lagging[0] ?? indices[0])
      const seen = watched.configurations.length
      if (left <= 0) throw new Error(`no ${what} in ${timeoutMs} ms\n${this.describe(indices)}`)
      try {
        await watched.until(() => watched.configurations.length > seen, what, left)
      } catch {
        throw new Error(`no ${what} in ${timeoutMs} ms\n${this.describe(indices)}`)
      }
    }
    return this.node(indices[0]).last
  }

  describe(indices = [...this.#current.keys()]) {
    return indices.map((index) => `--- node-${index + 1}: ${this.node(index).describe()}`).join('\n')
  }

  /** End everything and remove all files. */
  async close() {
    for (const { daemon } of this.lives) if (daemon.exit === undefined) daemon.signal('SIGKILL')
    await Promise.all(this.lives.map(({ daemon }) => daemon.exited))
    await rm(this.directory, { recursive: true, force: true })
  }
}

export function namesOf(configuration) {
  return configuration.members.map(({ name }) => name).sort()
}

function isRegularOf(configuration, names) {
  if (configuration?.kind !== 'regular') return false
  return JSON.stringify(namesOf(configuration)) === JSON.stringify(names)
}

function isSameConfiguration(a, b) {
  return b?.kind === a.kind && JSON.stringify(b.ringId) === JSON.stringify(a.ringId)
}
