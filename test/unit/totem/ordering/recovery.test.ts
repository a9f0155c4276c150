import {
  companions,
  fillEntry,
  noObligations,
  oblige,
  oldRingDeliveries,
  RecoverySource,
} from '../../../../src/totem/ordering/recovery.js'
import type { RingLog } from '../../../../src/totem/ordering/ring-log.js'
import type { CommitEntry } from '../../../../src/totem/wire/control.js'
import { innerFrame, type DataFrame } from '../../../../src/totem/wire/data-frame.js'
import { SendQueue } from '../../../../src/totem/ordering/send-queue.js'
import {
  checksum,
  CLUSTER,
  commitOf,
  entryOf,
  frameOf,
  member,
  NEW,
  OLD,
  received,
  ringOf,
} from './frames.js'

/** Ring 1 2 3 4 and what this process has of its frames: `a1` agreed of 1, `s2` safe of 2, `-` none. */
function oldRing(frames: string, delivered = 0): RingLog {
  const old = ringOf([1, 2, 3, 4])
  frames.split(' ').forEach((text, index) => {
    if (text === '-') return
    old.store(frameOf(index + 1, Number(text[1]), text[0] === 's' ? 'safe' : 'agreed'))
  })
  old.delivered = delivered
  return old
}

function entries(nodeIds: readonly number[], old: RingLog, oldSafe = 0): CommitEntry[] {
  const { received: oldReceived, highest: oldHighest } = old
  return nodeIds.map((nodeId) => entryOf(nodeId, { oldReceived, oldHighest, oldSafe }))
}

const sequences = (frames: readonly DataFrame[]): number[] => frames.map(({ sequence }) => sequence)

function delivered(
  old: RingLog,
  fellows: readonly CommitEntry[],
): { regular: number[]; transitional: number[] } {
  const { regular, transitional } = oldRingDeliveries(old, fellows)
  return { regular: sequences(regular), transitional: sequences(transitional) }
}

describe('companions', () => {
  test('those come along that come from the same ring, in the same life', () => {
    const old = ringOf([1, 2, 3, 4])
    const others = [
      entryOf(1),
      entryOf(2, { oldRing: { representative: 2, sequence: OLD.sequence } }),
      entryOf(3, { incarnation: 999 }),
      entryOf(4),
      entryOf(5),
    ]
    expect(companions(old, commitOf(others)).map(({ nodeId }) => nodeId)).toEqual([1, 4])
  })
})

describe('what is delivered of an old ring', () => {
  test('without holes: all agreed frames in the regular configuration', () => {
    const old = oldRing('a1 a2 a4 a1', 1)
    expect(delivered(old, entries([1, 2, 3], old))).toEqual({ regular: [2, 3, 4], transitional: [] })
  })

  test('a safe frame not known to be everywhere is transitional, and so is all behind it', () => {
    const old = oldRing('a1 s2 a3 s1')
    expect(delivered(old, entries([1, 2, 3], old))).toEqual({ regular: [1], transitional: [2, 3, 4] })
  })

  test('what one companion knows to be everywhere is safe for all of them', () => {
    const old = oldRing('a1 s2 a3 s1')
    const fellows = entries([1, 2, 3], old)
    fellows[2]!.oldSafe = 3
    expect(delivered(old, fellows)).toEqual({ regular: [1, 2, 3], transitional: [4] })
  })

  test('behind a hole frames of companions are delivered, of nobody else', () => {
    const old = oldRing('a1 - a4 a2 s4 s3')
    expect(delivered(old, entries([1, 2, 3], old))).toEqual({ regular: [1], transitional: [4, 6] })
  })

  test('before a hole frames of those who are gone are delivered too', () => {
    const old = oldRing('a4 s4 a4 - a4')
    expect(delivered(old, entries([1, 2], old))).toEqual({ regular: [1], transitional: [2, 3] })
  })

  test('a hole is never regular, even if somebody says that it is safe', () => {
    const old = oldRing('a1 - a1')
    expect(delivered(old, entries([1, 2], old, 3))).toEqual({ regular: [1], transitional: [3] })
  })

  test('behind a hole also the frames of those to whom a companion owes delivery', () => {
    const old = oldRing('- a3 a4')
    const fellows = entries([1, 2], old)
    expect(delivered(old, fellows).transitional).toEqual([])
    const obligations = noObligations(old.members)
    oblige(obligations, old, [entryOf(2), entryOf(3)])
    fellows[1]!.obligations = obligations
    expect(delivered(old, fellows).transitional).toEqual([2])
  })

  test('nothing is delivered twice, and nothing at all when all was delivered', () => {
    const old = oldRing('a1 a2 a3', 3)
    expect(delivered(old, entries([1, 2], old))).toEqual({ regular: [], transitional: [] })
  })

  test('companions with the same frames deliver the same, whatever each had delivered before', () => {
    const text = 'a1 s2 a4 - a1 s4 a2'
    const all = (deliveredBefore: number): number[] => {
      const old = oldRing(text, deliveredBefore)
      const { regular, transitional } = delivered(old, entries([1, 2], old, 2))
      return [1, 2, 3].slice(0, deliveredBefore).concat(regular, [0], transitional)
    }
    expect(all(0)).toEqual([1, 2, 3, 0, 5, 7])
    expect(all(2)).toEqual(all(0))
    expect(all(3)).toEqual(all(0))
  })
})

