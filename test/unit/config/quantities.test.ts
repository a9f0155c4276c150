import fc from 'fast-check'
import {
  durationText,
  octetsText,
  parseDuration,
  parseOctets,
  parseSeconds,
} from '../../../src/config/quantities.js'

describe('a size', () => {
  test.each([
    ['64', 64],
    ['0', 0],
    ['64B', 64],
    ['64KiB', 65_536],
    ['64 kib', 65_536],
    ['10kB', 10_000],
    ['1MiB', 1_048_576],
    ['1MB', 1_000_000],
    ['1.5GB', 1_500_000_000],
    ['1GiB', 1_073_741_824],
  ])('%s', (text, octets) => expect(parseOctets(text)).toEqual({ value: octets }))

  test.each([
    '',
    '-1',
    '1e3',
    '1.5',
    '64K',
    '1 TiB',
    'MiB',
    '0x10',
    '9007199254740993',
    '1MiB2',
    'constructor',
  ])('%j is refused, with what sizes look like', (text) => {
    const problem = `${JSON.stringify(text)} is no size; sizes are like 64, 64KiB, 1MiB, 1MB`
    expect(parseOctets(text)).toEqual({ problem })
  })

  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.50 KiB'],
    [65_536_000, '62.5 MiB'],
    [64 * 1024 * 1024, '64 MiB'],
    [5 * 1024 ** 3, '5 GiB'],
  ])('of %d is shown as %s', (octets, text) => expect(octetsText(octets)).toBe(text))
})

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['0.25s', 250],
    ['10m', 600_000],
    ['10min', 600_000],
    ['1h', 3_600_000],
    ['2d', 172_800_000],
    ['0', 0],
    ['0s', 0],
    ['forever', Infinity],
    ['Forever', Infinity],
  ])('%s', (text, durationMs) => expect(parseDuration(text)).toEqual({ value: durationMs }))

  test.each(['', 'soon', '-1s', '10y', '1h30m', '99999999d'])('%j is refused', (text) => {
    const problem = `${JSON.stringify(text)} is no duration; durations are like 500ms, 30s, 10m, 1h, forever`
    expect(parseDuration(text)).toEqual({ problem })
  })

  test('without a unit is refused, for it could be any', () => {
    const problem = '"10" is no duration: 10 of what? Durations are like 500ms, 30s, 10m, 1h, forever'
    expect(parseDuration('10')).toEqual({ problem })
  })

  test.each([
    [0, '0ms'],
    [500, '500ms'],
    [1500, '1500ms'],
    [30_000, '30s'],
    [90_000, '90s'],
    [600_000, '10m'],
    [3_600_000, '1h'],
    [86_400_000, '1d'],
    [61_234, '61.2s'],
    [Infinity, 'forever'],
  ])('of %d ms is shown as %s', (durationMs, text) => expect(durationText(durationMs)).toBe(text))

  test('of whole seconds is read again as it was shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), (seconds) => {
        expect(parseDuration(durationText(seconds * 1000))).toEqual({ value: seconds * 1000 })
      }),
    )
  })
})

describe('a number of seconds', () => {
  test.each([
    ['5', 5000],
    ['0.5', 500],
    ['5s', 5000],
    ['1m', 60_000],
    ['500ms', 500],
  ])('%s', (text, durationMs) => expect(parseSeconds(text)).toEqual({ value: durationMs }))

  test.each(['0', '-1', 'ten', '', 'forever'])('%j is refused', (text) => {
    expect(parseSeconds(text)).toEqual({ problem: `${JSON.stringify(text)} is no number of seconds above 0` })
  })
})
