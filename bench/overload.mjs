// `npm run bench:overload [-- --minutes M] [--nodes N] [--drop SHARE] [--json]`: all nodes send messages of
// all sizes as fast as they may, while each executive loses a share of the frames it receives. Memory,
// membership, order, content and fairness are watched; exit 1 when one of them is not as it has to be.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { Cluster, loopbackHosts } from '../test/helpers/cluster/cluster.mjs'
import { table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    nodes: { type: 'string', default: '3' },
    drop: { type: 'string', default: '0.01' },
    json: { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})
const SAMPLES = 20
/** Beyond what an executive had after the first tenth: what is bounded does not grow. */
const GROWTH_MIB_MAX = 256
const durationMs = Number(flags.minutes) * 60_000

/** One application, a process of its own. */
class Member {
  static async begin(socket) {
    const member = new Member()
    const path = fileURLToPath(new URL('overload-member.mjs', import.meta.url))
    member.child = fork(path, [socket, 'overload'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    await member.answer()
    return member
  }

  ask(order) {
    const answer = this.answer()
    this.child.send(order)
    return answer
  }

  answer() {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new Error('an application ended'))
      this.child.once('exit', onExit)
      this.child.once('message', (message) => {
        this.child.off('exit', onExit)
        if (message.problem === undefined) resolve(message)
        else reject(new Error(message.problem))
      })
    })
  }
}

if (!flags['no-build']) setup()
const count = Number(flags.nodes)
const cluster = await Cluster.create({ hosts: loopbackHosts(count) })
const members = []
process.once('SIGINT', () => void end().then(() => process.exit(130)))

try {
  const env = {
    NODE_OPTIONS: `--import=${new URL('frame-dropper.mjs', import.meta.url).href}`,
    AIS_DROP_SHARE: flags.drop,
  }
  for (let i = 0; i < count; i++) await cluster.start(i, { nodeid: i + 1 }, [], env)
  await cluster.formed([...Array(count).keys()])
  for (let i = 0; i < count; i++) members.push(await Member.begin(cluster.socketPath(i)))
  while ((await reports()).some((report) => report.members < count)) await wait(50)
  const result = await measure()
  process.exitCode = print(result) ? 0 : 1
} finally {
  await end()
}

async function measure() {
  const before = await reports()
  for (const member of members) member.child.send('send')
  const samples = []
  for (let i = 0; i < SAMPLES; i++) {
    await wait(durationMs / SAMPLES)
    const now = await reports()
    samples.push(now.map(({ pid, rssMiB }) => ({ daemonMiB: rssOf(pid), clientMiB: rssMiB })))
    process.stderr.write(
      `${Math.round(((i + 1) * 100) / SAMPLES)} %: ${samples.at(-1).map((s) => s.daemonMiB)} MiB\n`,
    )
  }
  const atEnd = await reports()
  for (const member of members) member.child.send('stop')
  return { before, samples, atEnd, settled: await settled() }
}

/** All that was sent has come everywhere. */
async function settled() {
  for (const deadlineMs = performance.now() + 60_000; ; await wait(100)) {
    const now = await reports()
    const areAll = now.every(({ delivered }) =>
      now.every(({ nodeId, sent }) => new Map(delivered).get(nodeId) === sent),
    )
    if (areAll || performance.now() > deadlineMs) return now
  }
}

function print({ before, samples, atEnd, settled: last }) {
  const seconds = durationMs / 1000
  const [first] = atEnd
  const bySender = new Map(first.delivered)
  const shares = [...bySender.values()]
  const fairness = Math.min(...shares) / Math.max(...shares)
  const early = samples[Math.floor(SAMPLES / 10)]
  const growth = samples.at(-1).map(({ daemonMiB }, i) => daemonMiB - early[i].daemonMiB)
  const peak = Math.max(...samples.flat().map(({ daemonMiB }) => daemonMiB))
  const changes = last.map(({ configurations }, i) => configurations - before[i].configurations)
  const checks = {
    'no change of membership': changes.every((each) => each === 0),
    'memory bounded': growth.every((each) => each <= GROWTH_MIB_MAX),
    'no gaps': last.every(({ gaps }) => gaps === 0),
    'content whole': last.every(({ damaged }) => damaged === 0),
    'one order': last.every(({ order }) => order === last[0].order),
    'all delivered': last.every(({ delivered }) =>
      last.every((o) => new Map(delivered).get(o.nodeId) === o.sent),
    ),
    'slowest sender at least half of the fastest': fairness >= 0.5,
  }
  const rates = {
    messagesPerSecond: Math.round(shares.reduce((a, b) => a + b, 0) / seconds),
    megabytesPerSecond: Math.round(first.octets / seconds / 1e5) / 10,
  }
  const figures = { nodes: count, minutes: seconds / 60, drop: Number(flags.drop), ...rates }
  const more = { slowestOfFastest: Math.round(fairness * 100) / 100, peakDaemonMiB: peak, growthMiB: growth }
  if (flags.json) console.log(JSON.stringify({ benchmark: 'overload', ...figures, ...more, checks }))
  else {
    const all = { ...figures, ...more, ...checks }
    console.log(
      table(
        ['what', 'figure'],
        Object.entries(all).map(([what, value]) => [what, String(value)]),
      ),
    )
  }
  return Object.values(checks).every(Boolean)
}

function rssOf(pid) {
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024)
}

function reports() {
  return Promise.all(members.map((member) => member.ask('report')))
}

async function end() {
  for (const { child } of members) child.kill('SIGKILL')
  await cluster.close()
}
