// `npm run bench:ring [-- --json] [--seconds S]`: throughput and latency of the bare ring, three processes on
// loopback. One JSON document on stdout with --json, else tables; progress goes to stderr.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { freePort } from '../test/helpers/cluster/free-port.mjs'
import { percentile, table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '2' },
    'no-build': { type: 'boolean', default: false },
  },
})
const seconds = Number(flags.seconds)
const sizes = [64, 1000, 10_000, 250_000]
const guarantees = ['agreed', 'safe']
const nodePath = fileURLToPath(new URL('ring-node.mjs', import.meta.url))

/** Of throughput: until queues are full everywhere. */
const WARM_UP_MS = 500
const LATENCY_SAMPLES = 2000

if (!flags['no-build']) setup()
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const port = await freePort(addresses)
const nodes = addresses.map((address, index) =>
  fork(nodePath, [JSON.stringify({ nodeId: index + 1, address, port })], { stdio: ['ignore', 2, 2, 'ipc'] }),
)
process.once('SIGINT', () => {
  for (const node of nodes) node.kill('SIGKILL')
  process.exit(130)
})

try {
  await Promise.all(nodes.map((node) => reply(node, ({ members }) => members === addresses.length)))
  const throughput = await measureAllThroughput()
  const latency = await measureAllLatency()
  report(throughput, latency)
} finally {
  await Promise.all(nodes.map(endNode))
}

async function measureAllThroughput() {
  const rows = []
  for (const guarantee of guarantees) {
    for (const senders of [1, addresses.length]) {
      for (const size of sizes) rows.push(await measureThroughput(size, guarantee, senders))
    }
  }
  return rows
}

async function measureThroughput(size, guarantee, senders) {
  const row = { size, guarantee, senders }
  progress(`throughput ${size} B, ${guarantee}, ${senders} sending`)
  for (const node of nodes.slice(0, senders)) node.send({ command: 'send', size, guarantee })
  await wait(WARM_UP_MS)
  await Promise.all(nodes.map((node) => ask(node, { command: 'reset' }, ({ isReset }) => isReset)))
  const beganMs = performance.now()
  await wait(seconds * 1000)
  const counts = await Promise.all(
    nodes.map((node) => ask(node, { command: 'count' }, ({ delivered }) => delivered)),
  )
  const elapsed = (performance.now() - beganMs) / 1000
  for (const node of nodes) node.send({ command: 'stop' })
  await quiet()
  // What the slowest of them delivered: the others cannot be far ahead.
  const messages = Math.min(...counts.map(({ delivered }) => delivered.messages))
  row.messagesPerSecond = Math.round(messages / elapsed)
  row.megabytesPerSecond = Number(((messages * size) / elapsed / 1e6).toFixed(1))
  return row
}

/** Until nothing is delivered any more. */
async function quiet() {
  let before = -1
  for (;;) {
    await wait(200)
    const counts = await Promise.all(nodes.map((node) => ask(node, { command: 'count' }, (m) => m.delivered)))
    const now = counts.reduce((sum, { delivered }) => sum + delivered.messages, 0)
    if (now === before) return
    before = now
  }
}

async function measureAllLatency() {
  const rows = []
  for (const guarantee of guarantees) {
    for (const size of sizes) {
      progress(`latency ${size} B, ${guarantee}`)
      const samples = size > 100_000 ? LATENCY_SAMPLES / 10 : LATENCY_SAMPLES
      const { times } = await ask(nodes[1], { command: 'ping', size, guarantee, samples }, (m) => m.times)
      const micros = times.slice(samples / 10).map((ms) => ms * 1000)
      const [p50, p99] = [0.5, 0.99].map((share) => Math.round(percentile(micros, share)))
      rows.push({ size, guarantee, samples: micros.length, p50Micros: p50, p99Micros: p99 })
    }
  }
  return rows
}

function report(throughput, latency) {
  const setting = { nodes: addresses.length, seconds, cpus: cpus().length, node: process.version }
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'ring', ...setting, throughput, latency }))
    return
  }
  console.log(
    `\nThe bare ring: ${setting.nodes} processes on loopback, ${setting.cpus} cores, Node ${setting.node}\n`,
  )
  console.log('Throughput, delivered at every node')
  console.log(
    table(
      ['guarantee', 'senders', 'octets', 'msg/s', 'MB/s'],
      throughput.map((row) => [
        row.guarantee,
        row.senders,
        row.size,
        row.messagesPerSecond,
        row.megabytesPerSecond.toFixed(1),
      ]),
    ),
  )
  console.log("\nLatency, one at a time, from multicast to the sender's own delivery")
  console.log(
    table(
      ['guarantee', 'octets', 'p50 µs', 'p99 µs'],
      latency.map((row) => [row.guarantee, row.size, row.p50Micros, row.p99Micros]),
    ),
  )
}

function ask(node, question, fits) {
  const answer = reply(node, fits)
  node.send(question)
  return answer
}

/** The next message of a node that fits. */
function reply(node, fits) {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('a node of the benchmark ended'))
    const onMessage = (message) => {
      if (!fits(message)) return
      node.off('message', onMessage)
      node.off('exit', onExit)
      resolve(message)
    }
    node.on('message', onMessage)
    node.once('exit', onExit)
  })
}

async function endNode(node) {
  if (node.exitCode !== null || node.signalCode !== null) return
  const exited = once(node, 'exit')
  node.send({ command: 'end' })
  await exited
}

function progress(what) {
  process.stderr.write(`${what} ...\n`)
}

function wait(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
