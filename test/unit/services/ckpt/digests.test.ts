import fc from 'fast-check'
import { DigestTask } from '../../../../src/services/ckpt/digests.js'
import type { Checkpoint } from '../../../../src/services/ckpt/checkpoint.js'
import { checkpointOf, md5, octets, sectionOf, stampAt } from './states.js'

function digestOf(checkpoint: Checkpoint): string {
  const task = new DigestTask(checkpoint, md5)
  expect(task.step(Infinity, () => 0)).toBe(true)
  return task.digest!
}

const stamp = stampAt(1, 1)

describe('the digest of a checkpoint', () => {
  test('is the same for the same sections in any order, by any way', () => {
    const entries = fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 20 }), { maxKeys: 8 })
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (sections, order) => {
        const one = checkpointOf(1, 'one', stamp, sections)
        const ids = Object.keys(sections)
          .map((id) => [id, order.next().value as number] as const)
          .sort((a, b) => a[1] - b[1])
        const other = checkpointOf(2, 'other', stampAt(2, 2))
        for (const [id] of ids) other.add(sectionOf(id, octets('before')))
        digestOf(other)
        for (const [id] of ids) other.overwrite(other.sections.get(id)!, octets(sections[id]!))
        expect(digestOf(other)).toBe(digestOf(one))
        expect(digestOf(one)).toMatch(/^[0-9a-f]{32}$/)
      }),
    )
  })

  test('differs in ids, data and expiration times', () => {
    const base = (): Checkpoint => checkpointOf(1, 'one', stamp, { a: 'alpha', b: 'beta' })
    const digest = digestOf(base())
    const changes: ((checkpoint: Checkpoint) => void)[] = [
      (checkpoint) => checkpoint.write(checkpoint.sections.get('a')!, 0, octets('A')),
      (checkpoint) => checkpoint.remove(checkpoint.sections.get('a')!),
      (checkpoint) => checkpoint.add(sectionOf('c', octets(''))),
      (checkpoint) => {
        checkpoint.remove(checkpoint.sections.get('b')!)
        checkpoint.add(sectionOf('b', octets('beta'), 17n))
      },
      (checkpoint) => {
        checkpoint.overwrite(checkpoint.sections.get('a')!, octets('beta'))
        checkpoint.overwrite(checkpoint.sections.get('b')!, octets('alpha'))
      },
    ]
    const digests = changes.map((change) => {
      const checkpoint = base()
      digestOf(checkpoint)
      change(checkpoint)
      return digestOf(checkpoint)
    })
    expect(new Set([digest, ...digests]).size).toBe(6)
  })

  test('is of the moment when the task began, while it goes on in slices', () => {
    const large = new Uint8Array(3 * 1024 * 1024).map((_, at) => at)
    const checkpoint = checkpointOf(1, 'one', stamp, { a: 'alpha' })
    checkpoint.add(sectionOf('large', large))
    checkpoint.add(sectionOf('last', octets('omega')))
    const before = digestOf(checkpoint)
    for (const { id } of [...checkpoint.sections.values()]) checkpoint.sections.get(id)!.digest = null

    const task = new DigestTask(checkpoint, md5)
    let clock = 0
    let slices = 1
    while (!task.step(2, () => clock++)) {
      slices++
      if (slices === 2) checkpoint.write(checkpoint.sections.get('last')!, 0, octets('OMEGA'))
      if (slices === 3) checkpoint.remove(checkpoint.sections.get('large')!)
    }
    // 256 KiB between looks at the clock, two looks a slice.
    expect(slices).toBeGreaterThanOrEqual(5)
    expect(task.digest).toBe(before)
    expect(task).toMatchObject({ numberOfSections: 3, memoryUsed: large.length + 10 })
    const fresh = checkpointOf(2, 'two', stamp, { a: 'alpha', last: 'OMEGA' })
    expect(digestOf(checkpoint)).toBe(digestOf(fresh))
  })

  test('looks at sections anew only when they were changed', () => {
    const checkpoint = checkpointOf(1, 'one', stamp, { a: 'alpha', b: 'beta' })
    let hashed = 0
    const counting = (): ReturnType<typeof md5> => {
      hashed++
      return md5()
    }
    new DigestTask(checkpoint, counting).step(Infinity, () => 0)
    expect(hashed).toBe(2)
    checkpoint.write(checkpoint.sections.get('b')!, 0, octets('B'))
    new DigestTask(checkpoint, counting).step(Infinity, () => 0)
    expect(hashed).toBe(3)
  })

  test('costs nothing more once it is given up', () => {
    const checkpoint = checkpointOf(1, 'one', stamp, { a: 'alpha' })
    const task = new DigestTask(checkpoint, md5)
    checkpoint.beforeChange()
    task.release()
    const a = checkpoint.sections.get('a')!
    checkpoint.write(a, 0, octets('A'))
    expect(checkpoint.sections.get('a')).toBe(a)
  })
})
