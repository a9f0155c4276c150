// `npm run bench:timings [-- --json] [--only form,up,kill,watch,cut,pause,idle]`: how fast daemons find each
// other and notice a loss. One JSON document on stdout with --json, else a table; progress goes to stderr.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { Cluster, loopbackHosts } from '../test/helpers/cluster/cluster.mjs'
import { ClientProgram } from '../test/helpers/cluster/client-program.mjs'
import { Namespaces, namespacesUnavailable } from '../test/helpers/cluster/namespaces.mjs'
import { percentile, table } from './table.mjs'

const measures = {
  form: measureForm,
  up: measureUp,
  kill: measureKill,
  watch: measureWatch,
  cut: measureCut,
  pause: measurePause,
  idle: measureIdle,
}
const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(measures).join(',') },
    'no-build': { type: 'boolean', default: false },
  },
})

const runPath = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const UPS = 5
const LARGE_UPS = 3
const KILLS = 20
const FORMATIONS = 5
const LARGE_CLUSTER = 16
const CUTS = 5
const PAUSE_MS = 3000
const IDLE_MS = 10_000
/** A fresh daemon still compiles what it runs often: that is no cost of idling. */
const SETTLE_MS = 50_000
/** Of /proc/PID/stat, where Linux counts processor time. */
const TICKS_PER_SECOND = 100

const rows = []
let cleanUp = async () => undefined

if (!flags['no-build']) setup()
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => cleanUp().finally(() => process.exit(130)))
}
for (const name of flags.only.split(',')) {
  if (measures[name] === undefined)
    throw new Error(`--only knows ${Object.keys(measures).join(', ')}; not ${name}`)
  await measures[name]()
}
report()

async function measureForm() {
  const three = []
  for (let run = 0; run < FORMATIONS; run++) three.push(await formOnce(3))
  addTimes('three nodes form', 'from the last one’s first log line', three, 300)
  addTimes(
    `${LARGE_CLUSTER} nodes form`,
    'from the last one’s first log line',
    [await formOnce(LARGE_CLUSTER)],
    3000,
  )
}

async function formOnce(count) {
  progress(`${count} nodes form`)
  return withCluster(loopbackHosts(count), {}, async (cluster) => {
    const daemons = await cluster.startAll()
    await cluster.formed([...daemons.keys()], 60_000)
    const startedMs = Math.max(...daemons.map(({ startedAtMs }) => startedAtMs))
    return Math.max(...daemons.map(({ last }) => last.atMs)) - startedMs
  })
}

/** As a user has it: the command, its loading included, until it says that every node sees all. */
async function measureUp() {
  for (const [count, runs] of [
    [3, UPS],
    [LARGE_CLUSTER, LARGE_UPS],
  ]) {
    const times = []
    for (let run = 0; run < runs; run++) times.push(await upOnce(count))
    addTimes(`ais cluster up --nodes ${count}`, 'for the command, until every node sees all', times)
  }
}

async function upOnce(count) {
  progress(`ais cluster up --nodes ${count}`)
  const work = mkdtempSync(join(tmpdir(), 'ais-bench-'))
  cleanUp = async () => {
    await aisCluster(work, 'down')
    rmSync(work, { recursive: true, force: true })
  }
  try {
    const beganMs = performance.now()
    await aisCluster(work, 'up', '--nodes', String(count))
    return performance.now() - beganMs
  } finally {
    await cleanUp()
    cleanUp = async () => undefined
  }
}

async function aisCluster(work, ...args) {
  const command = [runPath, 'cluster', ...args, '--dir', join(work, 'sandbox'), '--json']
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] })
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`ais cluster ${args.join(' ')} failed: ${stderr}`)
}

async function measureKill() {
  const indices = [0, 1, 2]
  await withCluster(loopbackHosts(3), {}, async (cluster) => {
    await cluster.startAll()
    await cluster.formed(indices)
    const times = []
    for (let kill = 0; kill < KILLS; kill++) {
      progress(`kill -9, ${kill + 1} of ${KILLS}`)
      times.push(await killOnce(cluster, kill % 3))
      cluster.spawn(kill % 3)
      await cluster.formed(indices)
    }
    addTimes(`kill -9, ${KILLS} in a row`, 'to the configuration without it at all survivors', times, 50)
  })
}

async function killOnce(cluster, index) {
  const survivors = [0, 1, 2].filter((other) => other !== index)
  const beganMs = performance.now()
  cluster.node(index).signal('SIGKILL')
  await cluster.formed(survivors)
  await cluster.node(index).exited
  return Math.max(...survivors.map((other) => cluster.node(other).last.atMs)) - beganMs
}

/** What an application sees: from the signal to the line of `ais clm watch` on another node. */
async function measureWatch() {
  const indices = [0, 1, 2]
  await withCluster(loopbackHosts(3), {}, async (cluster) => {
    await cluster.startAll()
    await cluster.formed(indices)
    const watcher = new ClientProgram(['clm', 'watch', '--json', '--socket', cluster.socketPath(0)])
    const times = []
    try {
      await watcher.line(/"no-change"/)
      for (let kill = 0; kill < KILLS; kill++) {
        const index = 1 + (kill % 2)
        progress(`kill -9 before a watcher, ${kill + 1} of ${KILLS}`)
        const from = watcher.lines.length
        const beganMs = performance.now()
        cluster.node(index).signal('SIGKILL')
        const line = await watcher.line(/"failed"/, { from })
        times.push(watcher.lineTimesMs[line] - beganMs)
        await cluster.node(index).exited
        cluster.spawn(index)
        await watcher.line(/"joined"/, { from })
        await cluster.formed(indices)
      }
    } finally {
      await watcher.end()
    }
    addTimes(`kill -9, ${KILLS} in a row`, 'to the line of ais clm watch on another node', times, 60)
  })
}

