import { seededRandom, type Random } from '../../src/base/index.js'
import { Senders } from '../../src/doctor/network/other-cluster.js'
import { decodeProbe, encodeProbe, PROBE_OCTETS } from '../../src/doctor/network/probe-frame.js'
import { Responder, type Arrival } from '../../src/doctor/network/responder.js'
import { crc32 } from 'node:zlib'
import { writeU32 } from '../../src/base/octets.js'

// What anybody can send to a listening doctor: random octets, and probes that were changed, half of them with
// the right checksum put on again.

const CASES = 100_000

function frameOf(random: Random): Uint8Array {
  const frame = random.chance(0.2) ? new Uint8Array(random.below(200)) : request(random)
  if (random.chance(0.05) && frame.length > 8) frame[8] = 2
  const changes = random.below(6)
  for (let count = 0; count < changes && frame.length > 0; count++) {
    frame[random.below(Math.min(frame.length, PROBE_OCTETS))] = random.below(256)
  }
  if (random.chance(0.7) && frame.length >= 8) writeU32(frame, 4, crc32(frame.subarray(8)))
  return frame.subarray(0, random.chance(0.1) ? random.below(frame.length + 1) : frame.length)
}

function request(random: Random): Uint8Array {
  return encodeProbe(
    {
      kind: 'request',
      answerBy: random.pick([0, 1, 2]),
      clusterHash: random.below(2 ** 32),
      session: random.below(2 ** 32),
      number: random.below(2 ** 32),
      askedAtUs: random.below(2 ** 50),
      netmtu: random.below(65_536),
      answerPort: random.pick([0, 53, 5999, 6000, 65_535]),
      answerOctets: random.pick([0, 56, 500, 1472, 65_535]),
    },
    random.pick([56, 100, 1472]),
  )
}

test(`${CASES} frames: no error, and no answer longer than its question or to another port`, () => {
  const random = seededRandom(20261123)
  const options = { clusterHash: 1, netmtu: 1500, mcastPort: 6000, isPortHeld: false, serves: () => true }
  const responder = new Responder(options, 0)
  const senders = new Senders()
  let [answered, toGroup] = [0, 0]
  for (let count = 0; count < CASES; count++) {
    const frame = frameOf(random)
    const [port, byGroup] = [1024 + random.below(60_000), random.chance(0.3)]
    const address = `10.0.${random.below(4)}.${random.below(256)}`
    const arrival: Arrival = { frame, address, port, byGroup, nowMs: count, receivedAtUs: count }
    senders.add(frame, address)
    const reply = responder.take(arrival)
    if (typeof reply === 'string') continue
    answered++
    const answer = reply.seal(count)
    if (answer.length > frame.length) throw new Error(`${frame.length} octets got ${answer.length}`)
    if (![port, 5999, 6000].includes(reply.port)) throw new Error(`an answer to port ${reply.port}`)
    if (decodeProbe(answer)?.kind !== 'answer') throw new Error('an answer that is none')
    if (byGroup && reply.by === 2) throw new Error('many answers for one')
    if (reply.by === 2) toGroup++
  }
  // The generator makes what is answered, and what is not.
  expect(answered).toBeGreaterThan(CASES / 10)
  expect(toGroup).toBeGreaterThan(0)
  const { malformed, 'not a request': answers } = responder.ignored
  expect(Math.min(malformed, answers)).toBeGreaterThan(100)
  expect(senders.list().length).toBeLessThanOrEqual(256)
})
