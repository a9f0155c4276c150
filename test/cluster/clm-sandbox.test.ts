import { jest } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodesLine } from '../../src/programs/index.js'
import { runAis } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { StateReader } from './clm-scenarios.js'

jest.setTimeout(120_000)

let directory: string
let program: ClientProgram | undefined

beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-clm-sandbox-'))))

afterEach(async () => {
  if (program !== undefined && program.exit === undefined) await program.end('SIGKILL')
  await runAis(['cluster', 'down', '--dir', directory])
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function ais(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runAis([...args, '--dir', directory])
  expect([args.join(' '), code, code === 0 ? '' : stderr + stdout]).toEqual([args.join(' '), 0, ''])
  return stdout
}

/** All of these show the same members; @returns the number of their view */
async function agree(...names: string[]): Promise<number> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const lines = await Promise.all(
      names.map(async (name) => JSON.parse(await ais('clm', 'nodes', '--json', '--node', name)) as NodesLine),
    )
    const [first] = lines
    const isSame = lines.every(({ viewNumber }) => viewNumber === first!.viewNumber)
    if (isSame && first!.members.map(({ nodeName }) => nodeName).join() === names.join()) {
      for (const line of lines) expect({ ...line, localNodeId: first!.localNodeId }).toEqual(first)
      return first!.viewNumber
    }
    if (performance.now() > deadline)
      throw new Error(`${names.join()} do not agree: ${JSON.stringify(lines)}`)
  }
}

test('ais clm test in the sandbox: all that can happen to nodes, and members agree throughout', async () => {
  await ais('cluster', 'up', '--conf', 'token=300')
  await agree('node1', 'node2', 'node3')
  program = new ClientProgram(['clm', 'test', '--node', 'node1', '--dir', directory])
  const states = new StateReader(program)
  for (const name of ['node1', 'node2', 'node3']) await states.next('NO CHANGE', name)

  await ais('cluster', 'kill', 'node3')
  expect(await states.next('LEFT', 'node3')).toContain('\treason is failed')
  await agree('node1', 'node2')
  await ais('cluster', 'start', 'node3')
  await states.next('JOINED', 'node3')
  await agree('node1', 'node2', 'node3')

  await ais('cluster', 'stop', 'node2')
  expect(await states.next('LEFT', 'node2')).toContain('\treason is left')
  await agree('node1', 'node3')
  await ais('cluster', 'start', 'node2')
  await states.next('JOINED', 'node2')
  await agree('node1', 'node2', 'node3')

  await ais('cluster', 'pause', 'node2')
  expect(await states.next('LEFT', 'node2')).toContain('\treason is failed')
  await ais('cluster', 'resume', 'node2')
  await states.next('JOINED', 'node2')
  const together = await agree('node1', 'node2', 'node3')

  await ais('cluster', 'partition', 'node1,node2', '/', 'node3')
  expect(await states.next('LEFT', 'node3')).toContain('\treason is failed')
  expect(await agree('node1', 'node2')).toBeGreaterThan(together)
  await agree('node3')
  await ais('cluster', 'heal')
  await states.next('JOINED', 'node3')
  await agree('node1', 'node2', 'node3')
  states.expectNoMore()
  expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
})
