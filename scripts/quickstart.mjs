// `npm run quickstart` from a fresh clone: three executives on 127.0.0.1, .2 and .3, with real multicast on
// loopback, find each other; one is killed and comes back, one leaves and comes back. Nothing is left behind.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { build, installDependencies, root } from './setup.mjs'

/** How long a step may take on a slow machine before the quickstart gives up. */
const STEP_TIMEOUT_MS = 20_000

installDependencies()
if (isStale()) {
  process.stderr.write('building ...\n')
  build()
}

const { default: chalk } = await import('chalk')
const { Listr } = await import('listr2')
const { Cluster, loopbackHosts } = await import('../test/helpers/cluster/cluster.mjs')

const cluster = await Cluster.create({ hosts: loopbackHosts(3), network: { clustername: 'quickstart' } })
const timings = []
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    process.stderr.write(`\n${signal}: cleaning up\n`)
    cluster.close().finally(() => process.exit(130))
  })
}
process.exitCode = await run()

async function run() {
  console.log(chalk.bold('ais: three executives on this machine, real multicast on loopback'))
  console.log(
    chalk.dim(`127.0.0.1, .2, .3; group 239.192.77.1, port ${cluster.port}; files in ${cluster.directory}\n`),
  )
  try {
    await new Listr(steps(), { registerSignalListeners: false }).run()
    const { ringId, members } = cluster.node(0).last
    console.log(`\nThe last ring, ${ringId.representative}/${ringId.sequence}:`)
    for (const { address, name } of members) console.log(`  ${address}  ${name}`)
    console.log('\nTimes:')
    for (const { what, ms } of timings) console.log(`  ${chalk.cyan(`${ms} ms`.padStart(8))}  ${what}`)
    console.log(`\nYour own cluster: put ${chalk.bold('conf/network.conf')} into /etc/ais on each machine,`)
    console.log(`set its bindnetaddr, and run ${chalk.bold('ais exec')}.`)
    return 0
  } catch (error) {
    console.error(`${chalk.red('failed:')} ${error.message}`)
    return 1
  } finally {
    await cluster.close()
  }
}

function steps() {
  return [
    step('three nodes start and form a ring', form),
    step('node-3 is killed (kill -9)', () => lose(2, () => cluster.node(2).signal('SIGKILL'), 'failed')),
    step('node-3 comes back', () => comeBack(2)),
    step('node-2 leaves (SIGTERM)', () => lose(1, () => cluster.node(1).signal('SIGTERM'), 'left')),
    step('node-2 comes back', () => comeBack(1)),
    step('all leave', leaveAll),
  ]
}

/** `action` returns what was timed, in words, and how long it took. */
function step(title, action) {
  return {
    title,
    task: async (_, task) => {
      const { what, ms } = await action()
      timings.push({ what: `${title}: ${what}`, ms: Math.round(ms) })
      task.title = `${title} ${chalk.dim(`(${what}: ${Math.round(ms)} ms)`)}`
    },
  }
}

async function form() {
  const daemons = await cluster.startAll()
  await cluster.formed([0, 1, 2], STEP_TIMEOUT_MS)
  const lastStartMs = Math.max(...daemons.map(({ startedAtMs }) => startedAtMs))
  const formedMs = Math.max(...daemons.map(({ last }) => last.atMs))
  return { what: "from the last one's first log line to one ring of three", ms: formedMs - lastStartMs }
}

async function lose(index, action, reason) {
  const remaining = [0, 1, 2].filter((other) => other !== index)
  const beganMs = performance.now()
  action()
  await cluster.formed(remaining, STEP_TIMEOUT_MS)
  for (const other of remaining) expectReason(cluster.node(other), index, reason)
  const ms = Math.max(...remaining.map((other) => cluster.node(other).last.atMs)) - beganMs
  await cluster.node(index).exited
  return { what: `from the signal to a ring without it, ${reason}`, ms }
}

function expectReason({ configurations }, index, reason) {
  const name = `node-${index + 1}`
  const departed = configurations.flatMap(({ left }) => left).filter((member) => member.name === name)
  if (departed.at(-1)?.reason !== reason) throw new Error(`${name} was not reported as ${reason}`)
}

async function comeBack(index) {
  const daemon = cluster.spawn(index)
  await cluster.formed([0, 1, 2], STEP_TIMEOUT_MS)
  const formedMs = Math.max(...[0, 1, 2].map((other) => cluster.node(other).last.atMs))
  return { what: 'from its first log line to a ring of three', ms: formedMs - daemon.startedAtMs }
}

async function leaveAll() {
  const beganMs = performance.now()
  const exits = await Promise.all([0, 1, 2].map((index) => cluster.node(index).stop()))
  if (exits.some(({ code }) => code !== 0)) throw new Error('not all of them ended with exit code 0')
  return { what: 'from SIGTERM to the end of the last process', ms: performance.now() - beganMs }
}

function isStale() {
  const built = join(root, 'dist', 'commands', 'exec.js')
  return !existsSync(built) || newestIn(join(root, 'src')) > statSync(built).mtimeMs
}

function newestIn(directory) {
  const times = readdirSync(directory, { recursive: true }).map(
    (name) => statSync(join(directory, name)).mtimeMs,
  )
  return Math.max(...times)
}
