import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lock } from '../../../src/exec/lock.js'

describe('Lock', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ais-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  test('a held one is refused with the pid of its holder', async () => {
    const lock = await Lock.acquire(directory)
    await expect(Lock.acquire(directory)).rejects.toMatchObject({
      kind: 'failed',
      message: `another executive with pid ${process.pid} holds the state directory ${directory}`,
      hint: expect.stringContaining('statedir'),
    })
    await lock.release()
  })

  test('a released one leaves nothing behind and can be had again', async () => {
    await (await Lock.acquire(directory)).release()
    expect(await readdir(directory)).toEqual([])
    await (await Lock.acquire(directory)).release()
  })

  test('a refused starter leaves nothing behind', async () => {
    const lock = await Lock.acquire(directory)
    await expect(Lock.acquire(directory)).rejects.toThrow()
    expect(await readdir(directory)).toEqual(['lock'])
    await lock.release()
  })

  test('of several starters in one process one wins', async () => {
    const starters = await Promise.allSettled(Array.from({ length: 20 }, () => Lock.acquire(directory)))
    const winners = starters.filter((starter) => starter.status === 'fulfilled')
    expect(winners).toHaveLength(1)
    await winners[0].value.release()
  })

  test('an empty lock, left by one that died while it released, is taken', async () => {
    await mkdir(join(directory, 'lock'))
    await (await Lock.acquire(directory)).release()
  })

  test('a holder that does not answer is alive all the same', async () => {
    await mkdir(join(directory, 'lock'))
    const server = createServer(() => undefined)
    await new Promise<void>((resolve) => server.listen(join(directory, 'lock', 'mute'), resolve))
    await expect(Lock.acquire(directory)).rejects.toMatchObject({
      message: expect.stringContaining('does not answer'),
    })
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.unref()
      resolve()
    })
  })

  test('what an unfinished start left long ago is cleaned up; a young one may be at work', async () => {
    for (const name of ['lock.00000000', 'lock.11111111']) await mkdir(join(directory, name))
    await utimes(join(directory, 'lock.00000000'), 1000, 1000)
    await (await Lock.acquire(directory)).release()
    expect(await readdir(directory)).toEqual(['lock.11111111'])
  })

  test('a directory whose path is too long for a socket is a clear error', async () => {
    const long = join(directory, 'x'.repeat(100))
    await mkdir(long)
    await expect(Lock.acquire(long)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the path of the state directory is \d+ octets too long for a Unix socket/,
      ),
    })
  })

  test('a directory that is not there is a clear error', async () => {
    await expect(Lock.acquire(join(directory, 'missing'))).rejects.toMatchObject({
      message: expect.stringMatching(/^cannot lock the state directory: ENOENT: no such file or directory$/),
    })
  })
})
