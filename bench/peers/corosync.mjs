// corosync on the hosts, and its clients.
import { fileURLToPath } from 'node:url'
import { finish, said, start, stop } from './children.mjs'
import { cpuSecondsOf } from './cpu.mjs'
import { combineClients } from './rows.mjs'

const hostScript = fileURLToPath(new URL('corosync-host.sh', import.meta.url))

/** Neither has encryption. corosync runs at real-time priority unless it is told not to. */
export const variants = {
  udp: { transport: 'udp', realtime: true },
  'udp, sched_rr no': { transport: 'udp', realtime: false },
  knet: { transport: 'knet', realtime: true },
  'knet, sched_rr no': { transport: 'knet', realtime: false },
}

/** Besides the time of measuring: to join, and until the last message has come. */
const PATIENCE_MS = 45_000
const END_MS = 6000

export class Corosync {
  #groups = 0
  #daemons = []

  constructor(hosts, client, variant, mtu) {
    this.hosts = hosts
    this.client = client
    this.configuration = configuration(hosts, variants[variant], mtu)
  }

  /** Start it on all hosts; it takes work once clients could join. */
  async start() {
    for (const [index, { prefix }] of this.hosts.entries()) {
      const unshare = ['unshare', '--mount', '--uts', '--propagation', 'private']
      const [command, ...args] = [...prefix, ...unshare, 'sh', hostScript, `peer${index + 1}`]
      this.#daemons.push(start(command, args, { input: this.configuration }))
    }
    await Promise.all(this.#daemons.map((daemon) => said(daemon, 'ready', 'corosync-host.sh')))
    await this.measure('throughput', 1, 64, 0.3) // all have joined then, and caches are warm
  }

  /** One row. @throws Error when a client fails, or what was delivered is not what was sent */
  async measure(mode, senders, size, seconds) {
    const before = this.#cpuSeconds()
    const group = `bench${++this.#groups}`
    const clients = this.#daemons.map((daemon, index) => {
      const sends = senders === 'all' || index === 0 ? 1 : 0
      const enter = ['--target', daemon.pid, '--mount', '--net', '--uts']
      const args = [mode, group, this.hosts.length, sends, size, seconds]
      return start('nsenter', [...enter, this.client, ...args].map(String))
    })
    try {
      const limitMs = seconds * 1000 + PATIENCE_MS
      const outputs = await Promise.all(
        clients.map((client) => finish(client, 'a client of corosync', limitMs)),
      )
      const daemonCpuSeconds = Number((this.#cpuSeconds() - before).toFixed(2))
      return { mode, senders, size, ...combineClients(outputs), daemonCpuSeconds }
    } finally {
      await stop(clients, 0)
    }
  }

  async stop() {
    await stop(this.#daemons, END_MS)
  }

  #cpuSeconds() {
    return this.#daemons.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0)
  }
}

function configuration(hosts, { transport, realtime }, mtu) {
  const totem = ['version: 2', 'cluster_name: bench', `transport: ${transport}`]
  // knet finds out by itself.
  if (transport === 'knet') totem.push('crypto_cipher: none', 'crypto_hash: none')
  else totem.push(`netmtu: ${mtu}`)
  const nodes = hosts.map(({ address }, index) => {
    return block('node', [`ring0_addr: ${address}`, `nodeid: ${index + 1}`, `name: peer${index + 1}`])
  })
  const parts = [
    block('totem', totem),
    block('nodelist', nodes),
    block('quorum', ['provider: corosync_votequorum']),
    block('logging', ['to_stderr: yes', 'to_syslog: no', 'to_logfile: no']),
  ]
  if (!realtime) parts.push(block('system', ['sched_rr: no']))
  return parts.join('')
}

function block(name, lines) {
  return `${name} {\n${lines.map((line) => `${line.trimEnd()}\n`).join('')}}\n`
}
