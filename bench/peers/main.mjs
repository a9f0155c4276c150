// `npm run bench:peers [-- --rounds N] [--seconds S] [--nodes N] [--mtu OCTETS] [--markdown | --json]`:
// corosync's CPG and ours in turn on hosts made of network namespaces. The ratio table is on stdout, progress
// on stderr. --systems "knet;ais", --modes throughput, --sizes 64,1000: these alone.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../../scripts/setup.mjs'
import { Namespaces } from '../../test/helpers/cluster/namespaces.mjs'
import { Ais } from './ais.mjs'
import { killAll } from './children.mjs'
import { Corosync, variants } from './corosync.mjs'
import { corosyncVersion, koffiVersion, unmetNeeds } from './needs.mjs'
import { asMarkdown, asText } from './report.mjs'
import { compare, failures, LATENCY_SIZES, SIZES } from './rows.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    nodes: { type: 'string', default: '3' },
    mtu: { type: 'string', default: '1500' },
    systems: { type: 'string', default: [...Object.keys(variants), 'ais'].join(';') },
    sizes: { type: 'string', default: SIZES.join(',') },
    modes: { type: 'string', default: 'throughput,latency' },
    install: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
const rounds = number('rounds', 1, 1000)
const seconds = number('seconds', 1, 600)
const nodeCount = number('nodes', 2, 32)
const mtu = number('mtu', 1280, 9000)
const systems = list('systems', ';', [...Object.keys(variants), 'ais'])
const sizes = list('sizes', ',', SIZES.map(String)).map(Number)
const modes = list('modes', ',', ['throughput', 'latency'])

const reasons = unmetNeeds(flags.install)
if (reasons.length > 0) refuse(reasons)
if (!flags['no-build']) setup()

let hosts
let running
let directory
/** Of a signal. All that runs is ended then, so that what waits for it fails; a second one ends at once. */
let exitCode
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.once(signal, () => {
    exitCode = code
    Promise.all([killAll(), running?.stop()]).catch((error) => progress(error.message))
  })
}
const runs = []
const load = loadavg()[0]
try {
  directory = mkdtempSync(join(tmpdir(), 'ais-peers-'))
  const client = compileClient()
  hosts = makeHosts()
  for (let round = 1; round <= rounds; round++) {
    for (const variant of systems) {
      if (exitCode === undefined) runs.push(await measureSystem(round, variant, client))
    }
  }
} finally {
  await cleanUp()
}
if (exitCode === undefined) report()
else process.exit(exitCode)

async function measureSystem(round, variant, client) {
  const system = variant === 'ais' ? 'ais' : 'corosync'
  const rows = []
  progress(`round ${round} of ${rounds}, ${variant}`)
  running = system === 'ais' ? new Ais(hosts.hosts, mtu) : new Corosync(hosts.hosts, client, variant, mtu)
  try {
    await running.start()
    for (const asked of askedRows()) rows.push(await measureRow(asked))
  } catch (error) {
    if (exitCode !== undefined) return { round, system, variant, rows }
    // Without a start there are no rows of this round; the other systems are measured all the same.
    rows.push(...askedRows().map((asked) => ({ ...asked, error: error.message })))
    progress(`  does not start: ${error.message}`)
  } finally {
    await running.stop()
    running = undefined
  }
  return { round, system, variant, rows }
}

async function measureRow({ mode, senders, size }) {
  try {
    const row = await running.measure(mode, senders, size, seconds)
    const [rate, p50, p99] = [row.messagesPerSecond, row.p50Us, row.p99Us].map(Math.round)
    const figure = mode === 'throughput' ? `${rate}/s` : `${p50} / ${p99} µs`
    progress(`  ${mode} ${senders} ${size} B: ${figure}`)
    return row
  } catch (error) {
    if (exitCode !== undefined) throw error
    progress(`  ${mode} ${senders} ${size} B: ${error.message}`)
    return { mode, senders, size, error: error.message }
  }
}

function askedRows() {
  const throughput = [1, 'all'].flatMap((senders) =>
    sizes.map((size) => ({ mode: 'throughput', senders, size })),
  )
  const latency = sizes
    .filter((size) => LATENCY_SIZES.includes(size))
    .map((size) => ({ mode: 'latency', senders: 1, size }))
  return [...throughput, ...latency].filter(({ mode }) => modes.includes(mode))
}

function report() {
  const setting = {
    nodes: nodeCount,
    mtu,
    rounds,
    seconds,
    cpus: cpus().length,
    nodeVersion: process.version,
    corosyncVersion: corosyncVersion(),
    koffiVersion: koffiVersion(),
    load,
    date: new Date().toISOString().slice(0, 10),
  }
  const compared = compare(runs)
  if (flags.json) console.log(JSON.stringify({ benchmark: 'peers', ...setting, compared, runs }))
  else console.log((flags.markdown ? asMarkdown : asText)(setting, compared, runs))
  if (failures(runs).length > 0) process.exitCode = 1
}

function compileClient() {
  const client = join(directory, 'cpg-client')
  const source = fileURLToPath(new URL('cpg-client.c', import.meta.url))
  const { status, stderr } = spawnSync('gcc', ['-O2', '-o', client, source, '-lcpg', '-lpthread'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`gcc cannot build the client of corosync:\n${stderr}`)
  return client
}

function makeHosts() {
  const made = new Namespaces(nodeCount)
  for (let index = 0; index < nodeCount; index++) {
    made.atSwitch('link', 'set', `port${index + 1}`, 'mtu', String(mtu))
    made.atHost(index, 'link', 'set', 'eth0', 'mtu', String(mtu))
    made.atHost(index, 'route', 'add', '224.0.0.0/4', 'dev', 'eth0')
  }
  return made
}

/** Processes first: a namespace that one is in lives on. */
async function cleanUp() {
  await killAll()
  hosts?.close()
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true })
}

function number(name, least, greatest) {
  const value = Number(flags[name])
  if (Number.isInteger(value) && value >= least && value <= greatest) return value
  return refuse([`--${name} is a whole number from ${least} to ${greatest}, not ${flags[name]}`])
}

function list(name, separator, known) {
  const values = flags[name].split(separator).map((value) => value.trim())
  const unknown = values.find((value) => !known.includes(value))
  if (unknown === undefined) return values
  return refuse([`--${name} knows ${known.join(`${separator} `)}; not ${unknown}`])
}

function refuse(lines) {
  for (const line of lines) process.stderr.write(`bench:peers: ${line}\n`)
  process.exit(1)
}

function progress(what) {
  process.stderr.write(`${what}\n`)
}
