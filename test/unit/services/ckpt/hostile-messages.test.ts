import fc from 'fast-check'
import { Machine } from '../../../../src/services/ckpt/machine.js'
import type { MachineListener } from '../../../../src/services/ckpt/machine-listener.js'
import { areSoundAttributes, seededRandom } from '../../../../src/base/index.js'
import { octets, open, OrderedWorld, TestClient } from './ordered-world.js'

const listener: MachineListener = {
  nowMs: () => 0,
  isMember: () => false,
  onChange: () => undefined,
  onDue: () => undefined,
}
const stretch = { ringId: { representative: 1, sequence: 5 }, transitional: false, chain: 7 }
const NEVER = 2n ** 63n - 1n

/** Messages that members really sent, of every kind that an application can bring about. */
function honestMessages(): Uint8Array[] {
  const world = new OrderedWorld(2)
  const client = new TestClient(1)
  const handle = open(world, 1, client, 'a')
  const active = open(world, 1, client, 'b', { creationFlags: 10, maxSections: 10 })
  const call = (method: string, params: unknown): void => void world.call(1, client, method, params)
  const create = { handle, sectionId: octets('s'), expirationTime: NEVER, data: octets('data') }
  call('sectionCreate', create)
  call('sectionCreate', { ...create, sectionId: null, expirationTime: 5n })
  call('checkpointWrite', [handle, octets('s'), 0, octets('abc'), octets('s'), 50, octets('z')])
  call('sectionOverwrite', [handle, octets('s'), octets('all of it')])
  call('expirationTimeSet', { handle, sectionId: octets('s'), expirationTime: 10n })
  call('activeReplicaSet', { handle: active })
  call('synchronize', { handle: active })
  call('retentionDurationSet', { handle, retentionDurationMs: 100 })
  call('digests', { names: ['a', 'b'] })
  call('sectionDelete', { handle, sectionId: octets('s') })
  for (const node of world.nodes) node.pass(1000)
  world.settle()
  world.view([2])
  for (const node of world.nodes) node.pass(1000)
  world.settle()
  world.view([1, 2])
  call('checkpointUnlink', { name: 'b' })
  call('checkpointClose', { handle })
  for (const node of world.nodes) node.pass(1000)
  world.settle()
  return world.sent
}

const honest = honestMessages()

test('messages of all these kinds were sent', () => {
  const kinds = new Set(honest.map((message) => message[2]))
  expect([...kinds].sort((a, b) => a! - b!)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
})

/** Flip, cut, lengthen, or put numbers where they hurt. */
function forge(seed: number, message: Uint8Array): Uint8Array {
  const random = seededRandom(seed)
  const forged = new Uint8Array(Math.max(0, message.length + random.pick([0, 0, 0, -1, -5, 7])))
  forged.set(message.subarray(0, forged.length))
  for (let left = random.below(4); left > 0; left--) {
    const at = random.below(Math.max(1, forged.length))
    forged[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
  }
  return forged
}

test('whatever a forger has delivered, the machine goes on, with a state within its limits', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (seeds) => {
      const machine = new Machine(listener)
      for (const [position, message] of honest.entries()) {
        for (let times = 0; times < 3; times++) {
          machine.apply(forge(seeds.next().value, message), 1, stretch, position)
        }
        machine.apply(message, 1, stretch, position)
      }
      for (const {
        attributes,
        sections,
        memoryUsed,
        retentionDurationMs,
      } of machine.state.checkpoints.values()) {
        expect(areSoundAttributes({ ...attributes, retentionDurationMs })).toBe(true)
        const sizes = [...sections.values()].map(({ size }) => size)
        expect(memoryUsed).toBe(sizes.reduce((sum, size) => sum + size, 0))
        expect(memoryUsed).toBeLessThanOrEqual(attributes.checkpointSize)
        expect(sizes.every((size) => size <= attributes.maxSectionSize)).toBe(true)
        expect(sections.size).toBeLessThanOrEqual(attributes.maxSections)
        for (const { lastUpdateMs } of sections.values()) {
          expect(BigInt(lastUpdateMs) * 1_000_000n).toBeLessThanOrEqual(NEVER)
        }
      }
    }),
    { numRuns: 500 },
  )
})
