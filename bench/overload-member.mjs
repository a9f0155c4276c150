// One application of `npm run bench:overload`: overload-member.mjs SOCKET GROUP. It sends messages of all
// sizes as fast as it may, from 'send' on until 'stop', and checks all that comes.
import { setImmediate } from 'node:timers'
import { Cpg } from '../dist/api/index.js'

const [socket, name] = process.argv.slice(2)
const sizes = [64, 64, 64, 1000, 1000, 10_000, 64_000, 250_000]
/** Of sender, number and size: the rest of a message is the pattern. */
const HEADER_OCTETS = 12
const pattern = Buffer.from(Array.from({ length: Math.max(...sizes) }, (_, at) => (at * 31 + 7) & 0xff))
const message = Buffer.from(pattern)

const delivered = new Map()
let octets = 0
let order = 0x811c9dc5
let gaps = 0
let damaged = 0
let configurations = 0
let members = 0
let isSending = false
let sent = 0

const cpg = await Cpg.initialize({ socket })
const group = await cpg.join(name, {
  deliver: onDeliver,
  membership: (change) => (members = change.members.length),
  configuration: () => configurations++,
  lost: (error) => process.send({ problem: `lost its executive: ${error.message}` }),
})

process.on('message', async (command) => {
  if (command === 'report') process.send(report())
  else if (command === 'send') void send()
  else if (command === 'stop') isSending = false
})
process.on('disconnect', () => process.exit(0))
process.send(report())

function onDeliver(payload, { nodeId }) {
  const view = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  const number = view.readUInt32LE(4)
  if (number !== (delivered.get(nodeId) ?? 0)) gaps++
  delivered.set(nodeId, number + 1)
  const isWhole = view.readUInt32LE(0) === nodeId && view.readUInt32LE(8) === view.length
  if (!isWhole || pattern.compare(view, HEADER_OCTETS, view.length, HEADER_OCTETS, view.length) !== 0)
    damaged++
  order = Math.imul(order ^ Math.imul(nodeId, 0x9e3779b1) ^ number, 0x01000193)
  octets += view.length
}

async function send() {
  isSending = true
  while (isSending) {
    for (let i = 0; i < 1024 && !group.isFull; i++) {
      const size = sizes[Math.floor(Math.random() * sizes.length)]
      message.writeUInt32LE(cpg.localNodeId, 0)
      message.writeUInt32LE(sent++, 4)
      message.writeUInt32LE(size, 8)
      void group.multicast(message.subarray(0, size))
    }
    await group.drain()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function report() {
  const rssMiB = Math.round(process.memoryUsage.rss() / 2 ** 20)
  const counts = { sent, octets, gaps, damaged, configurations, members, order, rssMiB }
  return { pid: cpg.executivePid, nodeId: cpg.localNodeId, delivered: [...delivered], ...counts }
}
