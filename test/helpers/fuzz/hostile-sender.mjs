// A host that does not belong to the cluster: listens to its multicast and sends to both of its ports.
// node hostile-sender.mjs GROUP PORT OWN-ADDRESS SEED ADDRESS…
// Commands come on stdin: "harmless N", "forged N".
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../dist/base/index.js'
import { decodePresence } from '../../../dist/totem/wire/control.js'
import { FrameKind, HEADER_OCTETS, sealFrame } from '../../../dist/totem/wire/header.js'
import { readU32, readU64 } from '../../../dist/base/octets.js'
import { encodeToken } from '../../../dist/totem/wire/token.js'
import { forge } from './forge.mjs'
import { harmless } from './harmless.mjs'
import { checksum } from './world.mjs'

const BATCH_FRAMES = 40
const BATCH_INTERVAL_MS = 4
const CAPTURED_FRAMES = 64
const HARMLESS = ['garbage', 'corrupted', 'foreign']

/** What `forge` needs to know of the cluster, learnt from its multicast. */
const seen = { captured: new Map(), lastCounters: new Map(), nodes: [] }

const [group, portText, ownAddress, seed, ...addresses] = process.argv.slice(2)
const port = Number(portText)
const random = seededRandom(Number(seed))
const listener = await open({ address: group, port }, capture)
listener.addMembership(group, ownAddress)
const sender = await open({ address: ownAddress, port: 0 })
sender.setMulticastInterface(ownAddress)
process.stdout.write('listening\n')

for await (const line of createInterface({ input: process.stdin })) {
  const [what, count] = line.split(' ')
  const make = what === 'harmless' ? makeHarmless : makeForged
  let sent = 0
  while (sent < Number(count)) {
    for (let i = 0; i < BATCH_FRAMES; i++) sent += send(make()) ? 1 : 0
    await sleep(BATCH_INTERVAL_MS)
  }
  process.stdout.write(`sent ${sent}\n`)
}
listener.close()
sender.close()

async function open(address, onMessage) {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  if (onMessage) socket.on('message', onMessage)
  socket.on('error', () => undefined)
  socket.bind({ ...address, exclusive: true })
  await once(socket, 'listening')
  return socket
}

function send(frame) {
  if (!frame || frame.length === 0) return false
  if (random.chance(0.4)) sender.send(frame, port, group)
  else sender.send(frame, port - 1, random.pick(addresses))
  return true
}

function makeHarmless() {
  return harmless[random.pick(HARMLESS)](random, seen)
}

function makeForged() {
  return forge(random, seen)?.frame
}

/** Our own frames come back too: learnt is only what has a kind of the quiet life before the attack. */
function capture(frame, from) {
  if (from.address === ownAddress || frame.length < HEADER_OCTETS) return
  const kind = frame[8]
  const frames = seen.captured.get(kind) ?? []
  frames.push(new Uint8Array(frame))
  if (frames.length > CAPTURED_FRAMES) frames.shift()
  seen.captured.set(kind, frames)
  const [nodeId, incarnation] = [readU32(frame, 16), readU64(frame, 20)]
  seen.lastCounters.set(nodeId, readU64(frame, 28))
  seen.nodes = seen.nodes.filter((node) => node.nodeId !== nodeId)
  seen.nodes.push({ nodeId, incarnation, regular: null })
  if (kind === FrameKind.presence) learnRing(frame)
}

/** Tokens are not to be seen on the group: one is made up. */
function learnRing(frame) {
  const presence = decodePresence(new Uint8Array(frame).subarray(HEADER_OCTETS + 4))
  if (!presence) return
  const { ringId } = presence
  for (const node of seen.nodes) node.regular = { ringId }
  const entry = { received: 0, delivered: 0, phase: 3 }
  const entries = addresses.map(() => entry)
  const frames = seen.nodes.map(({ nodeId, incarnation }) => {
    const fields = { count: 1000, sequence: 0, rotationFrames: 0, backlog: 0, requests: [] }
    const token = encodeToken({ ringId, ...fields, entries })
    const origin = { clusterHash: readU32(frame, 12), nodeId, incarnation }
    sealFrame(token, origin, FrameKind.token, 0, 1, checksum)
    return token
  })
  seen.captured.set(FrameKind.token, frames)
}
