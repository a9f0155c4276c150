import fc from 'fast-check'
import { TIME_END } from '../../../../src/base/index.js'
import { CkptState, type Conflict } from '../../../../src/services/ckpt/ckpt-state.js'
import { freezeState, segmentsOfOne } from '../../../../src/services/ckpt/snapshot-reader.js'
import { SnapshotOfOthers } from '../../../../src/services/ckpt/snapshot-writer.js'
import {
  checkpointOf,
  contentsText,
  lineageOf,
  octets,
  readAll,
  sectionOf,
  stampAt,
  stateText,
  writerOf,
} from './states.js'

function conflictOf(id: string, isHere: boolean): Conflict {
  return {
    id,
    name: 'lost',
    ringSequence: 12,
    nodes: [3],
    keptNodes: [1, 2],
    keptKey: 5,
    memoryUsed: 4,
    numberOfSections: 1,
    digest: 'ab'.repeat(16),
    keptDigest: null,
    checkpoint: isHere ? checkpointOf(5, 'lost', stampAt(11, 4), { x: 'gone' }) : null,
    stored: isHere ? 'memory' : 'disk',
  }
}

/** Some of everything there can be. */
function fullState(): CkptState {
  const state = new CkptState()
  const one = checkpointOf(2 ** 52 - 1, 'größe', stampAt(10, 3), {
    a: 'alpha',
    b: '',
    '\u00ff\u0000': 'octets',
  })
  one.add(sectionOf('end', octets('soon'), 123_456_789_012_345_678n))
  one.add(sectionOf('large', new Uint8Array(100_000).fill(7)))
  one.sections.get('end')!.dueMs = 1500.5
  one.sections.get('a')!.lastUpdateMs = 1_795_000_000_123
  one.openers = [
    { nodeId: 1, incarnation: 2 ** 41, handles: new Set([1, 2 ** 32 - 1]) },
    { nodeId: 2, incarnation: 7, handles: new Set(Array.from({ length: 9000 }, (_, handle) => handle)) },
  ]
  one.activeReplica = { nodeId: 2, incarnation: 7 }
  one.generated = 99
  one.retentionNumber = 5
  state.add(one)
  const two = checkpointOf(7, 'two', stampAt(10, 4))
  two.retentionDurationMs = 60_000
  two.retentionDueMs = 31_000
  state.add(two)
  const unlinked = checkpointOf(8, 'two', stampAt(10, 5), { x: 'y' })
  unlinked.openers = [{ nodeId: 1, incarnation: 3, handles: new Set([4]) }]
  state.add(unlinked)
  state.unlink(unlinked, stampAt(10, 6))
  state.byName.set('two', two)
  for (const conflict of [conflictOf('here', true), conflictOf('there', false)]) {
    state.conflicts.set(conflict.id, conflict)
  }
  return state
}