async function measureCut() {
  const reason = namespacesUnavailable()
  if (reason !== undefined) {
    progress(`cut link: skipped: ${reason}`)
    return
  }
  const network = new Namespaces(3)
  try {
    await withCluster(network.hosts, {}, async (cluster) => {
      await cluster.startAll()
      await cluster.formed([0, 1, 2])
      const lost = []
      const merged = []
      for (let cut = 0; cut < CUTS; cut++) {
        progress(`cut link, ${cut + 1} of ${CUTS}`)
        const cutMs = performance.now()
        network.cut(2)
        await cluster.formed([0, 1])
        lost.push(Math.max(...[0, 1].map((index) => cluster.node(index).last.atMs)) - cutMs)
        const mendedMs = performance.now()
        network.mend(2)
        await cluster.formed([0, 1, 2])
        merged.push(Math.max(...[0, 1, 2].map((index) => cluster.node(index).last.atMs)) - mendedMs)
      }
      addTimes('cut link, token 1000 ms', 'to the configuration without it at all others', lost, 1300)
      addTimes('mended link', 'to one configuration of all', merged)
    })
  } finally {
    network.close()
  }
}

async function measurePause() {
  await withCluster(loopbackHosts(3), {}, async (cluster) => {
    await cluster.startAll()
    await cluster.formed([0, 1, 2])
    progress(`paused for ${PAUSE_MS} ms`)
    const beganMs = performance.now()
    cluster.node(2).signal('SIGSTOP')
    await cluster.formed([0, 1])
    const lost = Math.max(...[0, 1].map((index) => cluster.node(index).last.atMs)) - beganMs
    await wait(PAUSE_MS - (performance.now() - beganMs))
    const counts = [0, 1].map((index) => cluster.node(index).configurations.length)
    const resumedMs = performance.now()
    cluster.node(2).signal('SIGCONT')
    await cluster.formed([0, 1, 2])
    const back = Math.max(...[0, 1, 2].map((index) => cluster.node(index).last.atMs)) - resumedMs
    const after = [0, 1].flatMap((index) => cluster.node(index).configurations.slice(counts[index]))
    const takenDown = after.filter(({ members }) => members.length < 2).length
    if (takenDown > 0) process.stderr.write(`${cluster.describe()}\n`)
    addTimes('paused node', 'to the configuration without it at the others', [lost], 1300)
    addTimes('resumed node', 'to one configuration of all', [back])
    rows.push({
      what: 'resumed node',
      measured: 'times it took another one down',
      count: takenDown,
      bound: 0,
    })
  })
}

async function measureIdle() {
  await withCluster(loopbackHosts(3), {}, async (cluster) => {
    await cluster.startAll()
    await cluster.formed([0, 1, 2])
    progress(`settling for ${SETTLE_MS} ms, then idle for ${IDLE_MS} ms`)
    await wait(SETTLE_MS)
    const pids = [0, 1, 2].map((index) => cluster.node(index).pid)
    const before = pids.map(processorMs)
    await wait(IDLE_MS)
    const shares = pids.map((pid, index) => ((processorMs(pid) - before[index]) / IDLE_MS) * 100)
    const resident = pids.map(residentMegabytes)
    rows.push({ what: 'idle daemon of three', measured: 'percent of a core', ...spread(shares, 1), bound: 3 })
    rows.push({ what: 'idle daemon of three', measured: 'resident MB', ...spread(resident, 0), bound: 100 })
  })
}

function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000
}

function residentMegabytes(pid) {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]
  return (Number(kilobytes) * 1024) / 1e6
}

async function withCluster(hosts, network, measure) {
  const cluster = await Cluster.create({ hosts, network })
  cleanUp = () => cluster.close()
  try {
    return await measure(cluster)
  } finally {
    await cluster.close()
    cleanUp = async () => undefined
  }
}

function addTimes(what, measured, times, bound) {
  rows.push({
    what,
    measured: `ms ${measured}`,
    ...spread(times, 0),
    ...(bound === undefined ? {} : { bound }),
  })
}

function spread(values, digits) {
  const rounded = values.map((value) => Number(value.toFixed(digits)))
  return { count: values.length, p50: percentile(rounded, 0.5), max: Math.max(...rounded), values: rounded }
}

function report() {
  if (flags.json) {
    console.log(JSON.stringify({ benchmark: 'timings', cpus: cpus().length, node: process.version, rows }))
    return
  }
  console.log(
    `\nReal daemons with the default configuration, ${cpus().length} cores, Node ${process.version}\n`,
  )
  const cells = rows.map(({ what, measured, count, p50, max, bound }) => {
    return [what, measured, count, p50 ?? '', max ?? '', bound ?? '']
  })
  console.log(table(['what', 'measured', 'count', 'p50', 'max', 'goal'], cells))
}

function progress(what) {
  process.stderr.write(`${what} ...\n`)
}

function wait(delayMs) {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
