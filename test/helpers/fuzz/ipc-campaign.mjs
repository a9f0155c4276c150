// Hostile applications at the socket of an executive: the very server, over real sockets, with CLM, AMF and
// CKPT behind it.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { Unpackr } from 'msgpackr'
import { Connection } from '../../../dist/api/connection.js'
import { seededRandom } from '../../../dist/base/index.js'
import { AisFront, IpcServer } from '../../../dist/exec/ipc/index.js'
import { ClmService } from '../../../dist/services/index.js'
import { soleAmf } from './ipc-amf.mjs'
import { soleCkpt } from './ipc-ckpt.mjs'
import { soleCpg } from './ipc-cpg.mjs'
import {
  frameOf,
  honestHello,
  joinGroup,
  kinds,
  misuseGroup,
  openCheckpoint,
  useCheckpoint,
  useComponent,
} from './ipc-forge.mjs'

/** Connections of the attacker at a time. */
const ATTACKERS = 32
/** Of odd requests on one connection before the frame that may end it. */
const REQUESTS_MAX = 4
/** Kinds that leave the connection open: what comes behind them is looked at too. */
const openKinds = ['request', 'anyParams']
/** Between two calls of the honest application. */
const HONEST_PAUSE_MS = 2
/** For the executive to close a connection whose other end has closed. */
const CLOSE_TIMEOUT_MS = 10_000
/** Id of the request that opens a checkpoint, or joins a group. */
const OPENING = 77_777
const PING_TIMEOUT_MS = 5000
export const IPC_GROWTH_OCTETS_MAX = 24 * 1024 * 1024

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' })

export function newIpcFigures() {
  return {
    cases: 0,
    connections: 0,
    byClass: Object.fromEntries(
      [...Object.keys(kinds), 'checkpoint', 'component', 'group'].map((kind) => [kind, 0]),
    ),
    answers: 0,
    goodbyes: 0,
    exceptions: 0,
    /** Messages of the executive that are none of the protocol. */
    malformed: 0,
    /** Connections that did not end. */
    hanging: 0,
    honestPings: 0,
    /** Times the honest application was not served. */
    unserved: 0,
    slowestPingMs: 0,
    grown: 0,
    grownOctets: 0,
    findings: [],
  }
}

export function ipcFailuresOf({ exceptions, malformed, hanging, unserved, grown }) {
  return exceptions + malformed + hanging + unserved + grown
}

/** @param onProgress called with the number of cases so far */
export async function attackSocket(seed, cases, onProgress) {
  const figures = newIpcFigures()
  const directory = mkdtempSync(join(tmpdir(), 'ais-fuzz-'))
  const path = join(directory, 'ais.sock')
  const clm = new ClmService({ nodeId: 1, clusterName: 'fuzzed' })
  clm.onView(viewOf(1))
  const onException = (error) => note(figures, 'exceptions', `${error.stack}`)
  process.on('uncaughtException', onException)
  process.on('unhandledRejection', onException)
  const node = { software: '0.0.0', nodeId: 1, nodeName: 'one', clusterName: 'fuzzed' }
  const server = await IpcServer.start({
    path,
    node,
    fronts: [new AisFront(), clm, soleCkpt(), soleAmf(), soleCpg()],
    log: () => undefined,
  })
  const honest = await Connection.open({ socket: path })
  const stop = { wanted: false }
  const serving = keepServing(honest, clm, figures, stop)
  await attack(path, seedsOf(seed, 20), figures)
  const before = memory()
  const random = seededRandom(seed)
  while (figures.cases < cases) {
    const seeds = seedsOf(random.below(2 ** 32), ATTACKERS)
    await attack(path, seeds, figures)
    onProgress(figures.cases)
  }
  stop.wanted = true
  await serving
  await nextTurn()
  if (server.clients !== 1)
    note(figures, 'hanging', `${server.clients - 1} connections are left in the server`)
  figures.grownOctets = Math.max(0, memory() - before)
  if (figures.grownOctets > IPC_GROWTH_OCTETS_MAX) note(figures, 'grown', `${figures.grownOctets} octets`)
  honest.close()
  await server.close()
  rmSync(directory, { recursive: true, force: true })
  process.off('uncaughtException', onException)
  process.off('unhandledRejection', onException)
  return figures
}

function attack(path, seeds, figures) {
  return Promise.all(seeds.map((seed) => attackOnce(path, seed, figures)))
}

function seedsOf(seed, count) {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random.below(2 ** 32))
}

/** One connection of the attacker, from its first octet to its end. */
async function attackOnce(path, seed, figures) {
  const random = seededRandom(seed)
  figures.connections++
  const socket = createConnection(path)
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  const reads = random.chance(0.9)
  const checker = reads ? new Checker(socket, figures) : null
  if (!reads) socket.pause()
  const parts = random.chance(0.85) ? [frameOf(honestHello)] : []
  if (checker !== null && parts.length > 0 && random.chance(0.3)) {
    if (random.chance(0.6)) await attackCheckpoint(random, socket, checker, figures)
    else await attackGroup(random, socket, checker, figures)
    parts.length = 0
  } else if (parts.length > 0 && random.chance(0.4)) {
    const frames = useComponent(random)
    figures.byClass.component += frames.length
    figures.cases += frames.length
    parts.push(...frames)
  }
  const drawn = Array.from({ length: random.below(REQUESTS_MAX) }, () => random.pick(openKinds))
  for (const kind of [...drawn, random.pick(Object.keys(kinds))]) {
    figures.byClass[kind]++
    figures.cases++
    parts.push(kinds[kind](random))
  }
  await write(random, socket, Buffer.concat(parts))
  if (random.chance(0.1)) socket.destroy()
  else socket.end()
  if (!reads) socket.resume()
  const timer = setTimeout(() => {
    note(figures, 'hanging', `a connection of seed ${seed} did not end`)
    socket.destroy()
  }, CLOSE_TIMEOUT_MS)
  await closed
  clearTimeout(timer)
  checker?.finish(seed)
}