describe('obligations', () => {
  test('each member of a large ring has its own place', () => {
    const nodeIds = Array.from({ length: 20 }, (_, index) => index + 1)
    const old = ringOf(nodeIds)
    old.store(frameOf(2, 17))
    old.store(frameOf(3, 9))
    const owner = entryOf(1, { obligations: noObligations(old.members) })
    oblige(owner.obligations, old, [entryOf(17)])
    expect(delivered(old, [owner]).transitional).toEqual([2])
    oblige(owner.obligations, old, [entryOf(9)])
    expect(delivered(old, [owner]).transitional).toEqual([2, 3])
  })
})

describe('the entry on the commit token', () => {
  test('says what this process has of its old ring, as a copy', () => {
    const old = oldRing('a1 a2 - a4')
    old.markSafe(1)
    const entry = entryOf(1, { filled: false, oldRing: { representative: 0, sequence: 0 } })
    const obligations = Uint8Array.of(2)
    fillEntry(entry, old, obligations)
    expect(entry).toMatchObject({ filled: true, oldRing: OLD, oldReceived: 2, oldHighest: 4, oldSafe: 1 })
    obligations[0] = 255
    expect([...entry.obligations]).toEqual([2])
  })

  test('of a process without a ring says that it has none', () => {
    const entry = entryOf(1, { filled: false, oldRing: { representative: 0, sequence: 0 } })
    fillEntry(entry, null, new Uint8Array(0))
    expect(entry).toMatchObject({ filled: true, oldRing: { representative: 0, sequence: 0 }, oldHighest: 0 })
  })
})

describe('RecoverySource', () => {
  /** Octets that are a true frame of the old ring, from node 2. */
  function realFrame(sequence: number): DataFrame {
    const queue = new SendQueue(1472)
    queue.push(Uint8Array.of(sequence), 'agreed')
    return received(queue.nextFrame(OLD, sequence), 2)
  }

  function drain(source: RecoverySource): (number | undefined)[] {
    const sent: (number | undefined)[] = []
    while (source.frames > 0) {
      const carrier = received(source.nextFrame(NEW, sent.length + 1), 1)
      expect(carrier).toMatchObject({ ringSequence: NEW.sequence, sequence: sent.length + 1, recovery: true })
      sent.push(innerFrame(carrier, CLUSTER, checksum)?.sequence)
    }
    return sent
  }

  function oldWith(...sequences: number[]): RingLog {
    const old = ringOf([1, 2, 3])
    for (const sequence of sequences) old.store(realFrame(sequence))
    return old
  }

  test('sends whole what it has beyond what the last of them has', () => {
    const old = oldWith(1, 2, 3, 4, 6)
    const fellows = [entryOf(1, { oldReceived: 4 }), entryOf(2, { oldReceived: 2 })]
    expect(drain(new RecoverySource(old, fellows))).toEqual([3, 4, 6])
  })

  test('does not send what somebody else has sent already', () => {
    const source = new RecoverySource(oldWith(1, 2, 3, 4), [entryOf(1), entryOf(2)])
    for (const sequence of [1, 3]) source.markSeen(sequence)
    expect(drain(source)).toEqual([2, 4])
  })

  test('what is seen while it sends counts as well', () => {
    const source = new RecoverySource(oldWith(1, 2, 3), [entryOf(1), entryOf(2)])
    source.nextFrame(NEW, 1)
    source.markSeen(2)
    source.markSeen(3)
    expect(source.frames).toBe(0)
  })

  test('nothing is to be sent when nobody comes along, or all have all', () => {
    expect(new RecoverySource(oldWith(1, 2), [entryOf(1)]).frames).toBe(0)
    const full = [1, 2, 3].map((nodeId) => entryOf(nodeId, { oldReceived: 2, oldHighest: 2 }))
    expect(new RecoverySource(oldWith(1, 2), full).frames).toBe(0)
  })

  test('what was released, received by all, is not looked for', () => {
    const old = oldWith(1, 2, 3)
    old.delivered = 2
    old.markSafe(2)
    expect(drain(new RecoverySource(old, [entryOf(1), entryOf(2)]))).toEqual([3])
  })

  test('a frame larger than others may be is still carried whole', () => {
    const old = ringOf([1, 2])
    const queue = new SendQueue(1472)
    queue.push(new Uint8Array(1472 - 59), 'agreed')
    const whole = received(queue.nextFrame(OLD, 1), 2)
    expect(whole.octets.length).toBe(1472)
    old.store(whole)
    const carrier = received(
      new RecoverySource(old, [entryOf(1), entryOf(2)]).nextFrame(NEW, 1),
      member(1).nodeId,
    )
    expect(innerFrame(carrier, CLUSTER, checksum)?.octets).toEqual(whole.octets)
  })
})