describe('a snapshot of checkpoints', () => {
  test('comes out as it went in, however it is cut', () => {
    const expected = stateText(fullState()) as { conflicts: unknown[] }
    const cuts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70_000 }), cuts, (chunkOctets, lengths) => {
        const whole = Buffer.concat(readAll(freezeState(fullState(), [null], 1000), chunkOctets))
        const writer = new SnapshotOfOthers(() => 0)
        let at = 0
        for (let index = 0; at < whole.length; index++) {
          const end = at + lengths[index % lengths.length]!
          writer.write(whole.subarray(at, end))
          at = end
        }
        expect(writer.problem).toBeNull()
        expect(stateText(writer.finish())).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  test('of nothing is a snapshot too', () => {
    const writer = writerOf(readAll(freezeState(new CkptState(), [null], 0)))
    expect(stateText(writer.finish())).toEqual(stateText(new CkptState()))
  })

  test('tells times by what is left of them, expiration times as they are', () => {
    const writer = writerOf(readAll(freezeState(fullState(), [null], 1000)), 50_000)
    const state = writer.finish()
    const one = state.byName.get('größe')!
    expect(one.sections.get('end')).toMatchObject({ dueMs: 50_501, expirationTime: 123_456_789_012_345_678n })
    expect(one.sections.get('a')).toMatchObject({ dueMs: Infinity, expirationTime: TIME_END })
    expect(one.sections.get('a')!.lastUpdateMs).toBe(1_795_000_000_123)
    expect(one.retentionDueMs).toBe(Infinity)
    expect(state.checkpoints.get(7)).toMatchObject({ retentionDueMs: 80_000, retentionDurationMs: 60_000 })
  })

  test('counts what is left from when it begins to come, not from when it was waited for', () => {
    let nowMs = 50_000
    const writer = new SnapshotOfOthers(() => nowMs)
    for (const [index, chunk] of readAll(freezeState(fullState(), [null], 1000)).entries()) {
      nowMs = 50_063 + index
      writer.write(chunk)
    }
    const state = writer.finish()
    expect(state.byName.get('größe')!.sections.get('end')).toMatchObject({ dueMs: 50_564 })
    expect(state.checkpoints.get(7)).toMatchObject({ retentionDueMs: 80_063 })
  })

  test('says of conflicts that are not in memory only that there are such', () => {
    const { conflicts } = writerOf(readAll(freezeState(fullState(), [null], 0))).finish()
    expect(conflicts.get('here')).toMatchObject({
      stored: 'memory',
      digest: 'ab'.repeat(16),
      keptDigest: null,
    })
    expect(contentsText(conflicts.get('here')!.checkpoint!)).toEqual({ x: 'gone' })
    expect(conflicts.get('there')).toMatchObject({
      stored: 'elsewhere',
      checkpoint: null,
      numberOfSections: 1,
    })
  })

  test('shows the state of the moment when it was taken', () => {
    const state = fullState()
    const before = stateText(fullState())
    const reader = freezeState(state, [null], 0)
    const first = new Uint8Array(50)
    reader.read(first, 0)
    const one = state.byName.get('größe')!
    one.write(one.sections.get('a')!, 0, octets('ALPHABET'))
    one.overwrite(one.sections.get('large')!, octets('small'))
    one.remove(one.sections.get('b')!)
    one.add(sectionOf('new', octets('new')))
    state.unlink(one, stampAt(10, 9))
    state.remove(state.checkpoints.get(7)!)
    state.conflicts.clear()
    const writer = writerOf([first, ...readAll(reader)])
    expect(stateText(writer.finish())).toEqual(before)
  })

  test('lets go of what was read', () => {
    const state = new CkptState()
    const checkpoint = checkpointOf(1, 'one', stampAt(1, 1), { a: 'x'.repeat(1000), b: 'y'.repeat(1000) })
    state.add(checkpoint)
    const frozen = checkpoint.freeze()
    checkpoint.freeze = () => frozen
    const reader = freezeState(state, [null], 0)
    const { sections } = frozen
    expect(sections.map((section) => section?.id)).toEqual(['a', 'b'])
    reader.read(new Uint8Array(1100), 0)
    expect(sections.map((section) => section?.id)).toEqual([undefined, 'b'])
    const b = checkpoint.sections.get('b')!
    readAll(reader)
    // Nobody reads it any more: the section itself is written to.
    expect(checkpoint.touch(b)).toBe(b)
  })

  test('that is given up midway leaves nothing behind', () => {
    const state = new CkptState()
    const checkpoint = checkpointOf(1, 'one', stampAt(1, 1), { a: 'x'.repeat(1000) })
    state.add(checkpoint)
    const reader = freezeState(state, [null], 0)
    reader.read(new Uint8Array(300), 0)
    const a = checkpoint.sections.get('a')!
    reader.release()
    expect(checkpoint.touch(a)).toBe(a)
    expect(reader.read(new Uint8Array(10), 0)).toBe(0)
  })

  test('of one checkpoint is what a file of a conflict holds', () => {
    const checkpoint = checkpointOf(9, 'one', stampAt(1, 1), { a: 'alpha', b: 'beta' })
    const writer = writerOf([...segmentsOfOne(checkpoint)])
    const found = writer.finishOne()
    if (typeof found === 'string') throw new Error(found)
    expect(contentsText(found)).toEqual({ a: 'alpha', b: 'beta' })
    expect(found).toMatchObject({ key: 9, name: 'one', memoryUsed: 9 })
  })
})

describe('what all readers have', () => {
  const stamp = stampAt(10, 5)
  const snapshot = (receivers: Parameters<typeof freezeState>[1], change?: (state: CkptState) => void) => {
    const state = new CkptState()
    const checkpoint = checkpointOf(1, 'one', stamp, { a: 'alpha' })
    checkpoint.generated = 4
    state.add(checkpoint)
    change?.(state)
    return writerOf(readAll(freezeState(state, receivers, 0)))
  }
  const since = lineageOf(stampAt(10, 7), stampAt(12, 1))
  const before = lineageOf(stampAt(10, 4))

  test('is left out, but not that it is there', () => {
    const writer = snapshot([since, lineageOf(stamp)])
    expect([...writer.omitted]).toEqual([[1, { memoryUsed: 5, numberOfSections: 1 }]])
    expect(writer.finish().byName.get('one')).toMatchObject({ generated: 4, memoryUsed: 0, changed: stamp })
  })

  test.each([
    ['one has nothing', [since, null]],
    ['one has not seen the last change', [since, before]],
    ['there are none', []],
  ])('is sent when %s', (_, receivers) => {
    const writer = snapshot(receivers)
    expect(writer.omitted.size).toBe(0)
    expect(contentsText(writer.finish().byName.get('one')!)).toEqual({ a: 'alpha' })
  })

  test('is sent when a reader may have seen its retention end, or its last close', () => {
    const finite = snapshot([since], (state) => (state.byName.get('one')!.retentionDurationMs = 1000))
    expect(finite.omitted.size).toBe(0)
    const unlinked = snapshot([lineageOf(stampAt(10, 9))], (state) => {
      state.unlink(state.byName.get('one')!, stampAt(10, 8))
    })
    expect(unlinked.omitted.size).toBe(0)
  })
})

describe('what is no snapshot', () => {
  const whole = Buffer.concat(readAll(freezeState(fullState(), [null], 0)))

  test('never throws while it comes, and is not taken for one', () => {
    const places = fc.tuple(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(fc.array(places, { minLength: 1, maxLength: 4 }), (changes) => {
        const octets = Buffer.from(whole)
        for (const [at, difference] of changes) octets[at] ^= difference
        const writer = new SnapshotOfOthers(() => 0)
        for (let at = 0; at < octets.length; at += 30_000) writer.write(octets.subarray(at, at + 30_000))
        if (writer.problem !== null) expect(() => writer.finish()).toThrow(writer.problem)
      }),
      { numRuns: 300 },
    )
  })

  test.each([1, 3, 100, 60_000, whole.length - 1])('cut after %d octets it is torn', (length) => {
    const writer = writerOf([whole.subarray(0, length)])
    expect(() => writer.finish()).toThrow('a snapshot of checkpoints cannot be read: it ends too early')
    expect(typeof writer.finishOne()).toBe('string')
  })

  test('with something behind its end', () => {
    expect(() => writerOf([whole, new Uint8Array([7, 0, 0])]).finish()).toThrow('something follows its end')
  })

  test('of another version, or of something else', () => {
    const later = Buffer.from(whole)
    later[3] = 9
    expect(writerOf([later]).problem).toBe('its version is 9')
    expect(writerOf([octets('a\u0002\u0000 text')]).problem).toBe('it has no head')
  })
})
