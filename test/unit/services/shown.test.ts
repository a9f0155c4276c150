import { shown } from '../../../src/services/shown.js'

test.each([
  [undefined, 'nothing'],
  [null, 'null'],
  ['a\nb', '"a\\nb"'],
  [2n ** 64n - 1n, '"18446744073709551615"'],
  [{ nodeId: [2n ** 63n] }, '{"nodeId":["9223372036854775808"]}'],
  [{ data: new Uint8Array(9) }, '{"data":"9 octets"}'],
  [{ data: Buffer.alloc(9) }, '{"data":"9 octets"}'],
  ['x'.repeat(100), `"${'x'.repeat(59)}…`],
])('%p is shown as %s', (value, text) => {
  expect(shown(value)).toBe(text)
})
