import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check, CheckResult, DoctorContext } from '../../../../src/doctor/check.js'
import { judgeEventLoop } from '../../../../src/doctor/local/event-loop.js'
import { judgeNameResolution, loopbackLines } from '../../../../src/doctor/local/name-resolution.js'
import { judgeNodeVersion } from '../../../../src/doctor/local/node-version.js'
import { judgeSocket, type SocketObservation } from '../../../../src/doctor/local/socket.js'
import {
  judgeStateDirectory,
  observeDirectory,
  type DirectoryObservation,
} from '../../../../src/doctor/local/state-directory.js'
import { runCheck } from '../../../../src/doctor/run.js'

const UID = process.getuid?.() ?? 0

describe('Node version', () => {
  test.each([
    ['v20.19.0', 'ok'],
    ['v20.20.2', 'ok'],
    ['v22.1.0', 'ok'],
    ['v20.18.3', 'fail'],
    ['v18.20.0', 'fail'],
  ])('%s', (running, status) => {
    expect(judgeNodeVersion(running, '>=20.19').status).toBe(status)
  })
})

describe('name resolution', () => {
  const debian = '127.0.0.1 localhost\n# this host\n127.0.1.1 shop1.example.org shop1 # by the installer\n'

  test('127.0.1.1 for this host is found with its line, and what to write', () => {
    expect(loopbackLines(debian, 'shop1')).toMatchObject([{ line: 3, address: '127.0.1.1' }])
    const finding = judgeNameResolution(debian, 'shop1', '10.0.0.1')
    expect(finding.status).toBe('warn')
    expect(finding.message).toContain('/etc/hosts:3')
    expect(finding.message).toContain('127.0.1.1')
    expect(finding.remedy).toBe("sed -E -i -e '3s/127\\.0\\.1\\.1/10.0.0.1/' /etc/hosts")
  })

  test.each([
    [debian, '10.0.0.1 shop1.example.org shop1 # by the installer'],
    ['127.0.0.1 localhost shop1\n', '10.0.0.1 shop1'],
    ['127.0.0.1 shop1.example.org shop1 localhost\n::1 ip6-localhost shop1\n', '10.0.0.1 shop1'],
    ['127.0.0.1 localhost\n127.0.1.1 SHOP1\n127.0.0.1 shop1\n::1 shop1\n', '10.0.0.1 SHOP1'],
  ])('the command mends %j, and leaves localhost as it is', (hosts, line) => {
    const directory = mkdtempSync(join(tmpdir(), 'ais-doctor-'))
    try {
      const path = join(directory, 'hosts')
      writeFileSync(path, hosts)
      const { remedy } = judgeNameResolution(hosts, 'shop1', '10.0.0.1')
      execFileSync('sh', ['-c', remedy!.replace('/etc/hosts', path)])
      const mended = readFileSync(path, 'utf8')
      expect(mended.split('\n').map((text) => text.trim())).toContainEqual(line.replaceAll(/\s+/g, ' '))
      expect(judgeNameResolution(mended, 'shop1', '10.0.0.1').status).toBe('ok')
      const isLocal = (text: string): boolean => /\blocalhost/.test(text)
      expect(mended.split('\n').filter(isLocal)).toHaveLength(hosts.split('\n').filter(isLocal).length)
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  test('what this system says of the name counts, where /etc/hosts says nothing', () => {
    const hosts = '127.0.0.1 localhost\n'
    expect(judgeNameResolution(hosts, 'shop1', '10.0.0.1', '10.0.0.1').status).toBe('ok')
    expect(judgeNameResolution(hosts, 'shop1', '10.0.0.1', '127.0.0.2')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('getent ahosts shop1'),
      remedy: "echo '10.0.0.1 shop1' >>/etc/hosts",
    })
  })

  test('other hosts, comments, and hosts whose name begins alike are no matter', () => {
    expect(judgeNameResolution(debian, 'shop', '10.0.0.1').status).toBe('ok')
    expect(judgeNameResolution('#127.0.1.1 shop1\n10.0.0.1 shop1\n', 'shop1', '10.0.0.1').status).toBe('ok')
    expect(judgeNameResolution(null, 'shop1', null).status).toBe('skip')
  })

  test('a cluster on the loopback interface is not hurt', () => {
    expect(judgeNameResolution(debian, 'shop1', '127.0.0.1').status).toBe('ok')
  })
})

describe('state directory', () => {
  const room = { freeOctets: 2 ** 30, isVolatile: false, writeMs: 3 }
  const seen: DirectoryObservation = {
    nearest: '/var/lib/ais',
    error: null,
    ...room,
    ownerUid: 0,
    stray: null,
  }
  const judged = (rest: Partial<DirectoryObservation>, uid = 0, path = '/var/lib/ais') =>
    judgeStateDirectory(path, { ...seen, ...rest }, { uid, name: uid === 0 ? 'root' : 'shop' })

  test.each([
    ['well', {}, 'ok'],
    ['not to be written', { error: 'EACCES' }, 'fail'],
    ['full', { freeOctets: 1000 }, 'warn'],
    ['in memory', { isVolatile: true }, 'warn'],
    ['slow', { writeMs: 4700 }, 'warn'],
  ])('%s', (_name, rest, status) => {
    expect(judged(rest).status).toBe(status)
  })

  test('of another user: whose it is, and the command that gives it to this one', () => {
    const denied = judged({ error: 'EACCES', ownerUid: 7 }, 1000)
    expect(denied).toMatchObject({ status: 'fail', remedy: 'sudo chown -R shop /var/lib/ais' })
    expect(denied.message).toContain("cannot be written by shop, it is uid 7's")
    const parent = judged({ nearest: '/var/lib', error: 'EACCES' }, 1000)
    expect(parent.remedy).toBe('sudo install -d -m 700 -o shop /var/lib/ais')
    expect(judged({ error: 'EROFS' }).remedy).toBe('write another statedir in network.conf')
  })

  test('with files of another user, which an executive before left', () => {
    const stray = { path: '/var/lib/ais/lock', ownerUid: 0 }
    expect(judged({ stray }, 1000)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('/var/lib/ais/lock belongs to uid 0'),
      remedy: 'sudo chown -R shop /var/lib/ais',
    })
    expect(judged({ stray, ownerUid: 990 })).toMatchObject({
      status: 'warn',
      remedy: 'chown -R 990 /var/lib/ais',
    })
  })

  test('of too long a path for the socket of its lock', () => {
    expect(judged({}, 0, `/${'a'.repeat(83)}`).status).toBe('ok')
    expect(judged({}, 0, `/${'a'.repeat(84)}`)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('1 octets too long'),
    })
  })

  test('one is really written; one that is missing is looked at where it would be made', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ais-doctor-'))
    try {
      expect(await observeDirectory(directory, UID)).toMatchObject({ nearest: directory, error: null })
      expect(await observeDirectory(join(directory, 'a', 'b'), UID)).toMatchObject({
        nearest: directory,
        error: null,
      })
      writeFileSync(join(directory, 'file'), '')
      expect((await observeDirectory(join(directory, 'file'), UID)).error).toBe('not a directory')
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('socket', () => {
  const seen: SocketObservation = {
    path: '/run/ais/ais.sock',
    present: 'nothing',
    executivePid: null,
    error: null,
    hasGroup: true,
    isRoot: true,
  }

  test.each<[string, Partial<SocketObservation>, string, string]>([
    ['to be made', {}, 'ok', 'can be made'],
    ['an executive answers', { present: 'socket', executivePid: 7 }, 'ok', 'pid 7'],
    ['left behind', { present: 'socket' }, 'ok', 'taken over'],
    ['a file', { present: 'other' }, 'fail', 'no socket'],
    ['no place', { error: 'EACCES' }, 'fail', 'EACCES'],
    ['no group, of root', { hasGroup: false }, 'warn', 'no group "ais"'],
    ['no group, of another user', { hasGroup: false, isRoot: false }, 'ok', 'no group "ais"'],
    ['too long a path', { path: `/${'é'.repeat(54)}` }, 'fail', '109'],
  ])('%s', (_name, rest, status, words) => {
    const finding = judgeSocket({ ...seen, ...rest })
    expect(finding.status).toBe(status)
    expect(finding.message).toContain(words)
  })
})

test('a late event loop is judged by the token timeout', () => {
  const seen = { p99Ms: 2, maxMs: 100, cpus: 2, load: 0.5 }
  expect(judgeEventLoop(seen, 1000).status).toBe('ok')
  expect(judgeEventLoop(seen, 300).status).toBe('warn')
  expect(judgeEventLoop(seen, 100).status).toBe('fail')
})

describe('a check', () => {
  const context = { peers: [] as readonly string[] } as DoctorContext
  const result: CheckResult = {
    id: 'x',
    title: 'x',
    status: 'ok',
    message: 'well',
    remedy: null,
    details: {},
  }
  const check = (run: Check['run']): Check => ({ id: 'x', title: 'x', run })

  test('that answers is told', async () => {
    expect(
      await runCheck(
        check(() => Promise.resolve(result)),
        context,
      ),
    ).toEqual([result])
    expect(
      await runCheck(
        check(() => Promise.resolve([result, result])),
        context,
      ),
    ).toHaveLength(2)
  })

  test('that throws is a failure, and ends nothing else', async () => {
    const [told] = await runCheck(
      check(() => Promise.reject(new Error('no luck\n at stack'))),
      context,
    )
    expect(told).toMatchObject({ status: 'fail', message: 'the check itself failed: no luck' })
  })

  test('that hangs is a failure', async () => {
    const [told] = await runCheck(
      check(() => new Promise(() => undefined)),
      context,
      20,
    )
    expect(told).toMatchObject({ status: 'fail', message: expect.stringContaining('did not end') })
  })
})
