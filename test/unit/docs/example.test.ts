import { readFileSync } from 'node:fs'
import { readText, root } from './texts.js'

const example = readFileSync(`${root}examples/watch-cluster.ts`, 'utf8')

test('the README shows the example as it is', () => {
  const blocks = [...readText('README.md').text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  expect(blocks).toEqual([example])
})

test('it is as short as it claims to be easy', () => {
  expect(example.split('\n').length).toBeLessThan(40)
})
