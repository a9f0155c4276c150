import { AisError, limits } from '../../../src/base/index.js'
import { CpgBatch, LENGTH_OCTETS } from '../../../src/api/cpg-batch.js'
import { eachMessage, readConfiguration, readMembership } from '../../../src/api/cpg-documents.js'

/** Messages of a batch as an executive hands them on: without the room in front. */
function messagesOf(batch: Uint8Array): number[][] {
  const payloads: number[][] = []
  eachMessage(batch.subarray(limits.cpgRoomOctets), (payload) => payloads.push([...payload]))
  return payloads
}

describe('a batch', () => {
  test('comes apart as it was put together, empty messages and the largest one too', () => {
    const batch = new CpgBatch()
    const small = [[1], [], [2, 3], Array.from({ length: 3000 }, (_, at) => at & 0xff)]
    for (const payload of small) expect(batch.add(Uint8Array.from(payload))).toBe(true)
    expect(messagesOf(batch.take())).toEqual(small)
    const largest = new Uint8Array(limits.cpgMessageOctets).fill(7)
    expect(batch.add(largest)).toBe(true)
    const taken = batch.take()
    expect(taken.length).toBe(limits.cpgRoomOctets + LENGTH_OCTETS + limits.cpgMessageOctets)
    expect(taken.at(-1)).toBe(7)
  })

  test('is full at its bound, but takes one message of any size', () => {
    const batch = new CpgBatch()
    const payload = new Uint8Array(limits.cpgBatchOctets / 2)
    expect([batch.add(payload), batch.add(payload)]).toEqual([true, false])
    expect(messagesOf(batch.take())).toHaveLength(1)
    expect(batch.add(payload)).toBe(true)
  })

  test('has its own copy of what is added', () => {
    const batch = new CpgBatch()
    const payload = Uint8Array.of(1, 2)
    batch.add(payload)
    payload.fill(9)
    expect(messagesOf(batch.take())).toEqual([[1, 2]])
  })
})

describe('what an executive tells of a group', () => {
  test.each([
    ['a length without its end', [1, 0, 0]],
    ['a message without its end', [2, 0, 0, 0, 7]],
    ['a length beyond all', [255, 255, 255, 255, 1]],
  ])('%s is an error of the library', (_, octets) => {
    expect(() => eachMessage(Uint8Array.from(octets), () => undefined)).toThrow(AisError)
  })

  test('members and changes are read, with their reasons', () => {
    const fields = {
      members: [1, 70, 2, 80],
      joined: [2, 80],
      joinedReason: 'node-up',
      left: [],
      leftReason: 'leave',
    }
    expect(readMembership(fields)).toEqual({
      members: [
        { nodeId: 1, pid: 70 },
        { nodeId: 2, pid: 80 },
      ],
      joined: [{ nodeId: 2, pid: 80, reason: 'node-up' }],
      left: [],
    })
  })

  test.each([
    { members: [1], joined: [], joinedReason: 'join', left: [], leftReason: 'leave' },
    { members: [1, 'x'], joined: [], joinedReason: 'join', left: [], leftReason: 'leave' },
    { members: [], joined: [], joinedReason: 'whim', left: [], leftReason: 'leave' },
    { members: null, joined: [], joinedReason: 'join', left: [], leftReason: 'leave' },
  ])('a membership %j is an error of the library', (fields) => {
    expect(() => readMembership(fields)).toThrow(expect.objectContaining({ code: 'ERR_LIBRARY' }))
  })

  test('a configuration has its ring and its nodes', () => {
    const fields = { ringId: { representative: 1, sequence: 9 }, members: [1, 2] }
    expect(readConfiguration(fields)).toEqual(fields)
    expect(() => readConfiguration({ ...fields, ringId: null })).toThrow(AisError)
  })
})
