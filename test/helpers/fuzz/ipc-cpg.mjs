// CPG behind the socket that is attacked: a service alone in its order, and what hostile applications ask of
// it.
import { setImmediate } from 'node:timers'
import { CpgService } from '../../../dist/services/index.js'
import { limits } from '../../../dist/base/limits.js'

/** A service whose messages come back in their order, in the next turn. */
export function soleCpg() {
  let queue = []
  const turn = () => {
    const messages = queue
    queue = []
    for (const payload of messages) service.onMessage(1, payload)
  }
  const service = new CpgService({
    nodeId: 1,
    send: (payload) => {
      if (queue.length === 0) setImmediate(turn)
      queue.push(payload)
      return true
    },
    after: (delayMs, run) => {
      const timeout = setTimeout(run, delayMs)
      return () => clearTimeout(timeout)
    },
    log: () => undefined,
  })
  const members = [{ nodeId: 1, incarnation: 1, name: 'one' }]
  service.onView({ number: 1, ringId: { representative: 1, sequence: 1 }, members }, new Set([1]))
  return service
}

/** Methods that a hostile application calls. */
export const cpgMethods = ['join', 'leave', 'multicast', 'multicast', 'multicast', 'valueOf'].map(
  (method) => `cpg.${method}`,
)

/** What the service might take, with one thing or another wrong now and then. */
export function cpgParams(random, anyValue, member = random.below(50)) {
  const params = {
    group: random.pick(['g', 'h', 'x'.repeat(random.below(140)), '\u0000', 'é', '']),
    pid: random.pick([1, process.pid, 0, 2 ** 31, -1]),
    subscription: random.below(50),
    member: random.chance(0.1) ? random.below(100) : member,
    safe: random.chance(0.3),
    messages: anyMessages(random),
  }
  const oddly = (value) => (random.chance(0.05) ? anyValue(random) : value)
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, oddly(value)]))
}

/** Messages, each behind its length, most of them sound. */
function anyMessages(random) {
  const messages = Array.from({ length: random.below(5) }, () => {
    const octets = Buffer.alloc(4 + random.below(random.chance(0.98) ? 100 : 80_000), random.below(256))
    octets.writeUInt32LE(octets.length - 4)
    return octets
  })
  const octets = Buffer.concat([Buffer.alloc(limits.cpgRoomOctets, random.below(256)), ...messages])
  if (random.chance(0.7)) return octets
  const at = random.below(octets.length)
  if (random.chance(0.5)) return octets.subarray(0, at)
  octets[at] = random.pick([0, 1, 0x7f, 0x80, 0xff])
  return octets
}

/** A request that joins a group, likely with success. */
export function joining(random, id) {
  return [1, id, 'cpg.join', { group: random.pick(['g', 'h']), pid: 1 + random.below(9), subscription: 1 }]
}

/** What a member does with its group, for good or ill. */
export function useGroup(random, member, anyValue) {
  return Array.from({ length: 3 + random.below(12) }, (_, index) => {
    return [1, index, random.pick(cpgMethods), cpgParams(random, anyValue, member)]
  })
}
