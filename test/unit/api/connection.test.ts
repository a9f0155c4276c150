import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection, type ConnectionOptions } from '../../../src/api/connection.js'
import { NoExecutiveError, type AisErrorName } from '../../../src/api/index.js'
import { limits } from '../../../src/base/index.js'
import type { ServerHello } from '../../../src/ipc/index.js'
import { frameOf } from '../../helpers/ipc/raw-client.js'
import { serve, testNode, type Serving } from '../../helpers/ipc/serving.js'

const connections: Connection[] = []
const closing: (() => Promise<unknown>)[] = []
let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ais-api-'))
  path = join(directory, 'ais.sock')
})

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close()
  for (const close of closing.splice(0)) await close()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<Serving> {
  const serving = await serve({ path })
  closing.push(() => serving.close())
  return serving
}

async function open(options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await Connection.open({ socket: path, program: 'test', ...options })
  connections.push(connection)
  return connection
}

const hello = {
  magic: 'ais',
  version: 1,
  pid: 1,
  ...testNode,
  limits: { frameOctets: 1, requests: 1, holds: 1 },
}

/** An executive that does only what the test says. */
async function pretend(onConnection: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  }).listen(path)
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  await once(server, 'listening')
  return server
}

/** Of a call that fails: the name of its error, and its message. */
async function failure(call: Promise<unknown>): Promise<{ code: AisErrorName; message: string }> {
  return call.then(
    (result) => Promise.reject(new Error(`it did not fail but gave ${String(result)}`)),
    (error) => error as { code: AisErrorName; message: string },
  )
}

/** Awaits what the owner of a connection is told. */
function watch(connection: Connection): { lost: Promise<string>; restored: Promise<ServerHello> } {
  let onRestored: (hello: ServerHello) => void
  let onLost: (code: string) => void
  const lost = new Promise<string>((resolve) => (onLost = resolve))
  const restored = new Promise<ServerHello>((resolve) => (onRestored = resolve))
  connection.owner = {
    onLost: ({ message }) => onLost(message),
    onRestored: (told) => onRestored(told),
  }
  return { lost, restored }
}

