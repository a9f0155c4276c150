// CKPT behind the socket that is attacked: a service alone in its order, and what hostile applications ask of
// it.
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'
import { CkptService } from '../../../dist/services/index.js'

const ringId = { representative: 1, sequence: 1 }
const stretch = { ringId, transitional: false, chain: 1 }

/** A service whose messages come back in their order, in the next turn. */
export function soleCkpt() {
  let queue = []
  let position = 0
  const turn = () => {
    const messages = queue
    queue = []
    for (const payload of messages) service.apply(1, payload, ringId, ++position, stretch)
    service.onStable(ringId, position)
  }
  const service = new CkptService({
    nodeId: 1,
    incarnation: 1,
    send: (payload) => {
      if (queue.length === 0) setImmediate(turn)
      queue.push(payload)
      return true
    },
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    setAlarm: (delayMs) => void setTimeout(() => service.onAlarm(), Math.min(delayMs, 1e6)).unref(),
    later: () => void setImmediate(() => service.onLater()),
    isCurrent: () => true,
    createHash: () => {
      const hash = createHash('sha256')
      return { update: (octets) => void hash.update(octets), digest: () => hash.digest().subarray(0, 16) }
    },
    conflicts: { ids: () => [], save: () => undefined, load: () => undefined, remove: () => undefined },
    log: () => undefined,
  })
  const members = [{ nodeId: 1, incarnation: 1, name: 'node-1' }]
  service.onView({ number: 1, ringId, members })
  service.onGate('open')
  return service
}

const arrayMethods = ['ckpt.checkpointWrite', 'ckpt.checkpointRead', 'ckpt.sectionOverwrite']

/** Methods that a hostile application calls. */
export const ckptMethods = [
  ...arrayMethods,
  ...['checkpointOpen', 'checkpointOpen', 'checkpointOpen', 'checkpointClose', 'checkpointUnlink'].map(named),
  ...['retentionDurationSet', 'activeReplicaSet', 'statusGet', 'sectionCreate', 'sectionDelete'].map(named),
  ...['expirationTimeSet', 'synchronize', 'iterationInitialize', 'iterationNext'].map(named),
  ...['iterationFinalize', 'track', 'trackStop', 'list', 'show', 'digests', 'constructor'].map(named),
  ...['conflicts', 'conflictSections', 'conflictRead', 'conflictDismiss'].map(named),
]

function named(method) {
  return `ckpt.${method}`
}

/** What the service might take, with one thing or another wrong now and then. */
export function ckptParams(random, method, anyValue, handle = random.below(100)) {
  const oddly = (value) => (random.chance(0.06) ? anyValue(random) : value)
  if (arrayMethods.includes(method)) return vector(random, method, oddly, handle)
  return Object.fromEntries(Object.entries(fields(random, handle)).map(([key, value]) => [key, oddly(value)]))
}

function id(random) {
  return Buffer.from(random.pick(['', 'a', 'b', 'c', 'x'.repeat(random.below(20))]))
}

function vector(random, method, oddly, handle) {
  const params = [oddly(handle)]
  for (let left = 1 + random.below(3); left > 0; left--) {
    params.push(oddly(id(random)))
    if (method !== 'ckpt.sectionOverwrite') params.push(oddly(random.pick([0, 1, 90, 2 ** 31, 2 ** 53])))
    const isRead = method === 'ckpt.checkpointRead'
    params.push(oddly(isRead ? random.pick([null, 0, 10, 1000]) : Buffer.alloc(random.below(150))))
    if (method === 'ckpt.sectionOverwrite') break
  }
  return params
}

function fields(random, handle) {
  const maxSections = random.pick([1, 4, 8])
  const product = maxSections * 100
  return {
    name: random.pick(['a', 'b', 'c', 'd'.repeat(random.below(300))]),
    flags: random.pick([1, 2, 3, 5, 7, 7, 7]),
    handle,
    attributes: random.chance(0.2)
      ? null
      : {
          creationFlags: random.pick([1, 2, 4, 9, 10, 3]),
          checkpointSize: random.pick([0, product, product + 1]),
          retentionDurationMs: random.pick([0, 0, 1]),
          maxSections,
          maxSectionSize: 100,
          maxSectionIdSize: 8,
        },
    retentionDurationMs: random.pick([0, 1, 10]),
    sectionId: random.chance(0.2) ? null : id(random),
    expirationTime: random.pick([2n ** 63n - 1n, 1n, BigInt(Date.now() + 5) * 1_000_000n]),
    data: Buffer.alloc(random.below(120)),
    choice: random.below(7),
    iteration: random.below(2000),
    count: random.pick([1, 10, 512, 513]),
    subscription: random.below(50),
    after: random.pick([null, 'a']),
    names: [random.pick(['a', 'b']), 'c'],
    id: 'x',
    offset: 0,
    length: 10,
  }
}
