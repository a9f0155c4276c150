import { AisError, type Checkpoint, type CheckpointDigests, type Ckpt } from '../../../src/api/index.js'
import { fillPattern } from '../../../src/programs/ckpt-stress-pattern.js'
import { WriteRecord } from '../../../src/programs/ckpt-stress-record.js'
import { ReplicaCheck, type SectionWriter } from '../../../src/programs/ckpt-verify.js'
import type { MemberWatch } from '../../../src/programs/member-watch.js'

const [A, B] = ['a'.repeat(32), 'b'.repeat(32)]

function answer(...digests: (string | null)[]): CheckpointDigests {
  const members = digests.map((digest, index) => ({
    nodeId: index + 1,
    nodeName: `node${index + 1}`,
    checkpoints: [{ name: 'c', digest, numberOfSections: 2, memoryUsed: 9 }],
  }))
  return { viewNumber: 1, members }
}

function check(answers: (CheckpointDigests | AisError)[], members: number, timeoutMs = 300): ReplicaCheck {
  const ckpt = {
    digests: async () => {
      const next = answers.length > 1 ? answers.shift()! : answers[0]!
      if (next instanceof AisError) throw next
      return next
    },
  }
  const names = Array.from({ length: members }, (_, index) => [index + 1, `node${index + 1}`] as const)
  const watch = { present: new Map(names) }
  return new ReplicaCheck(ckpt as unknown as Ckpt, watch as unknown as MemberWatch, timeoutMs)
}

test('equal digests of all members differ in nothing', async () => {
  const equal = check([answer(A, A, A)], 3)
  expect([await equal.digests(['c']), equal.membersCompared]).toEqual([[], 3])
})

test('digests that differ are told by name', async () => {
  expect(await check([answer(A, A, B)], 3).digests(['c'])).toEqual([
    `c: node1 has ${A} of 2 sections, 9 octets; node2 has ${A} of 2 sections, 9 octets; ` +
      `node3 has ${B} of 2 sections, 9 octets`,
  ])
  expect(await check([answer(A, null)], 2).digests(['c'])).toEqual([
    `c: node1 has ${A} of 2 sections, 9 octets; node2 has none`,
  ])
  expect(await check([answer(null)], 1).digests(['c'])).toEqual(['c: node1 has none'])
})

test('members that gave no answer are asked again, then told by name', async () => {
  expect(await check([answer(A), answer(A, A)], 2, 10_000).digests(['c'])).toEqual([])
  expect(await check([answer(A)], 2, 1).digests(['c'])).toEqual(['node2 did not say what it holds'])
})

test('while the cluster is changing it is asked again', async () => {
  const refusals = [new AisError('ERR_TRY_AGAIN', 'later'), new AisError('ERR_TIMEOUT', 'no answer')]
  expect(await check([...refusals, answer(A, A)], 2, 10_000).digests(['c'])).toEqual([])
  await expect(check([new AisError('ERR_BAD_HANDLE', 'gone')], 2).digests(['c'])).rejects.toThrow('gone')
})

test('what a section holds is compared with what its writer knows', async () => {
  const writer = (index: number, held: number): SectionWriter => {
    const record = new WriteRecord(index)
    record.acknowledge(5)
    const payload = Buffer.alloc(64)
    fillPattern(payload, index, held)
    const checkpoint = { name: 'c', checkpointRead: async () => [payload] }
    return { checkpoint: checkpoint as unknown as Checkpoint, sectionId: Buffer.from(`s${index}`), record }
  }
  const replicas = check([answer(A)], 1)
  const many = Array.from({ length: 40 }, (_, index) => writer(index, 5))
  expect(await replicas.contents(many, 64)).toEqual([])
  expect(await replicas.contents([...many, writer(40, 4)], 64)).toEqual([
    'section s40 of c: it holds write 4; the last one acknowledged is 5',
  ])
})
