// Our executives on the hosts, and `ais cpg bench` as their client.
import { fileURLToPath } from 'node:url'
import { Cluster } from '../../test/helpers/cluster/cluster.mjs'
import { finish, start, stop } from './children.mjs'
import { rowsOfBench } from './rows.mjs'

const runPath = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Besides the time of measuring: to start, to join, and until the last message has come. */
const PATIENCE_MS = 60_000
/** Fresh executives still compile what they run often. */
const WARM_UP_SECONDS = 1

export class Ais {
  #cluster

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

  /** One row. @throws Error when the command fails: it checks order and content itself */
  async measure(mode, senders, size, seconds) {
    const sockets = [...this.hosts.keys()].map((index) => this.#cluster.socketPath(index))
    const args = ['--nodes', sockets.join(','), '--mode', mode, '--senders', senders, '--size', size]
    const child = start(
      process.execPath,
      [runPath, 'cpg', 'bench', '--json', '--duration', seconds, ...args].map(String),
    )
    try {
      const output = await finish(child, 'ais cpg bench', seconds * 1000 + PATIENCE_MS)
      return rowsOfBench(output, senders)[0]
    } finally {
      await stop([child], 0)
    }
  }

  async stop() {
    await this.#cluster?.close()
  }
}
