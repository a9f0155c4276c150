// `npm run quickstart` from a fresh clone: a cluster of three on this machine, put through a kill, a restart,
// a partition and its end by the commands that a user has, while a watcher tells what the API sees of it;
// checkpoints, with writers that go on while a node is killed; and components, of which another one takes
// over when one is killed, or its executive. Nothing is left behind.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { build, installDependencies, root } from './setup.mjs'

/** How long a step may take on a slow machine before the quickstart gives up. */
const STEP_TIMEOUT_MS = 60_000

installDependencies()
if (isStale()) {
  process.stderr.write('building ...\n')
  build()
}

const { default: chalk } = await import('chalk')

const work = mkdtempSync(join(tmpdir(), 'ais-quickstart-'))
/** Commands find the sandbox by it, without --dir. */
const env = { ...process.env, AIS_SANDBOX_DIR: join(work, 'sandbox'), NODE_OPTIONS: '' }
const timings = []
const running = new Set()
let watcher
let isEnding = false

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    process.stderr.write(`\n${signal}: cleaning up\n`)
    isEnding = true
    cleanUp().finally(() => process.exit(130))
  })
}
const exitCode = await play()
if (!isEnding) {
  await cleanUp()
  process.exitCode = exitCode
}

async function play() {
  try {
    await scenes()
    console.log('\nTimes, that in which each command itself is loaded included:')
    for (const { what, ms } of timings) console.log(`  ${chalk.cyan(`${ms} ms`.padStart(8))}  ${what}`)
    console.log(`\nTry it yourself: ${chalk.bold('node bin/run.js cluster up')}, and what it says then.`)
    console.log(
      `On several machines: put ${chalk.bold('conf/network.conf')} into /etc/ais on each of them, set its`,
    )
    console.log(`bindnetaddr, and run ${chalk.bold('ais exec')}.`)
    return 0
  } catch (error) {
    if (!isEnding) console.error(`${chalk.red('failed:')} ${error.message}`)
    return 1
  }
}

async function scenes() {
  title('A cluster of three on this machine, with real multicast on loopback')
  await timed('three nodes start, until every node sees all', () => ais('cluster up'))
  await ais('clm nodes --node node2')

  title('An application on node1 watches the cluster (│), and node3 is killed')
  watcher = watch('clm watch --node node1')
  await watcher.seen('node1 .*is a member', 'node2 .*is a member', 'node3 .*is a member')
  await change('node3 is killed (kill -9), until the watcher knows', 'cluster kill node3', 'node3 .*failed')

  title('node3 is started again')
  await change('node3 starts, until the watcher knows', 'cluster start node3', 'node3 .*joined')

  title('The link to node3 is cut: both sides go on by themselves')
  const cut = 'cluster partition node1,node2 / node3'
  await change('a link is cut, until the watcher knows (token 1000 ms)', cut, 'node3 .*failed')
  await ais('cluster status')

  title('The link is whole again: they find together')
  await change('a link is mended, until the watcher knows', 'cluster heal', 'node3 .*joined')

  await checkpoints()

  await watcher.end()
  await failovers()

  title('The end')
  await timed('all leave, until nothing is left', () => ais('cluster down'))
}

/** State that every node has, and that outlives those who wrote it. */
async function checkpoints() {
  title('A checkpoint, written on node1, is read on the others')
  const written = '2-apples'
  await ais(`ckpt write orders 4711 --create --data ${written} --node node1`)
  for (const node of ['node2', 'node3']) {
    const read = await ais(`ckpt read orders 4711 --node ${node}`)
    if (read !== written) throw new Error(`${node} has ${JSON.stringify(read)} instead of ${written}`)
  }
  await ais('ckpt show orders --sections --node node3')

  title('40 writers write as fast as it goes for 3 s (│); node3 is killed meanwhile, and started again')
  const stress = watch('ckpt stress --duration 3 --node node1', { withNews: true })
  await stress.seen('writes in 1 s')
  await change('node3 is killed under load, until the watcher knows', 'cluster kill node3', 'node3 .*failed')
  const back = 'node3 starts under load and gets all checkpoints, until the watcher knows'
  await change(back, 'cluster start node3', 'node3 .*joined')
  await stress.seen('^verified: 3 members')
  await stress.ended()
}

