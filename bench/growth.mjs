// `npm run bench:growth [-- --nodes 2,3,5,8,16,32] [--members 1,2,4,8,16] [--seconds S] [--json]`: how the
// messages of process groups grow with nodes, all of them on this machine, and with clients on three nodes.
import { execFileSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2,3,5,8,16,32' },
    members: { type: 'string', default: '1,2,4,8,16' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
const ais = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const CLIENT_NODES = 3
const SIZES = [64, 1000, 64_000]

if (!flags['no-build']) setup()
const load = loadavg()[0].toFixed(1)
const byNodes = numbers(flags.nodes).map((nodes) => measure(nodes, 1))
const byMembers = numbers(flags.members).map((members) => measure(CLIENT_NODES, members))
if (flags.json) {
  console.log(JSON.stringify({ benchmark: 'growth', cores: cpus().length, load, byNodes, byMembers }))
} else {
  console.log(`${cpus().length} cores (load before: ${load}), ${flags.seconds} s a row\n`)
  print('nodes', 'nodes', byNodes)
  print(`clients on each of ${CLIENT_NODES} nodes`, 'members', byMembers)
}

function numbers(list) {
  return list.split(',').filter(Boolean).map(Number)
}

/** @returns null for what could not be measured, with the reason on stderr */
function measure(nodes, members) {
  process.stderr.write(`${nodes} nodes, ${members} clients on each\n`)
  const sizes = ['--size', SIZES.join(',')]
  const counts = ['--sandbox', String(nodes), '--members', String(members)]
  const args = ['cpg', 'bench', '--json', ...counts, ...sizes, '--duration', flags.seconds]
  try {
    return JSON.parse(execFileSync(ais, args, { encoding: 'utf8' }))
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? error.message}\n`)
    process.exitCode = 1
    return { nodes, members, rows: [] }
  }
}

function print(what, key, results) {
  const header = [what, '64 B: one', 'all', '1000 B: one', 'all', '64 kB: one', 'all']
  const rows = results.map((result) => [
    result[key],
    ...SIZES.flatMap((size) => ['1', 'all'].map((senders) => throughput(result, senders, size))),
    ...latencies(result),
    cpuShare(result),
  ])
  console.log(table([...header, 'p50 µs', 'p99 µs', 'executives: CPU s of a row'], rows), '\n')
}

function throughput({ rows }, senders, size) {
  const ofSize = rows.filter((row) => row.mode === 'throughput' && row.size === size)
  const row = ofSize[senders === '1' ? 0 : 1]
  if (row === undefined) return '–'
  return size < 1000 ? `${Math.round(row.messagesPerSecond / 1000)}k` : row.megabytesPerSecond.toFixed(1)
}

function latencies({ rows }) {
  const row = rows.find(({ mode, size }) => mode === 'latency' && size === SIZES[0])
  return row === undefined ? ['–', '–'] : [row.p50Us, row.p99Us].map((us) => String(Math.round(us)))
}

function cpuShare({ rows }) {
  const seconds = rows.filter(({ mode }) => mode === 'throughput').map((row) => row.daemonCpuSeconds)
  return seconds.length === 0 ? '–' : (seconds.reduce((a, b) => a + b, 0) / seconds.length).toFixed(1)
}
