// One process of `npm run bench:ring`: a ring on the UDP transport, told by its parent what to do.
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'
import { Node } from '../dist/exec/index.js'
import { totemDefaults } from '../dist/totem/index.js'

const options = JSON.parse(process.argv[2])
const incarnation = Date.now()

let sending
let ping
let delivered = { messages: 0, octets: 0 }

const node = new Node(
  {
    totem: {
      ...totemDefaults,
      ...options.totem,
      nodeId: options.nodeId,
      nodeName: `bench-${options.nodeId}`,
      address: options.address,
      clusterName: 'bench',
      incarnation,
    },
    udp: { address: options.address, group: '239.192.77.2', port: options.port, ttl: 1 },
    reservedUpTo: incarnation + 1_000_000,
    reserve: (sequence, onReserved) => setImmediate(onReserved, sequence),
    log: (level, subsystem, message) => {
      if (level === 'error' || level === 'warning') process.stderr.write(`${options.address}: ${message}\n`)
    },
  },
  { onConfiguration, onDeliver, onStable: () => undefined, onDrain: pump },
)
node.start()

process.on('message', ({ command, size, guarantee, samples }) => {
  if (command === 'send') startSending(size, guarantee)
  else if (command === 'stop') sending = undefined
  else if (command === 'reset') reset()
  else if (command === 'count')
    process.send({ delivered, cpu: process.cpuUsage(), counters: node.ring.counters })
  else if (command === 'ping') startPinging(size, guarantee, samples)
  else if (command === 'end') end()
})
process.on('disconnect', () => process.exit(1))

function onConfiguration({ kind, members }) {
  if (kind === 'regular') process.send({ members: members.length })
}

function onDeliver(from, payload) {
  delivered.messages++
  delivered.octets += payload.length
  if (ping !== undefined && from === options.nodeId) onPong()
}

function startSending(size, guarantee) {
  sending = { payload: new Uint8Array(size), guarantee }
  pump()
}

/** Hand over until the ring refuses; its drain brings us back. */
function pump() {
  while (sending !== undefined && node.ring.multicast(sending.payload, sending.guarantee));
}

function reset() {
  delivered = { messages: 0, octets: 0 }
  process.send({ isReset: true })
}

function startPinging(size, guarantee, samples) {
  ping = { payload: new Uint8Array(size), guarantee, samples, times: [], sentMs: 0 }
  sendPing()
}

function sendPing() {
  ping.sentMs = performance.now()
  node.ring.multicast(ping.payload, ping.guarantee)
}

/** The next message goes out in a turn of its own, as an application's would. */
function onPong() {
  ping.times.push(performance.now() - ping.sentMs)
  if (ping.times.length < ping.samples) {
    setImmediate(sendPing)
    return
  }
  process.send({ times: ping.times })
  ping = undefined
}

async function end() {
  await node.leave(2000)
  await node.close()
  process.disconnect()
}
