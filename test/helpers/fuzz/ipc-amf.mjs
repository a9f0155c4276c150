// AMF behind the socket that is attacked: a service alone in its order, and what hostile applications ask of
// it.
import { createHash } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'
import { AmfService } from '../../../dist/services/index.js'
import { checkGroupsText } from '../../../dist/config/groups/check-groups.js'

const ringId = { representative: 1, sequence: 1 }

const groups = `
group {
  name=raid
  model=2n
  active-units=1
  backup-units=1
${['x', 'y', 'z']
  .map(
    (unit) => `
  unit {
    name=unit_${unit}
    component {
      name=a_${unit}
      restart-timeout=50
    }
    component {
      name=b_${unit}
    }
  }`,
  )
  .join('')}
  protection {
    name=pgA
${['x', 'y', 'z'].map((unit) => `    member=a_${unit}\n`).join('')}
  }
}
`

/** A service whose messages come back in their order, in the next turn. */
export function soleAmf() {
  let queue = []
  const turn = () => {
    const messages = queue
    queue = []
    for (const payload of messages) service.apply(1, payload)
  }
  const service = new AmfService({
    nodeId: 1,
    incarnation: 1,
    nodeName: 'one',
    leaseMs: 500,
    config: checkGroupsText(groups).config,
    createHash: () => {
      const hash = createHash('sha256')
      return { update: (octets) => void hash.update(octets), digest: () => hash.digest().subarray(0, 16) }
    },
    send: (payload) => {
      if (queue.length === 0) setImmediate(turn)
      queue.push(payload)
      return true
    },
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    setAlarm: (delayMs) => void setTimeout(() => service.onAlarm(), Math.min(delayMs, 1e6)).unref(),
    later: () => void setImmediate(() => service.onLater()),
    mayRenew: () => true,
    lateMs: () => 0,
    processStart: (pid) => (pid === process.pid ? 1 : null),
    log: () => undefined,
  })
  const members = [{ nodeId: 1, incarnation: 1, name: 'one' }]
  const quorum = { quorate: true, votes: 1, expectedVotes: null, needed: null, waitingForAll: false }
  service.onView({ number: 1, ringId, members, joined: members, left: [], quorum, apartMs: Infinity })
  service.onGate('open')
  return service
}

const ofComponents = [
  ...['componentUnregister', 'response', 'response', 'response', 'response', 'lapsed', 'demoted'],
  ...[
    'csiQuiescingComplete',
    'healthcheckStart',
    'healthcheckConfirm',
    'healthcheckStop',
    'pmStart',
    'pmStop',
  ],
]

/** Methods that a hostile application calls. */
export const amfMethods = [
  'componentRegister',
  'componentRegister',
  ...ofComponents,
  ...['haStateGet', 'readinessStateGet', 'componentErrorReport', 'componentErrorClear', 'adminOperation'],
  ...[
    'explain',
    'status',
    'watch',
    'watchStop',
    'protectionGroupTrack',
    'protectionGroupTrackStop',
    'valueOf',
  ],
].map((method) => `amf.${method}`)

/** What the service might take, with one thing or another wrong now and then. */
export function amfParams(random, anyValue, component = anyComponent(random)) {
  const params = {
    component,
    proxy: random.pick([null, null, null, 'b_x', 'nobody']),
    subscription: random.below(50),
    invocation: random.chance(0.1) ? random.pick(['amf', 'component']) : 1 + random.below(12),
    seen: random.below(12),
    error: random.pick(['OK', 'OK', 'OK', 'ERR_FAILED_OPERATION', 'ERR_NOTHING']),
    csi: random.pick(['pgA', 'pgA', 'pgB', '']),
    key: random.pick(['default', 'k', '']),
    periodMs: random.pick([null, 1, 20, 1e6]),
    maxDurationMs: random.pick([null, 1, 20, 1e6]),
    recovery: random.pick([
      'no-recommendation',
      'component-restart',
      'component-failover',
      'node-failover',
      'x',
    ]),
    text: random.pick(['', 'broken', 'x'.repeat(random.below(600))]),
    pid: random.pick([1, process.pid, 0, 2 ** 31]),
    flags: random.pick([1, 2, 3, 4, 5, 6]),
    operation: random.pick([
      'lock',
      'unlock',
      'lock-in',
      'unlock-in',
      'shutdown',
      'restart',
      'repaired',
      'si-swap',
    ]),
    name: random.pick(['raid', 'unit_x', 'unit_y', 'a_x', 'one', 'pgA', 'nobody']),
    kind: random.pick([null, 'unit', 'component', 'group', 'node', 'service-instance', 'csi', 'x']),
  }
  const oddly = (value) => (random.chance(0.05) ? anyValue(random) : value)
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, oddly(value)]))
}

function anyComponent(random) {
  return random.pick(['a_x', 'b_x', 'a_y', 'b_y', 'a_z', 'b_z', 'nobody', ''])
}

/** A component that is registered, if nobody else has it, and then does this and that. */
export function misbehave(random, anyValue) {
  const component = anyComponent(random)
  const register = ['amf.componentRegister', { component, proxy: null, subscription: 1 }]
  const calls = Array.from({ length: 3 + random.below(12) }, () => {
    const method = `amf.${random.pick(ofComponents)}`
    return [method, amfParams(random, anyValue, component)]
  })
  return [register, ...calls].map(([method, params], index) => [1, index, method, params])
}
