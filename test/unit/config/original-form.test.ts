import fc from 'fast-check'
import { checkNetworkText } from '../../../src/config/check.js'
import { ipv4ToText } from '../../../src/config/ipv4.js'

interface Meaning {
  bindnetaddr: number
  mcastaddr: number
  mcastport: number
}

/** inet_aton(3), told by its manual page, written apart from the code under test. */
function inetAton(text: string): number | null {
  const word = /^[^\t\n\v\f\r ]*/.exec(text)![0]
  const numbers = word.split('.').map((part) => {
    if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(part)) return NaN
    return Number(/^0\d/.test(part) ? `0o${part.slice(1)}` : part)
  })
  if (numbers.length > 4 || numbers.some(Number.isNaN)) return null
  const last = numbers.pop()!
  if (numbers.some((number) => number > 255) || last >= 2 ** (8 * (4 - numbers.length))) return null
  return numbers.reduce((sum, number, index) => sum + number * 2 ** (24 - 8 * index), last)
}

/**
 * The parser of the original, line by line as it was written, with the port as its author meant it. What it
 * read as a complete configuration with values in range; null where it failed or missed a key.
 */
function original(text: string): Meaning | null {
  const found: Partial<Meaning> = {}
  for (const line of text.split(/(?<=\n)/)) {
    const [key, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]
    if (!line.includes(':')) break
    if (key === 'bindnetaddr' || key === 'mcastaddr') {
      const address = inetAton(value)
      if (address === null) return null
      found[key] = address
    } else if (key === 'mcastport') {
      found.mcastport = Number.parseInt(value, 10) || 0
      if (found.mcastport % 65_536 === 0) return null
    } else break
  }
  const { bindnetaddr: bind, mcastaddr: group, mcastport: port } = found
  if (bind === undefined || group === undefined || port === undefined) return null
  const inRange = bind >= 2 ** 24 && bind < 0xe000_0000 && group >= 0xe000_0000 && group < 0xf000_0000
  return inRange && port >= 2 && port <= 65_535
    ? { bindnetaddr: bind, mcastaddr: group, mcastport: port }
    : null
}

const octet = fc.nat({ max: 255 })
const spell = (number: number, style: number): string =>
  [String(number), `0x${number.toString(16)}`, `0${number.toString(8)}`][style]
const spelled = fc.tuple(octet, fc.nat({ max: 2 })).map(([number, style]) => spell(number, style))
const address = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')) },
  fc.tuple(spelled, spelled, spelled, spelled).map((parts) => parts.join('.')),
  fc.tuple(octet, fc.nat({ max: 2 ** 24 - 1 })).map((parts) => parts.join('.')),
)
const group = fc.oneof(fc.constantFrom('226.94.1.1', '239.1.2.3', '226.94.257', '0xe25e0101'), address)
const port = fc.oneof(fc.integer({ min: 2, max: 65_535 }), fc.integer({ min: -5, max: 70_000 })).map(String)
const tail = fc.constantFrom('', '', '', ' ', '\r', ' # note', '\tx')
const keyLine = fc.oneof(
  fc.tuple(fc.constant('bindnetaddr:'), address, tail),
  fc.tuple(fc.constant('mcastaddr:'), group, tail),
  fc.tuple(fc.constant('mcastport:'), port, fc.oneof(tail, fc.constantFrom('abc', '.5'))),
)
const written = keyLine.map((parts) => parts.join(''))
const garbage = fc.oneof(
  fc.constantFrom('', '# comment', 'host: left', ' mcastport:7000', 'mcastport : 7000', 'rack five', ':'),
  fc.string({ maxLength: 12 }).filter((line) => !line.includes('\n')),
)
const file = fc
  .tuple(
    fc.shuffledSubarray(['bindnetaddr:192.168.1.0', 'mcastaddr:226.94.1.1', 'mcastport:6000'], {
      minLength: 2,
    }),
    fc.array(written, { maxLength: 4 }),
    fc.array(fc.oneof(garbage, written), { maxLength: 4 }),
    fc.boolean(),
  )
  .map(([three, more, rest, newline]) => [...three, ...more, ...rest].join('\n') + (newline ? '\n' : ''))

describe('a file that worked for the original', () => {
  test('is accepted with the meaning its author wrote', () => {
    let complete = 0
    fc.assert(
      fc.property(file, (text) => {
        const meaning = original(text)
        if (meaning === null) return
        complete++
        const checked = checkNetworkText(text)
        expect(checked.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
        if (!checked.ok) throw new Error('refused without an error')
        const { bindTarget, mcastAddress, mcastPort } = checked.config
        expect(bindTarget).toMatchObject({ kind: 'address', address: meaning.bindnetaddr })
        expect(mcastAddress).toBe(ipv4ToText(meaning.mcastaddr))
        expect(mcastPort).toBe(meaning.mcastport)
      }),
      { numRuns: 5000 },
    )
    expect(complete).toBeGreaterThan(500)
  })

  test('may be followed by anything that is not one of our keys', () => {
    const three = 'bindnetaddr:192.168.1.0\nmcastaddr:226.94.1.1\nmcastport:6000\n'
    for (const rest of [
      'x',
      'bindnetaddr=10.0.0.0',
      'a: b',
      'old: 192.168.2.0',
      '\0\x01',
      '}',
      'mcastport:0',
    ]) {
      const checked = checkNetworkText(`${three}#\n${rest}\n`)
      expect(checked.ok).toBe(true)
      expect(checked.diagnostics.map(({ severity }) => severity)).toEqual(['warning'])
    }
  })

  test('with keys of ours after it gets them, mistakes in them are reported', () => {
    const three = 'bindnetaddr:192.168.1.0\nmcastaddr:226.94.1.1\nmcastport:6000\n'
    expect(checkNetworkText(`${three}token: 2000\n`)).toMatchObject({
      ok: true,
      config: { tokenTimeoutMs: 2000 },
    })
    expect(checkNetworkText(`${three}token: many\n`)).toMatchObject({ ok: false })
    expect(checkNetworkText(`${three}tokne: 2000\n`)).toMatchObject({ ok: false })
  })
})

describe('any text at all', () => {
  test('is answered, never thrown at, and never echoed with control characters', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .array(fc.oneof(garbage, written, fc.constantFrom('token: 1', 'ttl: ', 'netmtu:-1')), {
          maxLength: 9,
        })
        .map((lines) => lines.join('\n')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const checked = checkNetworkText(text)
        const lines = text.split('\n').length
        for (const { message, source, expected, line, column, length } of checked.diagnostics) {
          expect(`${message}${source}${expected}`).not.toMatch(/[\p{Cc}\u202e]/u)
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines + 1)
          expect(Math.min(column, length)).toBeGreaterThanOrEqual(1)
        }
        expect(checked.ok).toBe(!checked.diagnostics.some(({ severity }) => severity === 'error'))
      }),
      { numRuns: 1500 },
    )
  })

  test('gets at most a hundred findings and a count of the rest', () => {
    const { diagnostics } = checkNetworkText('nonsense\n'.repeat(5000))
    expect(diagnostics).toHaveLength(101)
    expect(diagnostics.at(-1)).toMatchObject({
      code: 'too-many',
      message: '4903 more findings are not listed',
    })
  })
})