/** It has a checkpoint open, if the executive lets it, and calls this and that with the handle. */
async function attackCheckpoint(random, socket, checker, figures) {
  socket.write(Buffer.concat([frameOf(honestHello), openCheckpoint(random, OPENING)]))
  const handle = await checker.handle
  if (handle === null) return
  const frames = useCheckpoint(random, handle)
  figures.byClass.checkpoint += frames.length
  figures.cases += frames.length
  await write(random, socket, Buffer.concat(frames))
}

/** It is a member of a group, if the executive lets it, and sends this and that to it. */
async function attackGroup(random, socket, checker, figures) {
  socket.write(Buffer.concat([frameOf(honestHello), joinGroup(random, OPENING)]))
  const member = await checker.handle
  if (member === null) return
  const frames = misuseGroup(random, member)
  figures.byClass.group += frames.length
  figures.cases += frames.length
  await write(random, socket, Buffer.concat(frames))
}

/** In one write, or in pieces that end anywhere. */
async function write(random, socket, octets) {
  if (random.chance(0.7)) {
    socket.write(octets)
    return
  }
  for (let at = 0; at < octets.length;) {
    const end = Math.min(octets.length, at + 1 + random.below(40))
    socket.write(octets.subarray(at, end))
    at = end
    if (random.chance(0.2)) await nextTurn()
  }
}

/** Whatever it was sent, the executive speaks the protocol. */
class Checker {
  #octets = Buffer.alloc(0)
  /** Handle or member that the request OPENING was answered with; null: it was refused. */
  handle

  constructor(socket, figures) {
    this.figures = figures
    this.handle = new Promise((resolve) => {
      socket.on('data', (chunk) => {
        this.#octets = this.#octets.length === 0 ? chunk : Buffer.concat([this.#octets, chunk])
        this.#lookForHandle(resolve)
      })
      socket.once('close', () => resolve(null))
    })
  }

  #lookForHandle(resolve) {
    for (const octets of this.#messages()) {
      const [kind, id, result] = unpackr.unpack(octets)
      if (id === OPENING) resolve(kind === 2 ? (result.handle ?? result.member) : null)
    }
  }

  *#messages() {
    for (let at = 0; at + 4 <= this.#octets.length;) {
      const length = this.#octets.readUInt32LE(at)
      if (at + 4 + length > this.#octets.length) return
      yield this.#octets.subarray(at + 4, at + 4 + length)
      at += 4 + length
    }
  }

  finish(seed) {
    for (const octets of this.#messages()) this.#check(octets, seed)
  }

  #check(octets, seed) {
    const { figures } = this
    try {
      const message = unpackr.unpack(octets)
      const elements = [2, -1, 3, 4, 3, 3][message[0]]
      if (elements !== message.length) throw new Error(JSON.stringify(message))
      if (message[0] === 5) figures.goodbyes++
      else figures.answers++
    } catch (error) {
      note(figures, 'malformed', `seed ${seed}: ${error.message}`)
    }
  }
}

/** All the while an honest application asks, and the cluster changes for those who track it. */
async function keepServing(honest, clm, figures, stop) {
  for (let round = 2; !stop.wanted; round++) {
    const startedMs = performance.now()
    try {
      const { nodeId } = await honest.call('clm.clusterNodeGet', { nodeId: 1 }, PING_TIMEOUT_MS)
      if (nodeId !== 1) throw new Error(`node ${nodeId} instead of 1`)
    } catch (error) {
      note(figures, 'unserved', error.message)
    }
    figures.honestPings++
    figures.slowestPingMs = Math.max(figures.slowestPingMs, performance.now() - startedMs)
    clm.onView(viewOf(round))
    await pause(HONEST_PAUSE_MS)
  }
}

/** Node 2 comes and goes, view by view. */
function viewOf(number) {
  const ringId = { representative: 1, sequence: number }
  const member = (nodeId, incarnation) => {
    const name = `node-${nodeId}`
    const more = { bootTimestamp: 2n ** 60n, initialViewNumber: 1 }
    return { nodeId, incarnation, address: `10.0.0.${nodeId}`, name, ...more }
  }
  const [one, two] = [member(1, 1), member(2, number - (number % 2))]
  const quorum = { quorate: true, expectedVotes: null, votes: 1, needed: null, waitingForAll: false }
  const isHere = number % 2 === 0
  const members = isHere ? [one, two] : [one]
  const left = isHere || number === 1 ? [] : [{ ...two, reason: 'failed' }]
  return { number, ringId, members, joined: isHere ? [two] : [], left, quorum }
}

function memory() {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function note(figures, kind, message) {
  figures[kind]++
  const known = figures.findings.find((finding) => finding.kind === kind)
  if (known) known.times++
  else figures.findings.push({ kind, message, times: 1 })
}
