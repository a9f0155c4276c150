import { readdirSync, readFileSync } from 'node:fs'
import { readText, root } from './texts.js'

const example = readFileSync(`${root}examples/watch-cluster.ts`, 'utf8')

test('the README shows the example as it is', () => {
  const blocks = [...readText('README.md').text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  expect(blocks).toEqual([example])
})

const examples = readdirSync(`${root}examples`).filter((name) => name.endsWith('.ts'))

test.each(examples)('%s is as short as it claims to be easy', (name) => {
  expect(readFileSync(`${root}examples/${name}`, 'utf8').split('\n').length).toBeLessThan(40)
})
