import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxOf } from '../unit/sandbox/sandboxes.js'
import { serve, type Serving } from '../helpers/ipc/serving.js'
import { runAis, type Run } from './run-ais.js'

// The command line of `ais cluster` where no cluster runs, and the flags by which commands find an executive.

let directory: string
beforeEach(() => (directory = realpathSync(mkdtempSync(join(tmpdir(), 'ais-cli-')))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const verbs = ['up', 'status', 'kill', 'stop', 'start', 'pause', 'resume', 'partition', 'heal', 'down']
const argumentsOf: Record<string, string[]> = { partition: ['node1'] }
for (const verb of ['kill', 'stop', 'start', 'pause', 'resume']) argumentsOf[verb] = ['node1']

describe.each(verbs)('ais cluster %s', (verb) => {
  test('says what it does, with examples', async () => {
    const run = await runAis(['cluster', verb, '--help'])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(new RegExp(`EXAMPLES\\n {2}\\$ ais cluster ${verb}`))
  })

  test('a wrong command line is exit code 2', async () => {
    expect(await runAis(['cluster', verb, ...(argumentsOf[verb] ?? []), '--dri', directory])).toMatchObject({
      code: 2,
      stdout: '',
    })
  })
})

test.each(verbs.filter((verb) => verb !== 'up' && verb !== 'down'))(
  'ais cluster %s without a sandbox says how to get one',
  async (verb) => {
    const args = ['cluster', verb, ...(argumentsOf[verb] ?? []), '--dir', directory]
    expect(await runAis(args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `ais: there is no sandbox in ${directory}\nTry: ais cluster up --dir ${directory}\n`,
    })
    const json = await runAis([...args, '--json'])
    expect([json.code, json.stderr]).toEqual([1, ''])
    expect(json.stdout).toBe(`{"error":{"message":"there is no sandbox in ${directory}","exitCode":1}}\n`)
  },
)

test.each([
  [['--nodes', '33'], 'less than or equal to 32'],
  [['--nodes', '0'], 'greater than or equal to 1'],
  [['--nodes', 'three'], 'Expected an integer'],
  [['--conf', 'token'], '--conf "token" is not KEY=VALUE'],
])('ais cluster up %j is refused, exit code 2', async (flags, message) => {
  const run = await runAis(['cluster', 'up', '--dir', join(directory, 'new'), ...flags])
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(message)])
})

test('ais cluster up does not use a directory that holds other things', async () => {
  writeFileSync(join(directory, 'letter.txt'), 'Dear')
  const run = await runAis(['cluster', 'up', '--dir', directory])
  expect([run.code, run.stderr.split('\n')[0]]).toEqual([
    1,
    `ais: ${directory} holds letter.txt and no sandbox`,
  ])
})

describe('the executive that a command talks to', () => {
  const nodes = (args: readonly string[], env: Record<string, string> = {}): Promise<Run> =>
    runAis(['clm', 'nodes', ...args], {
      cwd: directory,
      env: { AIS_SANDBOX_DIR: '', AIS_SOCKET: '', ...env },
    })

  const firstLine = async (run: Promise<Run>): Promise<[number | null, string]> => {
    const { code, stderr } = await run
    return [code, stderr.split('\n')[0]]
  }

  const noneAt = (path: string, reason: string): [number, string] => [
    4,
    `ais: no executive listens on ${path} (${reason})`,
  ]

  test('is that of --socket, else of $AIS_SOCKET, else of the settings', async () => {
    const path = (name: string): string => join(directory, name)
    writeFileSync(path('.aisrc'), JSON.stringify({ socket: path('settings') }))
    const env = { AIS_SOCKET: 'environment' }
    expect(await firstLine(nodes(['--socket', 'flag'], env))).toEqual(noneAt(path('flag'), '--socket'))
    expect(await firstLine(nodes([], env))).toEqual(noneAt(path('environment'), '$AIS_SOCKET'))
    const settings = noneAt(path('settings'), "socket of the user's settings")
    expect(await firstLine(nodes([]))).toEqual(settings)
  })

  test('is that of --node, in the directory of --dir or $AIS_SANDBOX_DIR', async () => {
    const state = sandboxOf(2)
    const socket = join(directory, 'box', 'node2', 'ais.sock')
    const [node1, node2] = state.nodes
    mkdirSync(join(directory, 'box'))
    const text = JSON.stringify({ version: 1, ...state, nodes: [node1, { ...node2, socket }] })
    writeFileSync(join(directory, 'box', 'sandbox.json'), text)
    const none = noneAt(socket, `node2 of the sandbox in ${join(directory, 'box')}`)
    expect(await firstLine(nodes(['--node', 'node2', '--dir', 'box']))).toEqual(none)
    expect(await firstLine(nodes(['--node', 'node2'], { AIS_SANDBOX_DIR: 'box' }))).toEqual(none)
    const hints = (await nodes(['--node', 'node2', '--dir', 'box'])).stderr.split('\n').slice(1, 3)
    expect(hints).toEqual([
      `Try: ais cluster start node2 --dir ${join(directory, 'box')}`,
      `Try: ais cluster status --dir ${join(directory, 'box')}`,
    ])
    expect(await firstLine(nodes(['--node', 'nod2', '--dir', 'box']))).toEqual([
      1,
      'ais: the sandbox has no node "nod2"; did you mean "node2"?',
    ])
    expect(await firstLine(nodes(['--node', 'node2', '--dir', 'empty']))).toEqual([
      1,
      `ais: there is no sandbox in ${join(directory, 'empty')}`,
    ])
  })

  test('is named in one way only', async () => {
    expect((await nodes(['--node', 'node2', '--socket', 'flag'])).code).toBe(2)
    expect((await nodes(['--dir', 'box'])).code).toBe(2)
  })

  describe('that does not answer as it should', () => {
    let silent: Server | undefined
    let serving: Serving | undefined
    afterEach(async () => {
      await serving?.close()
      await new Promise<void>((resolve) => (silent === undefined ? resolve() : silent.close(() => resolve())))
      silent = serving = undefined
    })

    test('is given up at --timeout, exit code 5', async () => {
      const socket = join(directory, 'silent.sock')
      const server = createServer((connection) => connection.on('error', () => undefined).resume())
      silent = server
      await new Promise<void>((resolve) => server.listen(socket, resolve))
      const run = await nodes(['--socket', socket, '--timeout', '1', '--json'])
      expect(run.code).toBe(5)
      const message = 'ERR_TIMEOUT: no answer within 1 s'
      expect(JSON.parse(run.stdout)).toEqual({ error: { code: 'ERR_TIMEOUT', message, exitCode: 5 } })
    })

    test('is asked again while it says so, until --timeout, exit code 5', async () => {
      let asked = 0
      const onRequest = (request: { fail(code: 'ERR_TRY_AGAIN', message: string): void }): void => {
        asked++
        request.fail('ERR_TRY_AGAIN', 'the members are not known yet')
      }
      serving = await serve({ fronts: [{ name: 'clm', onRequest, onClientGone: () => undefined }] })
      const run = await nodes(['--socket', serving.path, '--timeout', '1'])
      expect([run.code, run.stderr]).toEqual([5, 'ais: ERR_TRY_AGAIN: the members are not known yet\n'])
      expect(asked).toBeGreaterThan(3)
    })

    test('fails with the name of its error, exit code 1', async () => {
      serving = await serve()
      const run = await nodes(['--socket', serving.path, '--json'])
      expect(run.code).toBe(1)
      expect(JSON.parse(run.stdout)).toMatchObject({ error: { code: 'ERR_NOT_SUPPORTED', exitCode: 1 } })
    })
  })
})
