import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, runAis, type Run } from './run-ais.js'

// The real command; test/package runs what it writes.

const files = ['.gitignore', 'README.md', 'groups.conf', 'package.json', 'src/main.ts', 'tsconfig.json']

let work: string

beforeEach(() => (work = mkdtempSync(join(tmpdir(), 'ais-app-'))))
afterEach(() => rmSync(work, { recursive: true, force: true }))

const init = (...args: string[]): Promise<Run> => runAis(['app', 'init', ...args], { cwd: work })
const textOf = (...path: string[]): string => readFileSync(join(work, ...path), 'utf8')

test('writes a project, named after the directory, and says what comes next', async () => {
  const { code, stdout, stderr } = await init('shops/counter')
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(`counter: ${files.join(', ')}\n`)
  expect(stdout).toMatch(/ cd shops\/counter\n.* npm install/)
  expect(stdout).toContain('ais cluster up --nodes 2 --groups groups.conf')
  for (const file of files) expect(textOf('shops/counter', file)).not.toMatch(/\{\{|\}\}/)
  const { devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
  expect(JSON.parse(textOf('shops/counter/package.json'))).toMatchObject({
    name: 'counter',
    dependencies: { ais: expect.stringMatching(/^file:\//) },
    devDependencies: {
      typescript: devDependencies.typescript,
      '@types/node': devDependencies['@types/node'],
    },
  })
  expect(textOf('shops/counter/src/main.ts')).toContain("checkpointOpen('counter',")
})

test('its groups.conf is good, with the name that was given', async () => {
  expect((await init('app', '--name', 'pay.ments_2')).code).toBe(0)
  const validated = await runAis(['config', 'validate', join(work, 'app', 'groups.conf'), '--json'])
  expect(JSON.parse(validated.stdout)).toMatchObject({ valid: true, diagnostics: [] })
  expect(textOf('app/groups.conf')).toContain('name=pay.ments_2-unit-1\n')
})

test('with --json one line', async () => {
  const { stdout, stderr } = await init('app', '--json')
  expect([JSON.parse(stdout), stderr]).toEqual([{ directory: join(work, 'app'), name: 'app', files }, ''])
})

test('a directory that is not empty is left alone; with --force it is used', async () => {
  mkdirSync(join(work, 'app'))
  writeFileSync(join(work, 'app', 'README.md'), 'mine')
  writeFileSync(join(work, 'app', 'notes'), 'mine')
  const refused = await init('app')
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain('is not empty: nothing was written')
  expect(refused.stderr).toContain('Try: --force')
  expect(readdirSync(join(work, 'app')).sort()).toEqual(['README.md', 'notes'])
  expect((await init('app', '--force')).code).toBe(0)
  expect([textOf('app/README.md').slice(0, 5), textOf('app/notes')]).toEqual(['# app', 'mine'])
})

test('an empty directory is as good as none', async () => {
  mkdirSync(join(work, 'app'))
  expect((await init('app')).code).toBe(0)
})

test('a file is no directory', async () => {
  writeFileSync(join(work, 'app'), 'mine')
  const { code, stderr } = await init('app')
  expect([code, textOf('app')]).toEqual([1, 'mine'])
  expect(stderr).toContain(`${join(work, 'app')} cannot be used`)
})

test.each([
  [['App']],
  [['app', '--name', '']],
  [['app', '--name', '../x']],
  [['app', '--name', "a'b"]],
  [['app', '--name', 'x'.repeat(101)]],
  [[]],
])('%p is no name, nothing is written', async (args) => {
  const { code, stderr } = await init(...args)
  expect([code, readdirSync(work)]).toEqual([2, []])
  expect(stderr).toMatch(/cannot be the name of an application|Missing 1 required arg/)
})
