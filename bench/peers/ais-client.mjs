// Our side of cpg-client.c, with the same arguments after the socket, the same checks and the same result:
// ais-client.mjs SOCKET throughput|latency GROUP NODES SENDS SIZE SECONDS. One process on each host.
import { performance } from 'node:perf_hooks'
import { Cpg } from '../../dist/api/index.js'

const [socket, mode, name, ...numbers] = process.argv.slice(2)
const [nodes, sends, size, seconds] = numbers.map(Number)

const DATA = 0
const END = 1
/** Of sender, kind and number, four octets each: the rest of a message is the pattern. */
const HEADER_OCTETS = 16
const WARM_UP_SAMPLES = 20

const pattern = Buffer.from(Array.from({ length: size }, (_, at) => (at * 31 + 7) & 0xff))
const message = Buffer.from(pattern)
const next = new Map()
const counts = { delivered: 0, octets: 0, own: 0, ends: 0, gaps: 0, damaged: 0 }
let order = 0x811c9dc5
let firstMs = 0
let lastMs = 0
let members = 0
/** Called after each delivery and each change of members. */
let onProgress = () => undefined

const cpg = await Cpg.initialize({ socket })
const ownId = cpg.localNodeId
const group = await cpg.join(name, { deliver: onDeliver, membership: onMembership })
await until(() => members >= nodes)
/** What starting took is no cost of messages. */
const cpuBefore = process.cpuUsage()
const times = sends === 1 && mode === 'latency' ? await measureTimes() : []
const sent = sends === 1 && mode === 'throughput' ? await flood() : 0
// Of latency one alone ends the run: the others have nothing to tell.
const expectedEnds = mode === 'latency' ? 1 : nodes
if (mode === 'throughput' || sends === 1) void multicast(END, 0, HEADER_OCTETS)
await until(() => counts.ends >= expectedEnds)
console.log(JSON.stringify(result()))
await cpg.finalize()

function onMembership(change) {
  members = change.members.length
  onProgress()
}

function onDeliver(payload, from) {
  const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (octets.readUInt32LE(4) === END) {
    counts.ends++
  } else {
    check(octets, from.nodeId)
    lastMs = performance.now()
    if (counts.delivered++ === 0) firstMs = lastMs
    counts.octets += octets.length
    if (from.nodeId === ownId) counts.own++
  }
  onProgress()
}

function check(octets, sender) {
  const number = octets.readUInt32LE(8)
  if (number !== (next.get(sender) ?? 0)) counts.gaps++
  next.set(sender, number + 1)
  const isPattern = pattern.compare(octets, HEADER_OCTETS, octets.length, HEADER_OCTETS) === 0
  if (!isPattern || octets.readUInt32LE(0) !== sender) counts.damaged++
  order = Math.imul(order ^ Math.imul(sender, 0x9e3779b1) ^ number, 0x01000193)
}

/** As many messages as flow control lets it. @returns how many, once they have all come back */
async function flood() {
  let count = 0
  const endMs = performance.now() + seconds * 1000
  while (performance.now() < endMs) {
    while (!group.isFull) void multicast(DATA, count++, size)
    await group.drain()
  }
  await until(() => counts.own === count)
  return count
}

/** One at a time, until its own delivery. @returns how long each took, in µs */
async function measureTimes() {
  const measured = []
  const endMs = performance.now() + seconds * 1000
  for (let number = 0; performance.now() < endMs; number++) {
    const sentMs = performance.now()
    void multicast(DATA, number, size)
    await until(() => counts.own > number)
    if (number >= WARM_UP_SAMPLES) measured.push((performance.now() - sentMs) * 1000)
  }
  return measured.sort((a, b) => a - b)
}

function multicast(kind, number, octets) {
  message.writeUInt32LE(ownId, 0)
  message.writeUInt32LE(kind, 4)
  message.writeUInt32LE(number, 8)
  return group.multicast(message.subarray(0, octets))
}

function until(check) {
  return new Promise((resolve) => {
    onProgress = () => {
      if (!check()) return
      onProgress = () => undefined
      resolve()
    }
    onProgress()
  })
}

function result() {
  const { delivered, octets, gaps, damaged } = counts
  const elapsed = (lastMs - firstMs) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const checked = { node: ownId, sent, delivered, gaps, damaged, order, cpuSeconds: (user + system) / 1e6 }
  const rates = { messagesPerSecond: delivered / elapsed, megabytesPerSecond: octets / elapsed / 1e6 }
  if (mode === 'throughput') return { ...checked, ...rates }
  if (times.length === 0) return checked
  const at = (share) => times[Math.floor(times.length * share)]
  return { ...checked, p50Us: at(0.5), p90Us: at(0.9), p99Us: at(0.99) }
}
