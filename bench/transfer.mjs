// `npm run bench:transfer [-- --json] [--sections N] [--size OCTETS]`: two executives on loopback hold a
// checkpoint, an application writes to it all the while, and a third one joins. How long until that has
// everything, how long writes took meanwhile, the longest turns of the event loops, and memory.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { Cluster, loopbackHosts } from '../test/helpers/cluster/cluster.mjs'
import { percentile, table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sections: { type: 'string', default: '256' },
    size: { type: 'string', default: String(1024 * 1024) },
    'no-build': { type: 'boolean', default: false },
  },
})
const sections = Number(flags.sections)
const size = Number(flags.size)
/** Of one write. */
const PIECE_OCTETS = 500_000
const LIVE_OCTETS = 1000
/** Writes are looked at for so long before the third one comes. */
const BEFORE_MS = 2000

/** Writes one at a time, all the while. */
class Writer {
  #latencies = []
  #isStopped = false
  #done

  constructor(checkpoint) {
    this.#done = this.#run(checkpoint)
  }

  take() {
    return this.#latencies.splice(0)
  }

  stop() {
    this.#isStopped = true
    return this.#done
  }

  async #run(checkpoint) {
    const vector = [{ sectionId: 'live', data: Buffer.alloc(LIVE_OCTETS, 1) }]
    while (!this.#isStopped) {
      const beganMs = performance.now()
      await checkpoint.checkpointWrite(vector)
      this.#latencies.push(performance.now() - beganMs)
    }
  }
}

if (!flags['no-build']) setup()
const { Ckpt } = await import('../dist/api/index.js')
const cluster = await Cluster.create({ hosts: loopbackHosts(3) })
process.once('SIGINT', () => void cluster.close().then(() => process.exit(130)))
try {
  const result = await run()
  console.log(flags.json ? JSON.stringify(result) : text(result))
} finally {
  await cluster.close()
}

async function run() {
  const start = async (index) => {
    const env = {
      NODE_OPTIONS: `--import=${new URL('loop-delay.mjs', import.meta.url).href}`,
      AIS_LOOP_DELAY_FILE: delayFile(index),
    }
    await cluster.start(index, { nodeid: index + 1 }, [], env)
  }
  await Promise.all([start(0), start(1)])
  await cluster.formed([0, 1])
  const ckpt = await Ckpt.initialize({ socket: cluster.socketPath(0) })
  const filled = await fill(ckpt)
  await Promise.all([0, 1].map(longestTurnMs))
  const writer = new Writer(filled.checkpoint)
  await wait(BEFORE_MS)
  const before = writer.take()
  const startedMs = performance.now()
  await start(2)
  await untilUp(2)
  // What it takes to load its code is no turn of the executive.
  await longestTurnMs(2)
  const joinedMs = await untilOpen(2)
  const during = writer.take()
  await writer.stop()
  const turnsMs = await Promise.all([0, 1, 2].map(longestTurnMs))
  const { members } = await ckpt.digests(['transfer'])
  const digests = new Set(members.map(({ checkpoints }) => checkpoints[0].digest))
  await ckpt.finalize()
  return {
    sections,
    size,
    fillSeconds: filled.seconds,
    iterateMs: filled.iterateMs,
    transferSeconds: (joinedMs - startedMs) / 1000,
    writesBefore: latencies(before),
    writesDuring: latencies(during),
    longestTurnMs: turnsMs,
    rssMb: [0, 1, 2].map((index) => rssMb(index, 'VmRSS')),
    peakRssMb: [0, 1, 2].map((index) => rssMb(index, 'VmHWM')),
    equal: digests.size === 1 && members.length === 3,
  }
}

