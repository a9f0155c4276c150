// Our executives on the hosts, and their clients.
import { fileURLToPath } from 'node:url'
import { Cluster } from '../../test/helpers/cluster/cluster.mjs'
import { finish, start, stop } from './children.mjs'
import { cpuSecondsOf } from './cpu.mjs'
import { combineClients } from './rows.mjs'

const clientPath = fileURLToPath(new URL('ais-client.mjs', import.meta.url))

/** Besides the time of measuring: to join, and until the last message has come. */
const PATIENCE_MS = 45_000
/** Fresh executives still compile what they run often. */
const WARM_UP_SECONDS = 1

export class Ais {
  #cluster
  #groups = 0

  constructor(hosts, mtu) {
    this.hosts = hosts
    this.mtu = mtu
  }

  async start() {
    this.#cluster = await Cluster.create({ hosts: this.hosts, network: { netmtu: this.mtu } })
    await this.#cluster.startAll()
    await this.#cluster.formed([...this.hosts.keys()])
    await this.measure('throughput', 'all', 64, WARM_UP_SECONDS)
  }

  /** One row. @throws Error when a client fails, or what was delivered is not what was sent */
  async measure(mode, senders, size, seconds) {
    const before = this.#cpuSeconds()
    const group = `bench${++this.#groups}`
    const clients = [...this.hosts.keys()].map((index) => {
      const sends = senders === 'all' || index === 0 ? 1 : 0
      const args = [this.#cluster.socketPath(index), mode, group, this.hosts.length, sends, size, seconds]
      return start(process.execPath, [clientPath, ...args].map(String))
    })
    try {
      const limitMs = seconds * 1000 + PATIENCE_MS
      const outputs = await Promise.all(clients.map((client) => finish(client, 'a client of ais', limitMs)))
      const daemonCpuSeconds = Number((this.#cpuSeconds() - before).toFixed(2))
      return { mode, senders, size, ...combineClients(outputs), daemonCpuSeconds }
    } finally {
      await stop(clients, 0)
    }
  }

  async stop() {
    await this.#cluster?.close()
  }

  #cpuSeconds() {
    return [...this.hosts.keys()].reduce((sum, index) => sum + cpuSecondsOf(this.#cluster.node(index).pid), 0)
  }
}
