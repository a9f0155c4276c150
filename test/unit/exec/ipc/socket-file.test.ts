import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RawClient } from '../../../helpers/ipc/raw-client.js'
import { serve, type Serving } from '../../../helpers/ipc/serving.js'

let directory: string
let path: string
const serving: Serving[] = []
const servers: Server[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ais-socket-'))
  path = join(directory, 'ais.sock')
})

afterEach(async () => {
  for (const each of serving.splice(0)) await each.close()
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  rmSync(directory, { recursive: true, force: true })
})

async function start(at = path): Promise<Serving> {
  const started = await serve({ path: at })
  serving.push(started)
  return started
}

/** A program that listens there and answers to everybody what the test wants. */
async function occupy(answer: Buffer): Promise<void> {
  const server = createServer((socket) => socket.resume().write(answer)).listen(path)
  servers.push(server)
  await once(server, 'listening')
}

/** A process that listened there and was killed: its socket stays. */
async function leaveDeadSocket(): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
}

test('the socket is there as long as the executive, and nothing else beside it', async () => {
  const { server } = await start()
  expect(lstatSync(path).isSocket()).toBe(true)
  expect(readdirSync(directory)).toEqual(['ais.sock'])
  await server.close()
  expect(readdirSync(directory)).toEqual([])
})

test('only this user, or the group ais if there is one, may connect', async () => {
  const { log } = await start()
  const group = /^ais:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))
  const mode = lstatSync(path).mode & 0o777
  if (group === null) {
    expect(mode).toBe(0o600)
    expect(log).toEqual(['notice there is no group ais: only this user and root may connect'])
  } else {
    expect([mode, lstatSync(path).gid]).toEqual([0o660, Number(group[1])])
  }
})

test('its directory is made', async () => {
  await start(join(directory, 'a', 'b', 'ais.sock'))
  expect(lstatSync(join(directory, 'a', 'b', 'ais.sock')).isSocket()).toBe(true)
})

test('what a killed process left is taken over, whoever starts first of many', async () => {
  await leaveDeadSocket()
  expect(existsSync(path)).toBe(true)
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => start()))
  const started = outcomes.filter(({ status }) => status === 'fulfilled')
  const reasons = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [String(outcome.reason)] : [],
  )
  expect(started).toHaveLength(1)
  for (const reason of reasons) expect(reason).toMatch(`is in use: the executive with pid ${process.pid}`)
  const client = await RawClient.greet(path)
  expect(await client.ask(1, 'ais.ping')).toEqual([2, 1, null])
  await client.close()
  expect(readdirSync(directory)).toEqual(['ais.sock'])
})

test('a live one is refused with the pid that answers', async () => {
  await start()
  await expect(start()).rejects.toThrow(
    `${path} is in use: the executive with pid ${process.pid} answers there (node seven, id 7)`,
  )
  const client = await RawClient.greet(path)
  expect(await client.ask(1, 'ais.ping')).toEqual([2, 1, null])
  await client.close()
  expect(readdirSync(directory)).toEqual(['ais.sock'])
})

test.each<[string, Buffer, RegExp]>([
  [
    'another program',
    Buffer.from('220 smtp\r\n'),
    /is in use: a program that is not an executive answers there/,
  ],
  ['nothing', Buffer.alloc(0), /is in use: an executive that does not answer/],
])('%s that answers there is refused', async (_, answer, message) => {
  await occupy(answer)
  await expect(start()).rejects.toThrow(message)
  expect(lstatSync(path).isSocket()).toBe(true)
})

test('what is not a socket is left alone', async () => {
  writeFileSync(path, 'precious')
  await expect(start()).rejects.toThrow(/ais\.sock is there and is not a socket/)
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test("another executive's socket at the same path is not removed", async () => {
  const first = await start()
  rmSync(path)
  const second = await start()
  const { ino } = lstatSync(path)
  await first.server.close()
  expect(lstatSync(path).ino).toBe(ino)
  await second.server.close()
  expect(existsSync(path)).toBe(false)
})

test('a path that is too long, or a directory that cannot be, is said with what to do', async () => {
  const long = join(directory, 'x'.repeat(100), 'ais.sock')
  await expect(start(long)).rejects.toMatchObject({
    message: expect.stringMatching(/the path of the socket has \d+ octets, at most 107 are possible/),
    hint: 'choose a shorter socket in network.conf',
  })
  writeFileSync(join(directory, 'file'), '')
  await expect(start(join(directory, 'file', 'ais.sock'))).rejects.toThrow(
    /cannot listen at .*: ENOTDIR: not a directory|cannot make .*file: /,
  )
})

test('a path of 107 octets can be used', async () => {
  const name = 's'
  const longest = join(directory, 'd'.repeat(107 - directory.length - 2 - name.length), name)
  expect(longest).toHaveLength(107)
  await start(longest)
  const client = await RawClient.greet(longest)
  await client.close()
})

describe('the directory in /tmp', () => {
  const uid = process.getuid!()
  const own = `/tmp/ais-${uid}`
  const isFree = !existsSync(own)
  if (!isFree) process.stderr.write(`skipped: the directory in /tmp: there is ${own} already\n`)
  const testFree = isFree ? test : test.skip

  testFree('is for this user alone; one that is not is refused, and a link is', async () => {
    try {
      const { server } = await start(join(own, 'ais.sock'))
      expect(lstatSync(own).mode & 0o777).toBe(0o700)
      await server.close()
      chmodSync(own, 0o755)
      await expect(start(join(own, 'ais.sock'))).rejects.toThrow(
        /not a directory that only this user can use/,
      )
      rmSync(own, { recursive: true })
      mkdirSync(join(directory, 'elsewhere'), { mode: 0o700 })
      symlinkSync(join(directory, 'elsewhere'), own)
      await expect(start(join(own, 'ais.sock'))).rejects.toThrow(
        /not a directory that only this user can use/,
      )
    } finally {
      rmSync(own, { recursive: true, force: true })
    }
  })
})
