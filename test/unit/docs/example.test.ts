import { readdirSync, readFileSync } from 'node:fs'
import { readText, root } from './texts.js'

const shown = ['watch-cluster', 'write-checkpoint', 'process-group'].map((name) =>
  readFileSync(`${root}examples/${name}.ts`, 'utf8'),
)

test('the README shows the examples as they are', () => {
  const blocks = [...readText('README.md').text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code)
  expect(blocks).toEqual(shown)
})

const examples = readdirSync(`${root}examples`).filter((name) => name.endsWith('.ts'))

test.each(examples)('%s is as short as it claims to be easy', (name) => {
  expect(readFileSync(`${root}examples/${name}`, 'utf8').split('\n').length).toBeLessThan(40)
})