describe('open', () => {
  test('says who answers', async () => {
    await start()
    expect((await open()).hello).toMatchObject({ ...testNode, version: 1, pid: process.pid })
  })

  test('nobody there: ERR_TRY_AGAIN with the path and what to do', async () => {
    const error = await failure(open())
    expect(error).toBeInstanceOf(NoExecutiveError)
    expect(error).toMatchObject({ code: 'ERR_TRY_AGAIN', socket: path })
    expect(error.message).toContain(path)
    expect(error.message).toContain('ais exec')
  })

  test('a killed executive left its socket: the same', async () => {
    const serving = await start()
    const { rename } = await import('node:fs/promises')
    await rename(path, `${path}.kept`)
    await serving.server.close()
    expect(await failure(open({ socket: `${path}.kept` }))).toBeInstanceOf(NoExecutiveError)
  })

  test('a path too long: ERR_INVALID_PARAM', async () => {
    expect(await failure(open({ socket: `/${'x'.repeat(200)}` }))).toMatchObject({
      code: 'ERR_INVALID_PARAM',
    })
  })

  test('no answer to the hello: ERR_TIMEOUT', async () => {
    await pretend((socket) => socket.resume())
    expect(await failure(open({ helloTimeoutMs: 50 }))).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  test('no common version: ERR_VERSION as the executive says it', async () => {
    await pretend((socket) => socket.write(frameOf([5, 'ERR_VERSION', 'this executive speaks 9'])))
    const error = await failure(open())
    expect(error).toMatchObject({ code: 'ERR_VERSION' })
    expect(error.message).toContain('this executive speaks 9')
  })

  test.each<[string, Buffer]>([
    ['garbage', Buffer.from('220 smtp ready\r\n')],
    ['no hello', frameOf([2, 1, null])],
    ['a hello of a version nobody asked for', frameOf([0, { ...hello, version: 2 }])],
    ['a hello without a node', frameOf([0, { ...hello, nodeId: null }])],
  ])('%s: ERR_LIBRARY', async (_, answer) => {
    await pretend((socket) => socket.write(answer))
    expect(await failure(open())).toMatchObject({ code: 'ERR_LIBRARY' })
  })

  test('$AIS_SOCKET is where it looks when it is not told', async () => {
    await start()
    const before = process.env['AIS_SOCKET']
    process.env['AIS_SOCKET'] = path
    try {
      expect((await open({ socket: undefined })).socket).toBe(path)
    } finally {
      if (before === undefined) delete process.env['AIS_SOCKET']
      else process.env['AIS_SOCKET'] = before
    }
  })
})

describe('calls', () => {
  test('are answered, or fail with the name of their error and both of its numbers', async () => {
    const { front } = await start()
    const connection = await open()
    front.onRequest = (request) => request.fail('ERR_QUEUE_FULL', 'no more')
    expect(await connection.call('ais.echo', { a: [1n, 'x', null] })).toEqual({ a: [1, 'x', null] })
    expect(await failure(connection.call('test.x'))).toMatchObject({
      code: 'ERR_QUEUE_FULL',
      number: 23,
      numberA: 25,
      message: 'ERR_QUEUE_FULL: no more',
    })
  })

  test('many at a time, each gets its own answer, in whatever order they come', async () => {
    const { front } = await start()
    const connection = await open()
    const calls = Array.from({ length: 100 }, (_, index) => connection.call('test.x', index))
    while (front.requests.length < 100) await connection.call('ais.ping')
    for (const request of [...front.requests].reverse()) request.answer(request.params)
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  test('of one turn leave in one write', async () => {
    const chunks: Buffer[] = []
    await pretend((socket) => {
      socket.write(frameOf([0, hello]))
      socket.on('data', (chunk) => chunks.push(chunk))
    })
    const connection = await open()
    const before = chunks.length
    for (let i = 0; i < 50; i++) void connection.call('test.x', i).catch(() => undefined)
    await connection.drain()
    while (chunks.length === before) await new Promise((resolve) => setImmediate(resolve))
    expect(chunks.length - before).toBe(1)
  })

  test('a timeout fails the call: its outcome is unknown, and a late answer is nobody’s', async () => {
    const { front } = await start()
    const connection = await open()
    const error = await failure(connection.call('test.x', null, 20))
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(error.message).toMatch(/test\.x was not answered within 20 ms; the outcome is unknown/)
    front.requests[0]!.answer('late')
    expect(await connection.call('ais.echo', 1)).toBe(1)
  })

  test('what cannot be sent is ERR_INVALID_PARAM, and the connection goes on', async () => {
    await start()
    const connection = await open()
    for (const params of [() => 1, new Map(), new Uint8Array(limits.ipcFrameOctets), 2n ** 64n]) {
      expect(await failure(connection.call('ais.echo', params))).toMatchObject({ code: 'ERR_INVALID_PARAM' })
    }
    expect(await connection.call('ais.echo', 1)).toBe(1)
  })

  test('while the executive does not read, calls are bounded; drain() tells when to go on', async () => {
    let reading: Socket | undefined
    await pretend((socket) => {
      reading = socket
      socket.write(frameOf([0, hello]))
      socket.pause()
    })
    const connection = await open()
    const params = new Uint8Array(512 * 1024)
    const fullBefore: boolean[] = []
    let taken = 0
    let refused: Promise<unknown> | undefined
    while (taken < 1000 && refused === undefined) {
      fullBefore.push(connection.isFull)
      const call = connection.call('test.x', params)
      const isRefused = await Promise.race([
        call.catch(() => true),
        new Promise<boolean>((resolve) => setImmediate(resolve, false)),
      ])
      if (isRefused) refused = call
      else taken++
    }
    expect(taken * params.length).toBeGreaterThanOrEqual(limits.ipcCallOctets)
    expect(taken * params.length).toBeLessThan(limits.ipcCallOctets + 2 * 1024 * 1024)
    expect(await failure(refused!)).toMatchObject({ code: 'ERR_TRY_AGAIN' })
    expect([fullBefore[0], fullBefore.at(-1), connection.isFull]).toEqual([false, true, true])
    const good = fullBefore.filter((isFull) => !isFull).length
    expect(good / fullBefore.length).toBeGreaterThan(0.6)
    let isDrained = false
    const drained = connection.drain().then(() => (isDrained = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isDrained).toBe(false)
    reading!.resume()
    await drained
    expect(connection.isFull).toBe(false)
    const next = connection.call('test.x')
    connection.close()
    expect(await failure(next)).toMatchObject({ code: expect.stringMatching(/ERR_TRY_AGAIN|ERR_TIMEOUT/) })
  })

  test('calls without an answer are bounded', async () => {
    const { front } = await start()
    const connection = await open()
    const calls = Array.from({ length: limits.ipcCalls }, () =>
      connection.call('test.x').catch(() => undefined),
    )
    expect(await failure(connection.call('test.x'))).toMatchObject({ code: 'ERR_TRY_AGAIN' })
    while (front.requests.length < limits.ipcClientRequests)
      await new Promise((resolve) => setImmediate(resolve))
    front.onRequest = (request) => request.answer(null)
    expect(connection.isFull).toBe(true)
    const drained = connection.drain()
    for (const request of front.requests) request.answer(null)
    await drained
    expect(connection.isFull).toBe(false)
    expect(await connection.call('ais.echo', 1)).toBe(1)
    await Promise.all(calls)
  })
})

describe('subscriptions', () => {
  test('events go to the one that asked, in order with the answers', async () => {
    const { front } = await start()
    const connection = await open()
    const seen: unknown[] = []
    const first = connection.subscribe((body) => seen.push(['first', body]))
    const second = connection.subscribe((body) => seen.push(['second', body]))
    front.onRequest = (request) => {
      request.client.event(first, 1)
      request.client.event(second, 2)
      request.client.event(99, 'nobody')
      request.answer(null)
      request.client.event(first, 3)
    }
    await connection.call('test.track')
    expect(seen.slice(0, 2)).toEqual([
      ['first', 1],
      ['second', 2],
    ])
    connection.unsubscribe(second)
    await connection.call('test.track')
    await connection.call('ais.ping')
    expect(seen).toEqual([
      ['first', 1],
      ['second', 2],
      ['first', 3],
      ['first', 1],
      ['first', 3],
    ])
  })
})

describe('when the executive goes away', () => {
  test('calls sent fail with ERR_TIMEOUT, later ones with ERR_TRY_AGAIN, and it is found again', async () => {
    const first = await start()
    const connection = await open()
    const { lost, restored } = watch(connection)
    const sent = failure(connection.call('test.x'))
    while (first.front.requests.length === 0) await connection.call('ais.ping')
    const closed = first.server.close()
    expect(await sent).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect((await sent).message).toMatch(/test\.x: the executive went away .* the outcome is unknown/)
    expect(await lost).toMatch(/the executive stops/)
    expect(connection.isOpen).toBe(false)
    const refused = await failure(connection.call('test.x'))
    expect(refused).toMatchObject({ code: 'ERR_TRY_AGAIN' })
    expect(refused.message).toMatch(/test\.x was not sent: .*the executive stops/)
    await closed
    const second = await start()
    expect((await restored).nodeId).toBe(7)
    expect(connection.isOpen).toBe(true)
    expect(await connection.call('ais.echo', 1)).toBe(1)
    expect(second.front.requests).toEqual([])
  })

  test('calls that it never took fail with ERR_TRY_AGAIN', async () => {
    let executive: Socket | undefined
    await pretend((socket) => {
      executive = socket
      socket.write(frameOf([0, hello]))
      socket.pause()
    })
    const connection = await open()
    const params = new Uint8Array(1024 * 1024)
    const calls = Array.from({ length: 10 }, () => failure(connection.call('test.x', params)))
    await new Promise((resolve) => setImmediate(resolve))
    executive!.destroy()
    const codes = (await Promise.all(calls)).map(({ code }) => code)
    // What was handed to the system, a first part of it, may have been taken.
    const unknown = codes.lastIndexOf('ERR_TIMEOUT') + 1
    expect(unknown).toBeGreaterThan(0)
    expect(unknown).toBeLessThan(4)
    expect(codes.slice(unknown)).toEqual(codes.slice(unknown).fill('ERR_TRY_AGAIN'))
    expect(codes.slice(0, unknown)).toEqual(codes.slice(0, unknown).fill('ERR_TIMEOUT'))
  })

  test('a call whose write fails at once was not sent: ERR_TRY_AGAIN', async () => {
    let executive: Socket | undefined
    await pretend((socket) => {
      executive = socket
      socket.write(frameOf([0, hello]))
    })
    const connection = await open()
    while (executive === undefined) await new Promise((resolve) => setImmediate(resolve))
    executive.destroy()
    // The connection cannot know yet, and writes.
    expect(connection.isOpen).toBe(true)
    expect(await failure(connection.call('test.x'))).toMatchObject({ code: 'ERR_TRY_AGAIN' })
  })

  test('a version that is not spoken any more is what calls fail with', async () => {
    const serving = await start()
    const connection = await open()
    const { lost } = watch(connection)
    await serving.server.close()
    await lost
    await pretend((socket) => socket.end(frameOf([5, 'ERR_VERSION', 'this executive speaks 9'])))
    for (let code = ''; code !== 'ERR_VERSION';) {
      code = (await failure(connection.call('ais.ping'))).code
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('it is sought without end, seldom in the end, and found however often it comes back', async () => {
    let serving = await start()
    const connection = await open()
    for (let round = 0; round < 5; round++) {
      const { lost, restored } = watch(connection)
      await serving.close()
      await lost
      serving = await start()
      await restored
      expect(await connection.call('ais.echo', round)).toBe(round)
    }
  })
})

describe('close', () => {
  test('ends what waits and refuses what follows with ERR_BAD_HANDLE', async () => {
    const { front, server } = await start()
    const connection = await open()
    const waiting = failure(connection.call('test.x'))
    while (front.requests.length === 0) await connection.call('ais.ping')
    connection.close()
    connection.close()
    expect(await waiting).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(await failure(connection.call('ais.ping'))).toMatchObject({ code: 'ERR_BAD_HANDLE' })
    await connection.drain()
    while (server.clients > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(front.gone).toHaveLength(1)
  })
})
