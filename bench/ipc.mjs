// `npm run bench:ipc [-- --json] [--seconds S]`: round trips between an application and an executive over the
// socket, beside a bare Unix socket that echoes. One JSON document on stdout with --json, else a table.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setup } from '../scripts/setup.mjs'
import { Cluster, loopbackHosts } from '../test/helpers/cluster/cluster.mjs'
import { FrameCutter } from './frame-cutter.mjs'
import { percentile, table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '1' },
    'no-build': { type: 'boolean', default: false },
  },
})
const seconds = Number(flags.seconds)

/** Each measurement is made so often, all of them in turn; the median is reported. */
const ROUNDS = 5
/** Requests without an answer while pipelining. */
const DEPTH = 512
/** Fewer of large ones: as many octets as the buffers of the system hold. */
const depthOf = (octets) => Math.max(4, Math.min(DEPTH, Math.floor(512_000 / octets)))
/** Octets of a ping's frame and of its answer's, on average: what the bare socket carries instead. */
const SMALL_OCTETS = 16
const sizes = [64, 1000, 64_000]

if (!flags['no-build']) setup()
const { Connection } = await import('../dist/api/connection.js')
const cluster = await Cluster.create({ hosts: loopbackHosts(1) })
const echoPath = join(cluster.directory, 'echo.sock')
const echo = fork(fileURLToPath(new URL('ipc-echo.mjs', import.meta.url)), [echoPath])
let connection
let socket

try {
  await Promise.all([cluster.start(0), once(echo, 'message')])
  await cluster.formed([0])
  connection = await Connection.open({ socket: cluster.socketPath(0) })
  socket = createConnection(echoPath)
  await once(socket, 'connect')
  report(await measureAll())
} finally {
  connection?.close()
  socket?.destroy()
  echo.kill()
  await cluster.close()
}

async function measureAll() {
  const payloads = sizes.map((size) => [size, new Uint8Array(size).fill(7)])
  const measurements = [
    ['bare socket', 'one at a time', SMALL_OCTETS, () => rawFrames(SMALL_OCTETS, 1)],
    ['ais.ping', 'one at a time', 0, () => callOneByOne('ais.ping', null)],
    ['bare socket', 'pipelined', SMALL_OCTETS, () => rawFrames(SMALL_OCTETS, DEPTH)],
    ['ais.ping', 'pipelined', 0, () => callPipelined('ais.ping', null, DEPTH)],
    ...payloads.flatMap(([size, payload]) => [
      ['bare socket', 'one at a time', size, () => rawFrames(size, 1)],
      ['ais.echo', 'one at a time', size, () => callOneByOne('ais.echo', payload)],
      ['bare socket', 'pipelined', size, () => rawFrames(size, depthOf(size))],
      ['ais.echo', 'pipelined', size, () => callPipelined('ais.echo', payload, depthOf(size))],
    ]),
  ]
  const rates = measurements.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, [name, manner, octets, measure]] of measurements.entries()) {
      progress(`round ${round} of ${ROUNDS}: ${name}, ${manner}, ${octets} octets`)
      const rate = await measure()
      // The first round is for the compilers to warm up.
      if (round > 0) rates[index].push(rate)
    }
  }
  progress('')
  return measurements.map(([name, manner, octets], index) => ({
    name,
    manner,
    octets,
    perSecond: Math.round(percentile(rates[index], 0.5)),
  }))
}

async function callOneByOne(method, params) {
  const endMs = performance.now() + seconds * 1000
  const beganMs = performance.now()
  let count = 0
  for (; performance.now() < endMs; count++) await connection.call(method, params)
  return (count / (performance.now() - beganMs)) * 1000
}

function callPipelined(method, params, depth) {
  return new Promise((resolve, reject) => {
    const beganMs = performance.now()
    const endMs = beganMs + seconds * 1000
    let count = 0
    let open = 0
    const ask = () => {
      open++
      connection.call(method, params).then(answered, reject)
    }
    const answered = () => {
      count++
      open--
      const nowMs = count % 64 === 0 || open === 0 ? performance.now() : 0
      if (nowMs >= endMs) ending = true
      if (!ending) ask()
      else if (open === 0) resolve((count / (performance.now() - beganMs)) * 1000)
    }
    let ending = false
    for (let i = 0; i < depth; i++) ask()
  })
}

/** @param depth frames on the way at a time */
function rawFrames(octets, depth) {
  const frame = Buffer.alloc(4 + octets, 7)
  frame.writeUInt32LE(octets)
  const frames = Buffer.concat(new Array(depth).fill(frame))
  const cutter = new FrameCutter()
  return new Promise((resolve) => {
    const beganMs = performance.now()
    const endMs = beganMs + seconds * 1000
    let count = 0
    let open = depth
    const onData = (chunk) => {
      const answers = cutter.cut(chunk, () => undefined)
      count += answers
      open -= answers
      const nowMs = performance.now()
      if (nowMs < endMs) {
        open += answers
        if (answers > 0) socket.write(frames.subarray(0, answers * frame.length))
      } else if (open === 0) {
        socket.off('data', onData)
        resolve((count / (nowMs - beganMs)) * 1000)
      }
    }
    socket.on('data', onData)
    socket.write(frames)
  })
}

function report(rows) {
  if (flags.json) {
    const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, node: process.version }
    process.stdout.write(`${JSON.stringify({ machine, seconds, rounds: ROUNDS, rows })}\n`)
    return
  }
  const header = ['what', 'how', 'octets', 'per second', 'of the bare socket']
  const cells = rows.map(({ name, manner, octets, perSecond }) => {
    const bare = rows.find(
      (row) => row.name === 'bare socket' && row.manner === manner && row.octets === (octets || SMALL_OCTETS),
    )
    const share = name === 'bare socket' ? '' : `${Math.round((perSecond / bare.perSecond) * 100)} %`
    return [name, manner, String(octets), perSecond.toLocaleString('en'), share]
  })
  process.stdout.write(`${table(header, cells)}\n`)
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}
