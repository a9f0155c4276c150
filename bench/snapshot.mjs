// `npm run bench:snapshot [-- --json]`: a state of checkpoints is frozen, read while it is written to, and
// taken in by another process, without a network: how long, the longest single call, and memory.
import { fork } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { table } from './table.mjs'

const MIB = 1024 * 1024
const CHUNK_OCTETS = 32 * 1024
/** What is measured: checkpoints, sections of each, octets of each section. */
const shapes = [
  { checkpoints: 1, sections: 256, size: MIB },
  { checkpoints: 1, sections: 50_000, size: 1000 },
  { checkpoints: 1, sections: 1, size: 256 * MIB },
  { checkpoints: 1, sections: 500_000, size: 100 },
  { checkpoints: 16_000, sections: 1, size: 1000 },
]

async function conduct() {
  const { values: flags } = parseArgs({
    options: { json: { type: 'boolean', default: false }, 'no-build': { type: 'boolean', default: false } },
  })
  if (!flags['no-build']) setup()
  const rows = []
  for (const shape of shapes) {
    for (const each of ['donor', 'receiver', 'merger'])
      rows.push({ role: each, ...shape, ...(await run(each, shape)) })
  }
  if (flags.json) return console.log(JSON.stringify({ rows }))
  const lines = rows.map((row) => [
    row.role,
    `${row.checkpoints} × ${row.sections} × ${row.size}`,
    ...Object.values(row.longest).map((ms) => ms.toFixed(1)),
    row.totalMs.toFixed(0),
    (row.rssMax / MIB).toFixed(0),
    (row.rssMax / (row.checkpoints * row.sections * row.size)).toFixed(2),
  ])
  const heads = [
    'role',
    'state',
    'begin ms',
    'longest step ms',
    'p99 step ms',
    'end ms',
    'total ms',
    'RSS MiB',
    'RSS / data',
  ]
  console.log(table(heads, lines))
}

function run(each, shape) {
  return new Promise((resolve, reject) => {
    const args = [each, JSON.stringify(shape)]
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: ['--expose-gc'] })
    let result
    child.on('message', (message) => (result = message))
    child.on('exit', (code) =>
      result === undefined ? reject(new Error(`${each}: ${code}`)) : resolve(result),
    )
  })
}

/** What each call takes of the processor: of other programs on this machine it knows nothing. */
class Stopwatch {
  longest = { begin: 0, step: 0, p99: 0, end: 0 }
  totalMs = 0
  rssMax = 0
  #steps = []

  time(what, call) {
    const begun = process.cpuUsage()
    const result = call()
    const { user, system } = process.cpuUsage(begun)
    const ms = (user + system) / 1000
    this.totalMs += ms
    this.longest[what] = Math.max(this.longest[what], ms)
    if (what === 'step') this.#steps.push(ms)
    this.look()
    return result
  }

  look() {
    this.rssMax = Math.max(this.rssMax, process.memoryUsage.rss())
  }

  report() {
    const sorted = this.#steps.sort((a, b) => a - b)
    this.longest.p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0
    process.send({ longest: this.longest, totalMs: this.totalMs, rssMax: this.rssMax })
  }
}

async function play(part, shape) {
  const [
    { Checkpoint },
    { CkptState },
    { Section },
    reader,
    { SnapshotOfOthers },
    { adoptState },
    { Lineage },
  ] = await Promise.all([
    import('../dist/services/ckpt/checkpoint.js'),
    import('../dist/services/ckpt/ckpt-state.js'),
    import('../dist/services/ckpt/section.js'),
    import('../dist/services/ckpt/snapshot-reader.js'),
    import('../dist/services/ckpt/snapshot-writer.js'),
    import('../dist/services/ckpt/merge.js'),
    import('../dist/group/view/lineage.js'),
  ])
  const stamp = {
    stretch: { ringId: { representative: 1, sequence: 9 }, transitional: false, chain: 0 },
    position: 7,
  }
  const attributes = {
    creationFlags: 1,
    checkpointSize: 2 ** 40,
    maxSections: 2 ** 20,
    maxSectionSize: 2 ** 30,
    maxSectionIdSize: 16,
  }
  const watch = new Stopwatch()

  const piece = new Uint8Array(Math.min(MIB, shape.size)).fill(7)
  const fill = (section) => {
    while (section.size < shape.size) section.append(piece.subarray(0, shape.size - section.size), shape.size)
    return section
  }
  const template = part === 'donor' ? null : fill(new Section(''))
  /** @param isShared all sections show the same octets, which takes no memory */
  const make = (isShared, at = stamp) => {
    const state = new CkptState()
    for (let key = 1; key <= shape.checkpoints; key++) {
      const checkpoint = new Checkpoint({ key, name: `c${key}`, attributes }, at, at)
      for (let number = 0; number < shape.sections; number++) {
        const section = new Section(`section ${number}`)
        if (isShared) Object.assign(section, { ...template, id: section.id })
        else fill(section)
        checkpoint.add(section)
      }
      state.add(checkpoint)
    }
    return state
  }

  if (part === 'donor') {
    const state = make(false)
    const checkpoints = [...state.checkpoints.values()]
    const change = piece.slice(0, 1000).fill(8)
    const snapshot = watch.time('begin', () => reader.freezeState(state, [null], 0))
    for (let count = 0, octets = 1; octets > 0; count++) {
      octets = watch.time('step', () => snapshot.read(new Uint8Array(CHUNK_OCTETS + 30), 30))
      const checkpoint = checkpoints[count % checkpoints.length]
      // Writes go on: the list is made, or a section copied, with the first of them.
      const section = checkpoint.sections.get(`section ${(count * 7919) % shape.sections}`)
      watch.time('step', () => checkpoint.write(section, 0, change))
      if (count % 100 === 0) await turn()
    }
    watch.time('end', () => snapshot.release())
  } else if (part === 'receiver') {
    const snapshot = reader.freezeState(make(true), [null], 0)
    const writer = watch.time('begin', () => new SnapshotOfOthers(() => 0))
    for (let count = 0; ; count++) {
      const chunk = new Uint8Array(CHUNK_OCTETS)
      const octets = snapshot.read(chunk, 0)
      if (octets === 0) break
      watch.time('step', () => writer.write(chunk.subarray(0, octets)))
      if (count % 100 === 0) await turn()
    }
    const transferred = { writer, lineage: new Lineage(), members: [1] }
    watch.time('end', () => adoptState(new CkptState(), transferred, [], { nowMs: 0, decided: null }))
  } else {
    // Two sides that share nothing but keys and contents, with half of the checkpoints changed on each.
    const other = { ...stamp, position: 8 }
    const own = make(true)
    const writer = new SnapshotOfOthers(() => 0)
    const snapshot = reader.freezeState(make(true, other), [null], 0)
    for (;;) {
      const chunk = new Uint8Array(CHUNK_OCTETS)
      const octets = snapshot.read(chunk, 0)
      if (octets === 0) break
      writer.write(chunk.subarray(0, octets))
    }
    const sides = [
      { writer: null, lineage: new Lineage(), members: [1] },
      { writer, lineage: new Lineage([{ ...other.stretch, position: 8 }], 9), members: [2] },
    ]
    const context = { nowMs: 0, decided: { stretch: { ...stamp.stretch, chain: 5 }, position: 9 } }
    watch.time('end', () => adoptState(own, sides[0], [sides[1]], context))
  }
  watch.report()
}

const role = process.argv[2]
if (role === 'donor' || role === 'receiver' || role === 'merger')
  await play(role, JSON.parse(process.argv[3]))
else await conduct()
