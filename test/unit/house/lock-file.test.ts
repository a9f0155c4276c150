import { readFileSync } from 'node:fs'

test('package-lock.json names every optional package, or npm ci would refuse it', async () => {
  const root = new URL('../../../', import.meta.url).pathname
  const { findMissing } = (await import(`${root}scripts/complete-lock.mjs`)) as {
    findMissing: (packages: Record<string, unknown>) => [string, string][]
  }
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
    packages: Record<string, unknown>
  }
  // To complete it: node scripts/complete-lock.mjs
  expect(findMissing(lock.packages).map(([name]) => name)).toEqual([])
  const bare = { '': {}, 'node_modules/a': { optionalDependencies: { 'a-linux-x64': '1.0.0' } } }
  expect(findMissing(bare).map(([name]) => name)).toEqual(['a-linux-x64'])
})
