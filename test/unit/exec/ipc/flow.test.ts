import { limits } from '../../../../src/base/index.js'
import type { Client } from '../../../../src/services/index.js'
import { frameOf, RawClient } from '../../../helpers/ipc/raw-client.js'
import { serve, type Serving } from '../../../helpers/ipc/serving.js'

let serving: Serving
let honest: RawClient
const clients: RawClient[] = []

beforeEach(async () => {
  serving = await serve()
  honest = await greet()
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await serving.close()
})

async function greet(program = 'greedy'): Promise<RawClient> {
  const client = await RawClient.greet(serving.path, { magic: 'ais', versions: [1], program, pid: 4711 })
  clients.push(client)
  return client
}

let pings = 0

/** Others are served; and what has come meanwhile has been handled. */
async function isServed(rounds = 50): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    const id = ++pings
    expect(await honest.ask(id, 'ais.ping')).toEqual([2, id, null])
  }
}

const asked = (): number => serving.front.requests.length

async function askedToBe(count: number): Promise<void> {
  while (asked() < count) await isServed(1)
  await isServed()
  expect(asked()).toBe(count)
}

test('requests without an answer are bounded: the rest is read as they are answered', async () => {
  const client = await greet()
  const total = limits.ipcClientRequests * 2 + 100
  client.send(...Array.from({ length: total }, (_, id) => [1, id, 'test.x', null]))
  await askedToBe(limits.ipcClientRequests)
  for (const request of serving.front.requests.slice(0, limits.ipcClientRequests / 2)) request.answer(1)
  await askedToBe(limits.ipcClientRequests * 1.5)
  const answered = limits.ipcClientRequests / 2
  for (const request of serving.front.requests.slice(answered)) request.answer(2)
  await askedToBe(total)
  for (const request of serving.front.requests.slice(limits.ipcClientRequests * 1.5)) request.answer(3)
  await client.until(() => client.messages.length === total + 1, 'all answers')
})

test('octets of requests without an answer are bounded', async () => {
  const client = await greet()
  const params = new Uint8Array(1024 * 1024)
  for (let id = 0; id < 10; id++) client.send([1, id, 'test.x', params])
  await askedToBe(limits.ipcClientRequestOctets / params.length)
  while (serving.front.requests.length < 10) {
    for (const request of serving.front.requests.splice(0)) request.answer(null)
    if (client.messages.length === 11) break
    await isServed(1)
  }
  await client.until(() => client.messages.length === 11, 'all answers')
})

test('a client that does not read its answers is no longer read, and neither are others harmed', async () => {
  const client = await greet()
  client.socket.pause()
  let handled = 0
  serving.front.onRequest = (request) => {
    handled++
    request.answer(request.params)
  }
  const frame = frameOf([1, 1, 'test.echo', new Uint8Array(64 * 1024)])
  for (let i = 0; i < 200; i++) client.socket.write(frame)
  for (let before = -1; before !== handled; await isServed()) before = handled
  expect(handled).toBeGreaterThan(10)
  expect(handled * 64 * 1024).toBeLessThan(limits.ipcClientWaitingOctets + 1024 * 1024)
  expect(client.isClosed).toBe(false)
  client.socket.resume()
  await client.until(() => client.messages.length === 201, 'all answers, once they are read')
})

async function tracking(client: RawClient): Promise<Client> {
  const before = asked()
  client.send([1, 1, 'test.track', null])
  while (asked() === before) await isServed(1)
  const request = serving.front.requests[before]!
  request.answer(null)
  await client.answerTo(1)
  return request.client
}

test('a client that does not read its events is disconnected, and the log names it once', async () => {
  const deaf = await greet('deaf')
  const told = await tracking(deaf)
  deaf.socket.pause()
  const listening = await greet('listening')
  const others = await tracking(listening)
  const body = new Uint8Array(256 * 1024)
  for (let i = 0; i < 100; i++) {
    told.event(1, body)
    others.event(1, body)
    await isServed(1)
  }
  while (serving.front.gone.length === 0) await isServed(1)
  expect(serving.front.gone.map(({ id }) => id)).toEqual([told.id])
  await listening.until(() => listening.messages.length === 102, 'all events of the one that reads')
  const lines = serving.log.filter((line) => line.includes('deaf'))
  expect(lines).toEqual([
    expect.stringMatching(/^warning deaf \(pid 4711\) is disconnected: it does not read: \d+ octets wait/),
  ])
})

test('what waits for all clients together is bounded: the one most waits for goes', async () => {
  const told: Client[] = []
  for (let i = 0; i < 13; i++) {
    const client = await greet('deaf')
    told.push(await tracking(client))
    client.socket.pause()
  }
  const body = new Uint8Array(1024 * 1024)
  // All at once: no time to find out who reads.
  told.forEach((client, index) => {
    for (let i = 0; i < (index === 0 ? 14 : 10); i++) client.event(1, body)
  })
  expect(serving.front.gone.map(({ id }) => id)).toEqual([told[0]!.id])
  await isServed()
  expect(serving.front.gone).toHaveLength(1)
})

test('unfinished messages of all clients together are bounded', async () => {
  const half = frameOf([1, 1, 'test.x', new Uint8Array(1024 * 1024)]).subarray(0, 1_000_000)
  const many = await Promise.all(Array.from({ length: 72 }, () => greet('half')))
  for (const client of many) {
    await new Promise((resolve) => client.socket.write(half, resolve))
    await isServed(1)
  }
  await isServed()
  const closed = many.filter((client) => client.isClosed).length
  expect(closed).toBeGreaterThanOrEqual(4)
  expect(closed).toBeLessThan(10)
})

test('requests of all clients together are bounded: each waits for its own before it asks more', async () => {
  const params = new Uint8Array(1024 * 1024)
  const many = await Promise.all(Array.from({ length: 40 }, () => greet()))
  for (const client of many) {
    for (let id = 0; id < 3; id++) client.send([1, id, 'test.x', params])
  }
  for (let before = -1; before !== asked(); await isServed()) before = asked()
  // One each, and as many more as the bound allows.
  expect(asked()).toBeGreaterThanOrEqual(64)
  expect(asked()).toBeLessThan(40 + 64 + 1)
  while (many.some((client) => client.messages.length < 4)) {
    for (const request of serving.front.requests.splice(0)) request.answer(null)
    await isServed(1)
  }
})

test('clients take turns: one that sends without end does not keep others waiting', async () => {
  const busy = await greet()
  const total = 3000
  let handled = 0
  serving.front.onRequest = (request) => {
    for (const endMs = performance.now() + 0.1; performance.now() < endMs;);
    handled++
    request.answer(null)
  }
  busy.send(...Array.from({ length: total }, (_, id) => [1, id, 'test.slow', null]))
  const handledMeanwhile: number[] = []
  while (handled < total) {
    const before = handled
    await isServed(1)
    handledMeanwhile.push(handled - before)
  }
  // All came in one read or a few; it takes many turns to work them off.
  expect(handledMeanwhile.length).toBeGreaterThan(20)
  expect(Math.max(...handledMeanwhile)).toBeLessThan(total / 5)
})
