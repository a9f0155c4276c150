// Hostile input for the ring, under virtual time, and for the socket of applications: npm run fuzz -- --help
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { setup } from './setup.mjs'

const usage = `npm run fuzz -- [--target T] [--seed N] [--cases M] [--world W] [--json] [--no-build]

Attacks the ring in a simulated world with garbage, corrupted, foreign, malformed, replayed and forged frames;
or the executive's server for applications, over real sockets, with octets and messages of all kinds;
or the checks of groups.conf, and the reading of what another node says that one means;
or (config) the checks and fixes of both files in all their forms.
  --target T   ring (default), ipc, groups, config or convert
  --seed N     what is drawn (default 1)
  --cases M    how many hostile frames, or files, at least (default 1000000)
  --world W    only world number W of the seed of the ring: to look at a finding
  --json       the figures as one line of JSON
  --no-build   use dist/ as it is
Exit code 0: nothing happened that must not; 1: something did; 2: usage.
`
/** A world takes seconds; one that is silent for so long hangs. */
const HANG_MS = 180_000
/** Of the members' logs, with a finding. */
const LOG_LINES = 8

if (isMainThread) await main()
else await attack()

async function main() {
  const options = readOptions()
  if (options.build) setup()
  const startedMs = performance.now()
  const showProgress = (cases) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${cases} cases`)
  }
  const attacks = {
    ring: attackRing,
    ipc: attackIpc,
    groups: attackFiles,
    config: attackForms,
    convert: attackConversions,
  }
  const figures = await attacks[options.target](options, showProgress)
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  figures.wallMs = Math.round(performance.now() - startedMs)
  report(figures, options)
  process.exitCode = figures.failures === 0 ? 0 : 1
}

/** In a thread of its own, so that a ring that hangs is seen. */
function attackRing(options, showProgress) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: options })
  let at = 'the first world'
  const hang = () => fail(`no end of ${at} of seed ${options.seed} after ${HANG_MS / 1000} s: the ring hangs`)
  let watchdog = setTimeout(hang, HANG_MS)
  return new Promise((resolve) => {
    worker.on('error', (error) => fail(`${at} of seed ${options.seed}: ${error.stack}`))
    worker.on('message', (message) => {
      clearTimeout(watchdog)
      if (message.figures) return resolve(message.figures)
      watchdog = setTimeout(hang, HANG_MS)
      at = `world ${message.world}`
      showProgress(message.cases)
      return undefined
    })
  })
}

async function attack() {
  exposeGc()
  const { seed, cases, world } = workerData
  const { attackWorld, failuresOf, newFigures } = await import('../test/helpers/fuzz/campaign.mjs')
  const figures = newFigures()
  const first = world ?? 0
  for (let index = first; world === null ? figures.cases < cases : index === first; index++) {
    parentPort.postMessage({ world: index, cases: figures.cases })
    attackWorld(seed, index, figures)
  }
  parentPort.postMessage({ figures: { seed, ...figures, failures: failuresOf(figures) } })
}

/** In this very thread: what makes a socket sets the process's umask. */
async function attackIpc({ seed, cases }, onProgress) {
  exposeGc()
  const { attackSocket, ipcFailuresOf } = await import('../test/helpers/fuzz/ipc-campaign.mjs')
  const figures = await attackSocket(seed, cases, onProgress)
  return { seed, ...figures, failures: ipcFailuresOf(figures) }
}

async function attackForms({ seed, cases }, onProgress) {
  const { attackConfig, configFailuresOf } = await import('../test/helpers/fuzz/config-campaign.mjs')
  const figures = attackConfig(seed, cases, onProgress)
  return { seed, ...figures, failures: configFailuresOf(figures) }
}

async function attackFiles({ seed, cases }, onProgress) {
  const { attackGroups, groupsFailuresOf } = await import('../test/helpers/fuzz/groups-campaign.mjs')
  const figures = attackGroups(seed, cases, onProgress)
  return { seed, ...figures, failures: groupsFailuresOf(figures) }
}

async function attackConversions({ seed, cases }, onProgress) {
  const { attackConvert, convertFailuresOf } = await import('../test/helpers/fuzz/convert-campaign.mjs')
  const figures = attackConvert(seed, cases, onProgress)
  return { seed, ...figures, failures: convertFailuresOf(figures) }
}

function exposeGc() {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc')
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        target: { type: 'string', default: 'ring' },
        seed: { type: 'string', default: '1' },
        cases: { type: 'string', default: '1000000' },
        world: { type: 'string' },
        json: { type: 'boolean', default: false },
        'no-build': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(usage)
      process.exit(0)
    }
    if (!['ring', 'ipc', 'groups', 'config', 'convert'].includes(values.target)) {
      throw new Error(`--target ${values.target}: expected ring, ipc, groups, config or convert`)
    }
    return {
      target: values.target,
      seed: natural('seed', values.seed),
      cases: natural('cases', values.cases),
      world: values.world === undefined ? null : natural('world', values.world),
      json: values.json,
      build: !values['no-build'],
    }
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`, 2)
  }
}

function natural(name, text) {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} ${text}: expected a whole number below 10^9`)
  return Number(text)
}

function report(figures, { seed, json }) {
  if (json) return process.stdout.write(`${JSON.stringify(figures)}\n`)
  const { byClass, counters = {}, findings, ...plain } = figures
  const refusals = Object.entries(counters).filter(([name]) => /^(refused|quarantined|duplicate)/.test(name))
  print('cases by class', Object.entries(byClass))
  if (refusals.length > 0) print('refused, by counter', refusals)
  print('in all', Object.entries(plain))
  for (const { kind, where = 'at one of the cases', what, message, times, frame, stack, lines } of findings) {
    process.stdout.write(`${kind} (${times} times), ${where}${what ? `, ${what}` : ''}: ${message}\n`)
    if (stack) process.stdout.write(`${stack.split('\n').slice(1, 6).join('\n')}\n`)
    for (const line of (lines ?? []).slice(-LOG_LINES)) process.stdout.write(`  ${line}\n`)
    if (frame) process.stdout.write(`  frame ${frame}\n`)
    const world = /world (\d+)/.exec(where)
    if (world) {
      process.stdout.write(`  look at it again: npm run fuzz -- --seed ${seed} --world ${world[1]}\n`)
    }
  }
  return undefined
}

function print(title, rows) {
  const width = Math.max(...rows.map(([name]) => name.length), 20)
  process.stdout.write(`${title}\n`)
  for (const [name, value] of rows.sort(([a], [b]) => a.localeCompare(b))) {
    const text = Number.isInteger(value) ? String(value) : value.toFixed(1)
    process.stdout.write(`  ${name.padEnd(width)} ${text.padStart(12)}\n`)
  }
  process.stdout.write('\n')
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}
