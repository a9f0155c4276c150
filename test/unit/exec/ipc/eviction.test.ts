import { RawClient } from '../../../helpers/ipc/raw-client.js'
import { serve, type Serving } from '../../../helpers/ipc/serving.js'
import { maxClients } from '../../../../src/exec/ipc/open-files.js'
import { limits } from '../../../../src/base/index.js'

const MAX = 8

let serving: Serving
const clients: RawClient[] = []

beforeEach(async () => {
  serving = await serve({ clientsMax: MAX })
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await serving.close()
})

async function greet(): Promise<RawClient> {
  const client = await RawClient.greet(serving.path)
  clients.push(client)
  return client
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(serving.path)
  clients.push(client)
  return client
}

/** Asks something that is never answered. */
async function busy(): Promise<RawClient> {
  const client = await greet()
  client.send([1, 1, 'test.x', null])
  await client.ask(2, 'ais.ping')
  return client
}

async function holding(): Promise<RawClient> {
  const client = await greet()
  client.send([1, 1, 'test.x', null])
  await client.ask(2, 'ais.ping')
  const request = serving.front.requests[serving.front.requests.length - 1]!
  expect(request.client.hold()).toBe(true)
  request.answer(null)
  await client.answerTo(1)
  return client
}

const times = (count: number, make: () => Promise<RawClient>): Promise<RawClient[]> =>
  Array.from({ length: count }).reduce<Promise<RawClient[]>>(
    async (made) => [...(await made), await make()],
    Promise.resolve([]),
  )

test('when all places are taken the one with nothing open that was quiet longest makes room', async () => {
  const idle = await times(MAX, greet)
  await idle[0]!.ask(1, 'ais.ping')
  const newcomer = await greet()
  expect(await newcomer.ask(1, 'ais.ping')).toEqual([2, 1, null])
  expect((await idle[1]!.goodbye())[0]).toBe('ERR_NO_RESOURCES')
  expect(serving.server.clients).toBe(MAX)
  expect(idle.filter(({ isClosed }) => isClosed)).toEqual([idle[1]])
  expect(serving.log.join()).toMatch(
    /8 applications are connected: connections with nothing open are given up/,
  )
})

test('of many without a hello the oldest makes room', async () => {
  const idle = await times(5, greet)
  const silent = await times(3, connect)
  // Until it has accepted them.
  while (serving.server.clients < MAX) await idle[0]!.ask(1, 'ais.ping')
  const newcomer = await greet()
  expect((await silent[0]!.goodbye())[0]).toBe('ERR_NO_RESOURCES')
  expect(await newcomer.ask(1, 'ais.ping')).toEqual([2, 1, null])
  expect(idle.some(({ isClosed }) => isClosed)).toBe(false)
})

test('those with something open, or waiting for an answer, stay; a newcomer is refused then', async () => {
  const held = await times(4, holding)
  const waiting = await times(4, busy)
  const newcomer = await connect()
  const [code, text] = await newcomer.goodbye()
  expect(code).toBe('ERR_NO_RESOURCES')
  expect(text).toMatch(/8 applications are connected: no room for more/)
  for (const client of [...held, ...waiting]) expect(await client.ask(9, 'ais.ping')).toEqual([2, 9, null])
  await held[0]!.close()
  expect(await (await greet()).ask(1, 'ais.ping')).toEqual([2, 1, null])
})

test('what is closed is no longer held open', async () => {
  const held = await times(MAX, holding)
  serving.front.requests[3]!.client.release()
  await greet()
  expect((await held[3]!.goodbye())[0]).toBe('ERR_NO_RESOURCES')
})

test('what one client may have open is bounded', async () => {
  await busy()
  const { client } = serving.front.requests[0]!
  for (let i = 0; i < limits.ipcClientHolds; i++) client.hold()
  expect(client.hold()).toBe(false)
  client.release()
  expect(client.hold()).toBe(true)
})

test('a flood of connections without a hello never harms those with something open', async () => {
  const held = await times(3, holding)
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 20 }, connect))
  const newcomer = await greet()
  expect(await newcomer.ask(1, 'ais.ping')).toEqual([2, 1, null])
  for (const client of held) expect(await client.ask(5, 'ais.ping')).toEqual([2, 5, null])
  expect(serving.server.clients).toBeLessThanOrEqual(MAX)
})

test('as many clients as open files allow', () => {
  const line = 'Max open files            1024                 4096                 files     \n'
  expect(maxClients(line)).toBe(1024 - 64)
  expect(maxClients(line.replace('1024', '1000000'))).toBe(limits.ipcClients)
  expect(maxClients(line.replace('1024', 'unlimited'))).toBe(limits.ipcClients)
  expect(maxClients('')).toBe(limits.ipcClients)
  expect(maxClients(line.replace('1024', '10'))).toBe(1)
  expect(maxClients()).toBeGreaterThan(0)
})
