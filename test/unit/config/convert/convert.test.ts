import { convertText } from '../../../../src/config/convert/convert.js'
import { plainOptions } from '../../../helpers/convert.js'

const network = 'bindnetaddr: 10.0.0.0\n    mcastaddr: 239.1.1.1\n    mcastport: 6000\n'
/** A corosync.conf with so many keys that nothing here goes by. */
const unknown = (count: number): string =>
  `totem {\n  version: 2\n  interface {\n    ${network}  }\n}\nlogging {\n${'  x: 1\n'.repeat(count)}}\n`

describe('convertText', () => {
  test.each([150, 1900])('lists each of %i keys that are lost', (count) => {
    const { ok, diagnostics } = convertText(unknown(count), { ...plainOptions, to: 'classic' })
    expect(ok).toBe(true)
    expect(diagnostics.filter(({ code }) => code === 'not-convertible')).toHaveLength(count)
    expect(diagnostics.some(({ code }) => code === 'too-many')).toBe(false)
  })

  test('says how many it does not list, and then is not sure that nothing is lost', () => {
    const options = { ...plainOptions, to: 'classic' } as const
    const { ok, diagnostics } = convertText(unknown(5000), options)
    expect(ok).toBe(true)
    const others = convertText(unknown(0), options).diagnostics.length
    const more = /^(\d+) more findings/.exec(diagnostics.find(({ code }) => code === 'too-many')!.message)
    expect(diagnostics.length - 1 + Number(more?.[1])).toBe(5000 + others)
    expect(convertText(unknown(5000), { ...options, isStrict: true }).ok).toBe(false)
  })

  test('is the same twice', () => {
    const options = { ...plainOptions, to: 'yaml' } as const
    expect(convertText(unknown(3), options)).toEqual(convertText(unknown(3), options))
  })

  test('offers no change of a file that is not one of ours', () => {
    const text = unknown(0).replace('version: 2', 'version: 2\n  token: 300 ms')
    const { diagnostics } = convertText(text, { ...plainOptions, to: 'classic' })
    expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
    expect(diagnostics.every(({ fix }) => fix === null)).toBe(true)
  })
})
