import fc from 'fast-check'
import {
  adminOperations,
  entityKinds,
  errorNumbers,
  limits,
  recoveries,
  type AisErrorName,
} from '../../../../src/base/index.js'
import { MESSAGE_HEADER_OCTETS } from '../../../../src/group/index.js'
import { Machine } from '../../../../src/services/amf/index.js'
import { failureCauses, type AmfMessage } from '../../../../src/services/amf/messages.js'
import { decodeMessage, encodeMessage, isName, messageText } from '../../../../src/services/amf/wire.js'

const whole = fc.maxSafeNat()
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter(isName)
const text = fc.string({ unit: 'grapheme', maxLength: 300 }).map(messageText)
const digest = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((octets) => {
  return Buffer.from(octets).toString('hex')
})
const said = { atMs: whole }
const ofComponent = { ...said, component: name, registration: whole }
const error = fc.option(fc.constantFrom(...(Object.keys(errorNumbers) as AisErrorName[])))
const members = fc.array(fc.tuple(fc.integer({ min: 1, max: 0xffff_ffff }), whole), {
  maxLength: limits.ringMembers,
})

const messages: { readonly [K in AmfMessage['kind']]: fc.Arbitrary<Extract<AmfMessage, { kind: K }>> } = {
  hello: fc.record({ ...said, kind: fc.constant('hello'), incarnation: whole, nodeName: name, digest }),
  configure: fc.record({ ...said, kind: fc.constant('configure'), digest, text: fc.string() }),
  view: fc.record({
    ...said,
    kind: fc.constant('view'),
    number: whole,
    members,
    quorate: fc.boolean(),
    votes: whole,
    expected: fc.option(whole),
  }),
  register: fc.record({ ...ofComponent, kind: fc.constant('register'), proxy: fc.option(name) }),
  unregister: fc.record({ ...ofComponent, kind: fc.constant('unregister') }),
  gone: fc.record({ ...ofComponent, kind: fc.constant('gone') }),
  answered: fc.record({ ...ofComponent, kind: fc.constant('answered'), operation: whole, error }),
  quiesced: fc.record({ ...ofComponent, kind: fc.constant('quiesced'), operation: whole }),
  failed: fc.record({
    ...ofComponent,
    kind: fc.constant('failed'),
    cause: fc.constantFrom(...failureCauses),
    recommended: fc.constantFrom(...recoveries),
    text,
  }),
  cleaned: fc.record({
    ...ofComponent,
    kind: fc.constant('cleaned'),
    how: fc.constantFrom('demoted', 'lease-over'),
  }),
  lapsed: fc.record({ ...ofComponent, kind: fc.constant('lapsed'), operation: whole }),
  report: fc.record({
    ...said,
    kind: fc.constant('report'),
    component: name,
    recommended: fc.constantFrom(...recoveries),
    text,
  }),
  clear: fc.record({ ...said, kind: fc.constant('clear'), component: name }),
  admin: fc.record({
    ...said,
    kind: fc.constant('admin'),
    operation: fc.constantFrom(...adminOperations),
    entity: fc.constantFrom(...entityKinds),
    name,
  }),
}
const anyMessage = fc.oneof(...(Object.values(messages) as fc.Arbitrary<AmfMessage>[]))

function payloadOf(body: string | Uint8Array): Uint8Array {
  const octets = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return Uint8Array.from([...new Uint8Array(MESSAGE_HEADER_OCTETS), ...octets])
}

describe('messages of AMF', () => {
  test.each(Object.entries(messages) as [string, fc.Arbitrary<AmfMessage>][])(
    '%s comes out as it went in',
    (kind, arbitrary) => {
      fc.assert(
        fc.property(arbitrary, (message) => {
          expect(message.kind).toBe(kind)
          const decoded = decodeMessage(encodeMessage(message))
          expect(decoded).toEqual({ ...message })
        }),
      )
    },
  )

  test('octets changed anywhere are no message, or another sound one', () => {
    let refused = 0
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (message, at, octet) => {
        const payload = encodeMessage(message)
        const body = MESSAGE_HEADER_OCTETS + (at % (payload.length - MESSAGE_HEADER_OCTETS))
        payload[body] = octet
        const decoded = decodeMessage(payload)
        if (decoded === null) refused++
        else expect(decodeMessage(encodeMessage(decoded))).toEqual(decoded)
      }),
      { numRuns: 2000 },
    )
    expect(refused).toBeGreaterThan(500)
  })

  test('a field of another kind, missing or too many, is refused', () => {
    const odd: unknown[] = [-1, 1.5, 2 ** 60, '', '\n', 'x'.repeat(2000), [], {}, [[0, 0]]]
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.constantFrom(...odd), (message, at, value) => {
        const fields: Record<string, unknown> = { ...message }
        const names = Object.keys(fields).filter((field) => field !== 'kind' && field !== 'text')
        const field = names[at % names.length]!
        const changed = { ...fields, [field]: value }
        const isSound = field === 'members' && Array.isArray(value) && value.length === 0
        expect(decodeMessage(payloadOf(JSON.stringify(changed))) === null).toBe(!isSound)
        delete fields[field]
        expect(decodeMessage(payloadOf(JSON.stringify(fields)))).toBeNull()
        expect(decodeMessage(payloadOf(JSON.stringify({ ...message, more: 1 })))).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  test('what is no map of fields is refused', () => {
    const bodies = [
      '',
      'null',
      '[]',
      '"hello"',
      '{}',
      '{"kind":"toString"}',
      '{"kind":"__proto__"}',
      '{"kind":1}',
    ]
    for (const body of bodies) expect(decodeMessage(payloadOf(body))).toBeNull()
    expect(decodeMessage(payloadOf(Uint8Array.from([0xff, 0xfe])))).toBeNull()
    expect(decodeMessage(new Uint8Array(0))).toBeNull()
    expect(decodeMessage(payloadOf('['.repeat(200_000)))).toBeNull()
    const forged = '{"kind":"clear","atMs":1,"component":"a","__proto__":{"component":"b"}}'
    expect(decodeMessage(payloadOf(forged))).toBeNull()
  })

  test('sound messages of anybody do no harm to a machine', () => {
    const nothing = { onComponent: () => 0, onDecision: () => 0, onConfigured: () => 0 }
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), anyMessage)), (said) => {
        const machine = new Machine(nothing)
        for (const [from, message] of said) machine.apply(from, message)
      }),
    )
  })

  test('words of people are cut to what a message carries, on one line', () => {
    expect(messageText('one\ntwo\u2028three')).toBe('one two three')
    const long = `${'x'.repeat(limits.amfTextLength - 2)}😀😀`
    expect(messageText(long)).toBe(`${'x'.repeat(limits.amfTextLength - 2)}…`)
    expect(messageText(long).length).toBeLessThanOrEqual(limits.amfTextLength)
  })
})
