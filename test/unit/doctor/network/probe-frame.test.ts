import fc from 'fast-check'
import {
  AnswerBy,
  decodeProbe,
  encodeProbe,
  isProbe,
  PROBE_OCTETS,
  type ProbeAnswer,
  type ProbeRequest,
} from '../../../../src/doctor/network/probe-frame.js'
import { openFrame } from '../../../../src/totem/wire/header.js'

const u32 = fc.nat({ max: 0xffff_ffff })
const u16 = fc.nat({ max: 0xffff })
const time = fc.nat({ max: Number.MAX_SAFE_INTEGER })
const common = {
  answerBy: fc.constantFrom(...Object.values(AnswerBy)),
  clusterHash: u32,
  session: u32,
  number: u32,
  askedAtUs: time,
  netmtu: u16,
}
const request: fc.Arbitrary<ProbeRequest> = fc.record({
  kind: fc.constant('request' as const),
  ...common,
  answerPort: u16,
  answerOctets: u16,
})
const answer: fc.Arbitrary<ProbeAnswer> = fc.record({
  kind: fc.constant('answer' as const),
  ...common,
  receivedAtUs: time,
  answeredAtUs: time,
  requestOctets: u16,
  cameByGroup: fc.boolean(),
  isPortHeld: fc.boolean(),
})
const probe = fc.oneof(request, answer)

test('what is written is read again, whatever filler follows', () => {
  fc.assert(
    fc.property(probe, fc.nat({ max: 3000 }), (written, octets) => {
      const frame = encodeProbe(written, octets)
      expect(frame).toHaveLength(Math.max(octets, PROBE_OCTETS))
      expect(decodeProbe(frame)).toEqual(written)
      expect(isProbe(frame)).toBe(true)
    }),
  )
})

test('a ring takes it for a frame that is not its own, of no cluster and no version', () => {
  fc.assert(
    fc.property(probe, u32, (written, hash) => {
      expect(openFrame(encodeProbe(written, 200), hash, () => 0)).toBe('not-ours')
    }),
  )
})

test('a frame that was cut or changed anywhere is none', () => {
  fc.assert(
    fc.property(probe, fc.nat({ max: 99 }), fc.integer({ min: 1, max: 255 }), (written, at, change) => {
      const frame = encodeProbe(written, 100)
      expect(decodeProbe(frame.subarray(0, at))).toBeNull()
      frame[at]! ^= change
      expect(decodeProbe(frame)).toBeNull()
    }),
  )
})
