import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  parseSandboxState,
  readSandboxFile,
  sandboxFilePath,
  writeSandboxFile,
  type SandboxState,
} from '../../../src/sandbox/sandbox-file.js'
import { sandboxOf } from './sandboxes.js'

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ais-sandbox-file-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const running: SandboxState = {
  ...sandboxOf(3),
  madeDirectory: '/tmp/made',
  shortcut: '/tmp/ais-sandbox-0',
  partition: [['node2'], ['node1', 'node3']],
  nodes: sandboxOf(3).nodes.map((node, index) => ({ ...node, pid: 100 + index, startTime: '4711' })),
}

test('what is written is read, and nothing else is left in the directory', async () => {
  expect(await readSandboxFile(directory)).toBeNull()
  await writeSandboxFile(directory, sandboxOf(1))
  await writeSandboxFile(directory, running)
  expect(await readSandboxFile(directory)).toEqual(running)
  expect(readdirSync(directory)).toEqual(['sandbox.json'])
  expect(statSync(sandboxFilePath(directory)).mode & 0o777).toBe(0o600)
})

test('a file that is a link, or no file, is not used', async () => {
  await writeSandboxFile(directory, running)
  const other = mkdtempSync(join(tmpdir(), 'ais-sandbox-file-'))
  symlinkSync(sandboxFilePath(directory), sandboxFilePath(other))
  await expect(readSandboxFile(other)).rejects.toThrow(`cannot read ${sandboxFilePath(other)}: ELOOP`)
  rmSync(other, { recursive: true })
  expect(await readSandboxFile(join(sandboxFilePath(directory), 'deeper'))).toBeNull()
})

test('a damaged file is an error with what to do', async () => {
  writeFileSync(sandboxFilePath(directory), '{"version":1')
  await expect(readSandboxFile(directory)).rejects.toMatchObject({
    message: `${sandboxFilePath(directory)} is damaged: it is not JSON`,
    suggestions: [`end its processes, if any are left, and remove ${directory}`],
  })
})

const [node] = running.nodes
test.each<[string, Record<string, unknown>]>([
  ['its version is 2, known is 1', { version: 2 }],
  ['phase is not one of those known', { phase: 'gone' }],
  ['clusterName is no text', { clusterName: 7 }],
  ['mcastPort is no number', { mcastPort: '6000' }],
  ['madeDirectory is no path', { madeDirectory: 'here' }],
  ['shortcut is no path', { shortcut: 1 }],
  ['nodes are not a list of nodes', { nodes: {} }],
  ['nodes are not a list of nodes', { nodes: [{ ...node, pid: 1 }] }],
  ['nodes are not a list of nodes', { nodes: [{ ...node, pid: -7 }] }],
  ['nodes are not a list of nodes', { nodes: [{ ...node, startTime: null }] }],
  ['nodes are not a list of nodes', { nodes: [{ ...node, name: '../node1' }] }],
  ['nodes are not a list of nodes', { nodes: Array.from({ length: 99 }, () => node) }],
  ['two nodes have one name', { nodes: [node, node] }],
  ['partition does not fit the nodes', { partition: [['node1', 'node2'], ['node4']] }],
  ['partition does not fit the nodes', { partition: [['node1', 'node2', 'node2']] }],
  ['partition does not fit the nodes', { partition: 'node1' }],
])('%s: it is not believed', (what, change) => {
  expect(parseSandboxState(JSON.stringify({ version: 1, ...running, ...change }))).toBe(what)
})

test('text of other kinds is not believed', () => {
  for (const text of ['null', '[]', '7', '"sandbox"'])
    expect(parseSandboxState(text)).toBe('it is not an object')
})
