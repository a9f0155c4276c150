import { readdirSync, readFileSync } from 'node:fs'
import { meaningOf, roundTrip } from '../../../helpers/convert.js'

const examples = (['network', 'groups'] as const).flatMap((kind) => {
  const folder = new URL(`../../../testdata/${kind === 'network' ? 'config' : 'groups'}/`, import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'))
  return names.flatMap((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8')
    const meaning = meaningOf(text, kind)
    return meaning === null ? [] : [{ kind, name, text, meaning }]
  })
})

describe('every good example, classic to another format of ours and back', () => {
  test('there are examples', () => expect(examples.length).toBeGreaterThan(30))

  describe.each(['yaml', 'json', 'classic'] as const)('%s', (format) => {
    test.each(examples)('$kind $name', ({ kind, text, meaning }) => {
      const { there, back } = roundTrip(text, kind, format)
      expect(there.ok).toBe(true)
      expect(back?.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(meaningOf(back!.text!, kind)).toBe(meaning)
    })
  })
})
