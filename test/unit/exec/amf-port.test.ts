import { emptyGroups } from '../../../src/config/index.js'
import { amfPort, machineMs, type AmfPortOfNode } from '../../../src/exec/amf-port.js'
import type { Node } from '../../../src/exec/node.js'
import type { QuorumState } from '../../../src/group/index.js'
import type { AmfService } from '../../../src/services/index.js'

const off: QuorumState = { quorate: true, expectedVotes: null, votes: 1, needed: null, waitingForAll: false }

/** What the port calls, in order; a test waits for the next one. */
let called: string[]
let onCalled: () => void
let node: Node
let ofNode: AmfPortOfNode

function call(what: string): void {
  called.push(what)
  onCalled()
}

function next(count: number): Promise<void> {
  return new Promise((resolve) => {
    onCalled = () => {
      if (called.length >= count) resolve()
    }
    onCalled()
  })
}

/** Keep this process from doing anything else. */
function block(forMs: number): void {
  const endMs = performance.now() + forMs
  while (performance.now() < endMs);
}

beforeEach(() => {
  called = []
  onCalled = () => undefined
  node = {
    ring: { isExcluded: false },
    timers: { isBehind: () => false },
  } as unknown as Node
  const service = { onAlarm: () => call('alarm'), onLater: () => call('later') } as AmfService
  const identity = { nodeId: 1, incarnation: 7, nodeName: 'one', leaseMs: 500, config: emptyGroups }
  const surroundings = { ...identity, node, quorum: () => off, send: () => true, log: () => undefined }
  ofNode = amfPort(surroundings, () => service)
})

test('an alarm in time comes at once; only the last one set does', async () => {
  const { port } = ofNode
  port.setAlarm(1)
  port.setAlarm(30)
  port.setAlarm(2)
  await next(1)
  port.setAlarm(3)
  await next(2)
  expect(called).toEqual(['alarm', 'alarm'])
})

test('one that this process is late for comes after what waited, and the lateness is known', async () => {
  const { port } = ofNode
  expect(port.lateMs()).toBe(0)
  port.setAlarm(1)
  // As what is read from a socket: after the timers of this turn.
  setTimeout(() => setImmediate(() => call('read')), 1)
  block(80)
  await next(2)
  expect(called).toEqual(['read', 'alarm'])
  expect(port.lateMs()).toBeGreaterThan(50)
})

test('one that is set anew while it waits for its turn does not come twice', async () => {
  const { port } = ofNode
  port.setAlarm(1)
  setTimeout(() => port.setAlarm(1), 1)
  block(60)
  await next(1)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(called).toEqual(['alarm'])
})

test('a pause that the ring notices is lateness too', () => {
  node.onPause(321)
  expect(ofNode.port.lateMs()).toBe(321)
})

test('later() comes once, however often it was asked for', async () => {
  const { port } = ofNode
  port.later()
  port.later()
  await next(1)
  port.later()
  await next(2)
  expect(called).toEqual(['later', 'later'])
})

test('leases are renewed until this node leaves, or is left out', () => {
  const { port, stop } = ofNode
  expect(port.mayRenew()).toBe(true)
  Object.assign(node.ring, { isExcluded: true })
  expect(port.mayRenew()).toBe(false)
  Object.assign(node.ring, { isExcluded: false })
  stop()
  expect(port.mayRenew()).toBe(false)
})

test('its clock is that of the machine', () => {
  const { port } = ofNode
  const [before, atMs, after] = [Number(process.hrtime.bigint()) / 1e6, port.nowMs(), machineMs()]
  expect(atMs).toBeGreaterThanOrEqual(before - 0.001)
  expect(after).toBeGreaterThanOrEqual(atMs)
})
