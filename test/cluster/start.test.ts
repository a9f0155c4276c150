import { jest } from '@jest/globals'
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { Daemon } from '../helpers/cluster/daemon.mjs'
import { runAis } from '../cli/run-ais.js'

jest.setTimeout(60_000)

describe('starting and ending', () => {
  let cluster: Cluster
  const children: ChildProcess[] = []

  const spawnExec = (
    index: number,
    args: readonly string[],
  ): ChildProcessByStdio<null, Readable, Readable> => {
    const command = ['bin/run.js', 'exec', '--config-dir', cluster.configDir(index), ...args]
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    return child
  }

  beforeEach(async () => {
    cluster = await Cluster.create({ hosts: loopbackHosts(2) })
  })

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await cluster.close()
  })

  const alone = (daemon: Daemon): Promise<unknown> =>
    daemon.configuration(({ members }) => members.length === 1, 'a ring of its own')

  test('a second executive on one state directory is refused with the pid of the first', async () => {
    const first = await cluster.start(0)
    await alone(first)
    const second = await cluster.start(1, { statedir: cluster.stateDir(0) })
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.log.join('\n')).toMatch(
      new RegExp(`another executive with pid ${first.pid} holds the state directory ${cluster.stateDir(0)}`),
    )
    expect(second.configurations).toEqual([])
    expect(first.exit).toBeUndefined()
  })

  test('a second executive on one address is refused with the pid of the first', async () => {
    const first = await cluster.start(0)
    await alone(first)
    const second = await cluster.start(1, { bindnetaddr: cluster.hosts[0].address })
    expect(await second.exited).toEqual({ code: 1, signal: null })
    expect(second.log.join('\n')).toContain(
      `${cluster.hosts[0].address}:${cluster.port - 1} is in use by the process with pid ${first.pid}`,
    )
  })

  test('after kill -9 an immediate start works, with a ring id that is new', async () => {
    for (let life = 0; life < 3; life++) {
      const daemon = life === 0 ? await cluster.start(0) : cluster.spawn(0)
      await alone(daemon)
      await daemon.kill()
    }
    const sequences = cluster.lives.map(({ daemon }) => daemon.configurations[0].ringId.sequence)
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences)
    expect(new Set(sequences).size).toBe(3)
    expect(cluster.lives[0].daemon.log.join('\n')).toMatch(
      /notice +exec .*ring sequences begin at the wall clock/,
    )
    expect(cluster.lives[1].daemon.log.join('\n')).not.toMatch(/wall clock/)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s leaves with exit code 0 and nothing behind',
    async (signal) => {
      const daemon = await cluster.start(0)
      await alone(daemon)
      daemon.signal(signal)
      expect(await daemon.exited).toEqual({ code: 0, signal: null })
      expect(await readdir(cluster.stateDir(0))).toEqual(['ring-sequence'])
    },
  )

  test('a second signal ends at once, with exit code 0', async () => {
    const daemon = await cluster.start(0)
    await alone(daemon)
    daemon.signal('SIGSTOP') // so that both signals are there when it runs again
    daemon.signal('SIGTERM')
    daemon.signal('SIGINT')
    daemon.signal('SIGCONT')
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
  })

  test('a damaged ring sequence file keeps it from starting, and is left as it is', async () => {
    await mkdir(cluster.stateDir(0), { recursive: true })
    const path = join(cluster.stateDir(0), 'ring-sequence')
    await writeFile(path, 'garbage\n')
    const daemon = await cluster.start(0)
    expect(await daemon.exited).toEqual({ code: 1, signal: null })
    expect(daemon.log.join('\n')).toMatch(/ring-sequence is damaged.*\n.*what to do: .*move the file away/)
    expect(await readFile(path, 'utf8')).toBe('garbage\n')
  })

  test('a missing network.conf is exit code 3, with the command that writes one', async () => {
    const daemon = new Daemon({ configDir: join(cluster.directory, 'nowhere') })
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    const log = daemon.log.join('\n')
    expect(log).toMatch(/nowhere\/network\.conf:1:1: error file-missing/)
    const hint = /what to do: ais (config init --config-dir \S+)$/m.exec(log)![1]
    const begun = await runAis([...hint.split(' '), '--interface', '127.0.0.1', '--yes'])
    expect([begun.code, begun.stderr]).toEqual([0, ''])
    expect(await readFile(join(cluster.directory, 'nowhere', 'network.conf'), 'utf8')).toContain('127.0.0.1')
    expect(daemon.otherLines).toEqual([])
  })

  test('a wrong network.conf is exit code 3, with the line', async () => {
    const daemon = await cluster.start(0, { token: 'soon' })
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.log.join('\n')).toMatch(/network\.conf:\d+:\d+: error [a-z-]+: .*token/)
  })

  test('a wrong groups.conf, or a lease too long for network.conf, is exit code 3', async () => {
    await (await cluster.start(0)).kill()
    const path = join(cluster.configDir(0), 'groups.conf')
    await writeFile(path, 'group {\n  name=raid\n  modle=nplusm\n}\n')
    const daemon = cluster.spawn(0)
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.log.join('\n')).toMatch(/groups\.conf:3:\d+: error [a-z-]+: .*modle/)
    await writeFile(path, 'lease=501\n')
    const other = cluster.spawn(0)
    expect(await other.exited).toEqual({ code: 3, signal: null })
    expect(other.log.join('\n')).toMatch(/groups\.conf:1:7: error value-conflict: lease \(501\) is longer/)
  })

  test('without a groups.conf it runs, and says once that AMF has nothing to do', async () => {
    const daemon = await cluster.start(0)
    await alone(daemon)
    expect(daemon.log.filter((line) => /notice +config .*groups\.conf.*AMF/.test(line))).toHaveLength(1)
  })

  test('no interface that fits is exit code 3', async () => {
    const daemon = await cluster.start(0, { bindnetaddr: '203.0.113.5' })
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.log.join('\n')).toMatch(/network\.conf:1:\d+: error interface-none/)
  })

  test('the log names the interface and why; it can be JSON', async () => {
    const daemon = await cluster.start(0, {}, ['--log-format', 'json', '--log-level', 'notice'])
    await alone(daemon)
    const lines = daemon.log.map((line) => JSON.parse(line) as Record<string, string>)
    expect(lines[0]).toMatchObject({ level: 'notice', subsystem: 'exec' })
    expect(lines[0]['message']).toContain(`pid ${daemon.pid}`)
    const choice = lines.find(({ message }) => message.startsWith('interface '))
    expect(choice).toMatchObject({ subsystem: 'config' })
    expect(choice!['message']).toMatch(/^interface lo, address 127\.0\.0\.1: ./)
    expect(lines.every(({ level }) => ['error', 'warning', 'notice'].includes(level))).toBe(true)
  })

  test('without --json it prints addresses and names', async () => {
    await (await cluster.start(0)).kill()
    const child = spawnExec(0, [])
    child.stdout.once('data', () => child.kill('SIGTERM'))
    const printed = await text(child.stdout)
    expect(printed).toMatch(/CONFIGURATION CHANGE: regular, ring \d+\/\d+\nNew Configuration:\n/)
    expect(printed).toContain('New Configuration:\n\t127.0.0.1\tnode-1\nMembers Left:\nMembers Joined:\n')
  })

  test('a reader of stdout that goes away does not end it', async () => {
    await (await cluster.start(1)).kill()
    const child = spawnExec(1, ['--json'])
    child.stdout.once('data', () => child.stdout.destroy())
    const log = text(child.stderr)
    await once(child.stdout, 'close')
    const other = await cluster.start(0)
    await other.configuration(({ members }) => members.length === 2, 'a ring with the one without a reader')
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect((await log).match(/stdout is closed/g)).toHaveLength(1)
  })

  test('an unknown flag is exit code 2', async () => {
    const daemon = new Daemon({ configDir: cluster.directory, args: ['--no-such-flag'] })
    expect(await daemon.exited).toEqual({ code: 2, signal: null })
  })
})