async function fill(ckpt) {
  const checkpoint = await ckpt.checkpointOpen(
    'transfer',
    {
      creationFlags: 1,
      checkpointSize: sections * size + LIVE_OCTETS,
      retentionDurationMs: Infinity,
      maxSections: sections + 1,
      maxSectionSize: Math.max(size, LIVE_OCTETS),
      maxSectionIdSize: 16,
    },
    7,
  )
  const beganMs = performance.now()
  const data = Buffer.alloc(Math.min(size, PIECE_OCTETS), 7)
  let next = 0
  const worker = async () => {
    while (next < sections) {
      const sectionId = `s${next++}`
      await checkpoint.sectionCreate(sectionId, undefined, data)
      for (let dataOffset = data.length; dataOffset < size; dataOffset += data.length) {
        const piece = data.subarray(0, Math.min(data.length, size - dataOffset))
        await checkpoint.checkpointWrite([{ sectionId, dataOffset, data: piece }])
      }
    }
  }
  await Promise.all(Array.from({ length: size > 10_000 ? 4 : 256 }, worker))
  await checkpoint.sectionCreate('live')
  const seconds = (performance.now() - beganMs) / 1000
  const iterateMs = performance.now()
  let seen = 0
  for await (const section of await checkpoint.sectionIterationInitialize()) seen += section ? 1 : 0
  if (seen !== sections + 1) throw new Error(`${seen} sections were gone through`)
  return { checkpoint, seconds, iterateMs: performance.now() - iterateMs }
}

/** Its executive answers. */
async function untilUp(index) {
  for (;;) {
    const ckpt = await Ckpt.initialize({ socket: cluster.socketPath(index) }).catch(ignoreTryAgain)
    if (ckpt) return ckpt.finalize()
    await wait(5)
  }
}

/** @returns when this node answered for its checkpoints first */
async function untilOpen(index) {
  for (;;) {
    try {
      const ckpt = await Ckpt.initialize({ socket: cluster.socketPath(index) })
      try {
        for (;;) {
          const isThere = await ckpt.checkpointOpen('transfer', null, 1).catch(ignoreTryAgain)
          if (isThere) return performance.now()
          await wait(10)
        }
      } finally {
        await ckpt.finalize()
      }
    } catch (error) {
      ignoreTryAgain(error)
      await wait(10)
    }
  }
}

function ignoreTryAgain(error) {
  if (error.code !== 'ERR_TRY_AGAIN') throw error
}

function delayFile(index) {
  return join(cluster.directory, `loop-delay-${index}`)
}

/** Since this was asked last. */
async function longestTurnMs(index) {
  const file = delayFile(index)
  rmSync(file, { force: true })
  process.kill(cluster.node(index).pid, 'SIGUSR2')
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await wait(5)
  return Number(readFileSync(file, 'utf8'))
}

function rssMb(index, field) {
  const status = readFileSync(`/proc/${cluster.node(index).pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024)
}

function latencies(values) {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => percentile(values, share))
  return { count: values.length, p50Ms: p50, p99Ms: p99, maxMs: max }
}

function text(result) {
  const { writesBefore, writesDuring, longestTurnMs: turns, rssMb: rss, peakRssMb: peak } = result
  const row = (what, { count, p50Ms, p99Ms, maxMs }) => [
    what,
    count,
    ...[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1)),
  ]
  return [
    `${sections} sections of ${size} octets: filled in ${result.fillSeconds.toFixed(1)} s, ` +
      `gone through in ${result.iterateMs.toFixed(0)} ms`,
    `from the start of the third one until its replica is open: ${result.transferSeconds.toFixed(2)} s; ` +
      `replicas ${result.equal ? 'equal' : 'NOT EQUAL'}`,
    '',
    table(
      ['writes, ms', 'count', 'p50', 'p99', 'max'],
      [row('before', writesBefore), row('meanwhile', writesDuring)],
    ),
    '',
    table(
      ['executive', 'longest turn, ms', 'memory, MB', 'peak, MB'],
      [0, 1, 2].map((index) => [
        ['asked', 'other', 'joins'][index],
        turns[index].toFixed(1),
        rss[index],
        peak[index],
      ]),
    ),
  ].join('\n')
}
