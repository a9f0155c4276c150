import { readFileSync } from 'node:fs'
import { convertText } from '../../../../src/config/convert/convert.js'
import { meaningOf, plainOptions } from '../../../helpers/convert.js'

const source = readFileSync(
  new URL('../../../testdata/convert/amf/openais-style.in', import.meta.url),
  'utf8',
)

function converted(text: string, from: 'amf' | 'classic', to: 'amf' | 'classic'): string {
  const { text: made, diagnostics } = convertText(text, { ...plainOptions, from, kind: 'groups', to })
  if (made === null) throw new Error(diagnostics.map(({ message }) => message).join('\n'))
  return made
}

/** Names of components, as the groups.conf has them. */
const componentsOf = (classic: string): string[] =>
  [...classic.matchAll(/component \{\n\s*name=(.*)/g)].map(([, name]) => name)

test('components of one name in several units keep their whole names by way of groups.conf', () => {
  const classic = converted(source, 'amf', 'classic')
  expect(componentsOf(classic)).toEqual([
    'safComp=reader,safSu=STOCK_A,safSg=STOCK,safApp=SHOP-1',
    'safComp=writer,safSu=STOCK_A,safSg=STOCK,safApp=SHOP-1',
    'safComp=reader,safSu=STOCK_B,safSg=STOCK,safApp=SHOP-1',
    'safComp=writer,safSu=STOCK_B,safSg=STOCK,safApp=SHOP-1',
  ])
  const again = converted(converted(classic, 'classic', 'amf'), 'amf', 'classic')
  expect(meaningOf(again, 'groups')).toEqual(meaningOf(classic, 'groups'))
  // And is as openais had it: short within its unit.
  expect(converted(classic, 'classic', 'amf')).toContain('safComp = reader {')
})

test('a name that only looks like a whole one stays as it is, and is refused', () => {
  const classic = converted(source, 'amf', 'classic').replaceAll('safSu=STOCK_B,', 'safSu=ELSEWHERE,')
  const { text, diagnostics } = convertText(classic, {
    ...plainOptions,
    from: 'classic',
    kind: 'groups',
    to: 'amf',
  })
  expect(text).toBeNull()
  expect(diagnostics.map(({ message }) => message).join('\n')).toContain('an amf.conf cannot hold the name')
})