/** Components that back each other: groups.conf of the sandbox is conf/groups.conf. */
async function failovers() {
  title('Two units of two components each (│): one is active, the other stands by')
  const [three, four] = [component(3, 'node2'), component(4, 'node2')]
  await Promise.all([three, four].map((program) => program.seen('SA_AMF_ACTIVE')))
  const [five, six] = [component(5, 'node3'), component(6, 'node3')]
  await Promise.all([five, six].map((program) => program.seen('SA_AMF_STANDBY')))
  await ais('amf status --node node1')

  title('A component of the active unit is killed: the standby takes over')
  await timed('a component is killed, until the other unit is active', () => {
    three.kill()
    return Promise.all([five, six].map((program) => program.seen('SA_AMF_ACTIVE')))
  })
  await ais('amf explain raidC --node node1')

  title('It is started again, and stands by; then the executive of the active unit is killed')
  const again = component(3, 'node2')
  await Promise.all([again, four].map((program) => program.seen('SA_AMF_STANDBY')))
  await timed('an executive is killed, until the other unit is active', () => {
    const active = [again, four].map((program) => program.seen('SA_AMF_ACTIVE'))
    return Promise.all([...active, ais('cluster kill node3')])
  })
  await ais('amf status --node node1')
  for (const program of [again, four, five, six]) await program.end()
}

/** One of the test programs. */
function component(number, node) {
  return watch(`amf test ${number} --node ${node}`)
}

function title(text) {
  console.log(`\n${chalk.bold(text)}`)
}

/** Give an order, and see what the watcher tells. */
async function change(what, order, pattern) {
  await timed(what, () => Promise.all([watcher.seen(pattern), ais(order)]))
}

async function timed(what, action) {
  const beganMs = performance.now()
  await action()
  timings.push({ what, ms: Math.round(performance.now() - beganMs) })
}

/** Run a command as a user would, and show it. @returns what it printed */
async function ais(line) {
  console.log(chalk.dim(`$ ais ${line}`))
  const printed = []
  const { child, lines } = start(line, (text) => {
    console.log(`  ${text}`)
    printed.push(text)
  })
  await succeeded(line, child, lines)
  return printed.join('\n')
}

async function succeeded(line, child, lines) {
  const code = await within(`ais ${line}`, child)
  if (code !== 0) throw new Error(`ais ${line} ended with exit code ${code}: ${lines.errors.join('\n')}`)
}

/** A command that goes on telling what happens. @param withNews what it says on stderr is shown too */
function watch(line, { withNews = false } = {}) {
  console.log(chalk.dim(`$ ais ${line} &`))
  let waiting
  const told = []
  const tell = (text) => {
    console.log(`  ${chalk.yellow('│')} ${text}`)
    told.push(text)
    waiting?.()
  }
  const { child, lines } = start(line, tell, withNews ? tell : undefined)
  return {
    /** Wait for lines that match, of those not seen yet. */
    seen: (...patterns) =>
      new Promise((resolve, reject) => {
        const timeout = setTimeout(() => reject(new Error(`no news of ${patterns}`)), STEP_TIMEOUT_MS)
        child.once('close', () => {
          clearTimeout(timeout)
          reject(new Error(`ais ${line} ended: ${lines.errors.join('\n')}`))
        })
        waiting = () => {
          if (!patterns.every((pattern) => told.some((text) => new RegExp(pattern).test(text)))) return
          clearTimeout(timeout)
          told.length = 0
          resolve()
        }
        waiting()
      }),
    /** Wait for it to end by itself. */
    ended: () => succeeded(line, child, lines),
    /** As if it had crashed. */
    kill: () => child.kill('SIGKILL'),
    end: async () => {
      child.kill('SIGTERM')
      await within(`ais ${line}`, child)
    },
  }
}

function start(line, onLine, onNews = () => undefined) {
  const args = [join(root, 'bin', 'run.js'), ...line.split(' ')]
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.once('close', () => running.delete(child))
  const lines = { errors: [] }
  createInterface({ input: child.stdout }).on('line', onLine)
  createInterface({ input: child.stderr }).on('line', (text) => {
    lines.errors.push(text)
    onNews(text)
  })
  return { child, lines }
}

function within(what, child) {
  return new Promise((resolve, reject) => {
    if (!running.has(child)) return resolve(child.exitCode)
    const timeout = setTimeout(() => reject(new Error(`${what} does not end`)), STEP_TIMEOUT_MS)
    child.once('close', (code) => {
      clearTimeout(timeout)
      resolve(code)
    })
  })
}

/** Whatever happened: no process and no file is left. */
async function cleanUp() {
  for (const child of running) child.kill('SIGKILL')
  const { child } = start('cluster down', () => undefined)
  await within('ais cluster down', child)
  rmSync(work, { recursive: true, force: true })
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
