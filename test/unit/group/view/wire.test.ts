import fc from 'fast-check'
import { limits } from '../../../../src/base/index.js'
import { Lineage } from '../../../../src/group/view/lineage.js'
import {
  CHUNK_HEADER_OCTETS,
  decodeChunk,
  decodeExchange,
  encodeChunk,
  encodeExchange,
  type Exchange,
} from '../../../../src/group/view/wire.js'

const u32 = fc.nat({ max: 0xffff_ffff })
const counter = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const ringId = fc.record({ representative: u32, sequence: counter })
const entry = fc.record({ ringId, transitional: fc.boolean(), chain: counter, position: counter })
const service = fc.record({
  id: fc.integer({ min: 1, max: 255 }),
  since: counter,
  lineage: fc.option(
    fc
      .tuple(fc.array(entry, { maxLength: 5 }), counter)
      .map(([entries, origin]) => new Lineage(entries, origin)),
  ),
})
const quorum = fc
  .tuple(fc.boolean(), fc.nat({ max: 128 }), fc.boolean(), fc.boolean(), fc.nat({ max: 128 }), fc.boolean())
  .map(([isOn, votes, twoNode, waitForAll, votesSeen, sawAll]): Exchange['quorum'] => {
    const mode = isOn ? 'majority' : 'off'
    return { mode, expectedVotes: isOn ? votes : null, twoNode, waitForAll, votesSeen, sawAll }
  })
const exchange: fc.Arbitrary<Exchange> = fc.record({
  ringId,
  bootTimestamp: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  lastView: fc.option(fc.record({ ringId, initialViewNumber: counter, quorate: fc.boolean() })),
  quorum,
  apartMs: fc.oneof(fc.nat(), fc.constant(Infinity)),
  runningMs: fc.nat(),
  services: fc.array(service, { maxLength: limits.services }),
})

describe('what members tell each other', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(exchange, (said) => {
        expect(decodeExchange(encodeExchange(said))).toEqual(said)
      }),
    )
  })

  test('cut off, lengthened or changed it is refused or another one, and never throws', () => {
    fc.assert(
      fc.property(exchange, fc.nat(), fc.nat({ max: 255 }), (said, at, octet) => {
        const octets = encodeExchange(said)
        expect(decodeExchange(octets.subarray(0, at % octets.length))).toBeNull()
        expect(decodeExchange(new Uint8Array([...octets, 0]))).toBeNull()
        const changed = Uint8Array.from(octets)
        changed[at % changed.length] = octet
        decodeExchange(changed)
      }),
    )
  })

  test('octets that are no exchange are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        decodeExchange(octets)
        decodeChunk(octets, { representative: 1, sequence: 1 })
      }),
    )
  })

  test('a chunk comes back as it was, in the view it was made for alone', () => {
    const body = new Uint8Array(CHUNK_HEADER_OCTETS + 10)
    body.set([1, 2, 3], CHUNK_HEADER_OCTETS)
    const view = { representative: 3, sequence: 77 }
    const octets = encodeChunk(body, 3, 9, view, 5, true)
    expect(octets).toHaveLength(CHUNK_HEADER_OCTETS + 3)
    expect(decodeChunk(octets, view)).toEqual({
      ringId: view,
      index: 5,
      last: true,
      octets: new Uint8Array([1, 2, 3]),
    })
    expect(decodeChunk(octets, { ...view, sequence: 78 })).toBeNull()
  })
})
