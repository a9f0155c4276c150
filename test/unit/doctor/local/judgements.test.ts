import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check, CheckResult, DoctorContext } from '../../../../src/doctor/check.js'
import { judgeEventLoop } from '../../../../src/doctor/local/event-loop.js'
import { judgeNameResolution, loopbackLines } from '../../../../src/doctor/local/name-resolution.js'
import { judgeNodeVersion } from '../../../../src/doctor/local/node-version.js'
import { judgeSocket, type SocketObservation } from '../../../../src/doctor/local/socket.js'
import { judgeStateDirectory, observeDirectory } from '../../../../src/doctor/local/state-directory.js'
import { runCheck } from '../../../../src/doctor/run.js'

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
  const debian = '127.0.0.1\tlocalhost\n# this host\n127.0.1.1\tshop1.example.org\tshop1 # by the installer\n'

  test('127.0.1.1 for this host is found with its line, and what to write', () => {
    expect(loopbackLines(debian, 'shop1')).toEqual([{ line: 3, address: '127.0.1.1' }])
    const finding = judgeNameResolution(debian, 'shop1', '10.0.0.1')
    expect(finding.status).toBe('warn')
    expect(finding.message).toContain('/etc/hosts:3')
    expect(finding.message).toContain('127.0.1.1')
    expect(finding.remedy).toContain('10.0.0.1 shop1')
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
  const seen = { nearest: '/var/lib/ais', error: null, freeOctets: 2 ** 30, isVolatile: false, writeMs: 3 }

  test.each([
    ['well', {}, 'ok'],
    ['not to be written', { error: 'EACCES' }, 'fail'],
    ['full', { freeOctets: 1000 }, 'warn'],
    ['in memory', { isVolatile: true }, 'warn'],
    ['slow', { writeMs: 4700 }, 'warn'],
  ])('%s', (_name, rest, status) => {
    expect(judgeStateDirectory('/var/lib/ais', { ...seen, ...rest }).status).toBe(status)
  })

  test('one is really written; one that is missing is looked at where it would be made', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ais-doctor-'))
    try {
      expect(await observeDirectory(directory)).toMatchObject({ nearest: directory, error: null })
      expect(await observeDirectory(join(directory, 'a', 'b'))).toMatchObject({
        nearest: directory,
        error: null,
      })
      writeFileSync(join(directory, 'file'), '')
      expect((await observeDirectory(join(directory, 'file'))).error).toBe('not a directory')
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
  }

  test.each<[string, Partial<SocketObservation>, string, string]>([
    ['to be made', {}, 'ok', 'can be made'],
    ['an executive answers', { present: 'socket', executivePid: 7 }, 'ok', 'pid 7'],
    ['left behind', { present: 'socket' }, 'ok', 'taken over'],
    ['a file', { present: 'other' }, 'fail', 'no socket'],
    ['no place', { error: 'EACCES' }, 'fail', 'EACCES'],
    ['no group', { hasGroup: false }, 'warn', 'no group "ais"'],
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
  const context = { network: { ok: false } } as DoctorContext
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
