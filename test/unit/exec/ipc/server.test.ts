import { limits } from '../../../../src/base/index.js'
import type { Request } from '../../../../src/services/index.js'
import { frameOf, lengthPrefixed, RawClient, clientHello } from '../../../helpers/ipc/raw-client.js'
import { serve, testNode, type Serving } from '../../../helpers/ipc/serving.js'

let serving: Serving
const clients: RawClient[] = []

beforeEach(async () => {
  serving = await serve()
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await serving.close()
})

async function greet(hello?: object): Promise<RawClient> {
  const client = await RawClient.greet(serving.path, hello)
  clients.push(client)
  return client
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.connect(serving.path)
  clients.push(client)
  return client
}

/** Requests that the test's service has got, once there are so many. */
async function requested(client: RawClient, count: number): Promise<Request[]> {
  // Answers to a second service come after what was sent before: then all of it has been handled.
  while (serving.front.requests.length < count) await client.ask(1_000_000, 'ais.ping')
  return serving.front.requests
}

describe('hello', () => {
  test('is answered with who answers, and what the bounds are', async () => {
    const client = await greet()
    const limitsTold = {
      frameOctets: limits.ipcFrameOctets,
      requests: limits.ipcClientRequests,
      holds: limits.ipcClientHolds,
    }
    expect(client.messages).toEqual([
      [0, { magic: 'ais', version: 1, pid: process.pid, ...testNode, limits: limitsTold }],
    ])
  })

  test('without a common version the goodbye says both sides', async () => {
    const client = await greet({ ...clientHello, versions: [2, 3] })
    expect(await client.goodbye()).toEqual([
      'ERR_VERSION',
      'this executive speaks protocol version 1, the application 2, 3',
    ])
  })

  test.each<[string, unknown, RegExp]>([
    ['a request', [1, 1, 'ais.ping', null], /the first message of a connection is a hello/],
    ['another magic', [0, { ...clientHello, magic: 'http' }], /no magic/],
    ['no map', [0, 1], /no magic/],
  ])('%s instead of it ends the connection', async (_, message, why) => {
    const client = await connect()
    client.send(message)
    const [code, text] = await client.goodbye()
    expect(code).toBe('ERR_MESSAGE_ERROR')
    expect(text).toMatch(why)
    expect(serving.front.gone).toEqual([])
  })

  test('a connection without one is closed after a time', async () => {
    const impatient = await serve({ helloTimeoutMs: 50 })
    const client = await RawClient.connect(impatient.path)
    const greeted = await RawClient.greet(impatient.path)
    expect(await client.goodbye()).toEqual(['ERR_TIMEOUT', 'no hello in 50 ms'])
    expect(await greeted.ask(1, 'ais.ping')).toEqual([2, 1, null])
    await greeted.close()
    await impatient.close()
  })
})

describe('requests', () => {
  test('go to the service that is named, and its answers back', async () => {
    const client = await greet()
    client.send([1, 7, 'test.first', { a: 1 }], [1, 8, 'test.second.part', null])
    const [first, second] = await requested(client, 2)
    expect([first!.method, first!.params]).toEqual(['first', { a: 1 }])
    expect([second!.method, second!.params]).toEqual(['second.part', null])
    expect(first!.client).toBe(second!.client)
    second!.fail('ERR_EXIST', 'there')
    first!.answer({ b: new Uint8Array([1, 2]) })
    expect(await client.answerTo(7)).toEqual([2, 7, { b: Buffer.from([1, 2]) }])
    expect(await client.answerTo(8)).toEqual([3, 8, 'ERR_EXIST', 'there'])
  })

  test('events and answers come in the order they were given in', async () => {
    const client = await greet()
    client.send([1, 7, 'test.track', null])
    const [request] = await requested(client, 1)
    request!.client.event(3, 'first')
    request!.answer('second')
    request!.client.event(3, 'third')
    await client.until(() => client.messages.length === 5, 'three messages')
    expect(client.messages.slice(2)).toEqual([
      [4, 3, 'first'],
      [2, 7, 'second'],
      [4, 3, 'third'],
    ])
  })

  test.each([
    ['nosuch.method', 'no service has the method "nosuch.method"; services of this executive: ais, test'],
    ['method', 'no service has the method "method"; services of this executive: ais, test'],
    ['', 'no service has the method ""; services of this executive: ais, test'],
    ['ais.nosuch', 'ais has no method "nosuch"; it has ping and echo'],
  ])('for %j fail with what there is', async (method, message) => {
    const client = await greet()
    expect(await client.ask(1, method)).toEqual([3, 1, 'ERR_NOT_SUPPORTED', message])
  })

  test('have one answer: a second one is a bug of the service', async () => {
    const client = await greet()
    client.send([1, 7, 'test.x', null])
    const [request] = await requested(client, 1)
    request!.answer(1)
    expect(() => request!.fail('ERR_BUSY', 'x')).toThrow(/a second answer to one request: x/)
  })

  test('an answer too large for a message fails the call, an event ends the connection', async () => {
    const client = await greet()
    client.send([1, 7, 'test.x', null])
    const [request] = await requested(client, 1)
    request!.answer(new Uint8Array(limits.ipcFrameOctets))
    expect((await client.answerTo(7)).slice(0, 3)).toEqual([3, 7, 'ERR_NO_RESOURCES'])
    request!.client.event(1, new Uint8Array(limits.ipcFrameOctets))
    expect((await client.goodbye())[0]).toBe('ERR_NO_RESOURCES')
  })

  test('an answer that nothing can be made of is a bug of the service', async () => {
    const client = await greet()
    client.send([1, 7, 'test.x', null])
    const [request] = await requested(client, 1)
    expect(() => request!.answer(() => 1)).toThrow(/a function cannot be sent/)
  })

  test('of many frames in one write are all answered', async () => {
    const client = await greet()
    client.send(...Array.from({ length: 5000 }, (_, id) => [1, id, 'ais.echo', id]))
    await client.until(() => client.messages.length === 5001, '5000 answers')
    expect(client.messages.slice(1)).toEqual(Array.from({ length: 5000 }, (_, id) => [2, id, id]))
  })

  test('come split at every octet', async () => {
    const client = await greet()
    for (const octet of frameOf([1, 5, 'ais.echo', 'slowly'])) {
      await new Promise((resolve) => client.socket.write(Buffer.of(octet), resolve))
    }
    expect(await client.answerTo(5)).toEqual([2, 5, 'slowly'])
  })

  test('of the largest size are answered', async () => {
    const client = await greet()
    const params = new Uint8Array(1024 * 1024).fill(7)
    const [, , echoed] = await client.ask(1, 'ais.echo', params)
    expect(Buffer.compare(echoed as Buffer, params)).toBe(0)
  })
})

describe('a connection that is gone', () => {
  test('is told to the services, once, and what they still say to it is dropped', async () => {
    const client = await greet()
    client.send([1, 7, 'test.x', null])
    const [request] = await requested(client, 1)
    await client.close()
    const other = await greet()
    while (serving.front.gone.length === 0) await other.ask(1, 'ais.ping')
    expect(serving.front.gone).toEqual([request!.client])
    request!.client.event(1, 'late')
    request!.answer('late')
    expect(serving.server.clients).toBe(1)
    expect(serving.front.gone).toHaveLength(1)
  })

  test('ids of clients are not used again', async () => {
    const ids: number[] = []
    for (let i = 1; i <= 3; i++) {
      const client = await greet()
      client.send([1, 7, 'test.x', null])
      ids.push((await requested(client, i))[i - 1]!.client.id)
      await client.close()
    }
    expect(new Set(ids).size).toBe(3)
  })
})

describe('what is malformed ends that connection only', () => {
  test.each<[string, Buffer, RegExp]>([
    ['a frame of 4 GiB', Buffer.from([255, 255, 255, 255, 0]), /a frame of 4294967295 octets/],
    ['a frame of no octets', Buffer.alloc(4), /a frame of no octets/],
    ['octets that are no MessagePack', lengthPrefixed(Buffer.from([0xc1])), /cannot be read/],
    ['a message of another shape', frameOf([1, 2]), /no message has kind 1 and 2 elements/],
    ['an answer', frameOf([2, 1, null]), /after its hello an application sends requests/],
    ['a second hello', frameOf([0, clientHello]), /after its hello an application sends requests/],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /octets; at most/],
  ])('%s', async (_, octets, why) => {
    const honest = await greet()
    const client = await greet()
    client.socket.write(Buffer.concat([frameOf([1, 1, 'ais.ping', null]), octets]))
    const [code, text] = await client.goodbye()
    expect(code).toBe('ERR_MESSAGE_ERROR')
    expect(text).toMatch(why)
    // What came before it was answered.
    expect(client.messages[1]).toEqual([2, 1, null])
    expect(await honest.ask(1, 'ais.ping')).toEqual([2, 1, null])
    expect(serving.front.gone).toHaveLength(1)
  })
})

test('close() says goodbye to everybody and stops listening', async () => {
  const [first, second] = [await greet(), await connect()]
  await serving.server.close()
  expect(await first.goodbye()).toEqual(['ERR_TRY_AGAIN', 'the executive stops'])
  expect(await second.goodbye()).toEqual(['ERR_TRY_AGAIN', 'the executive stops'])
  await expect(RawClient.connect(serving.path)).rejects.toThrow(/ENOENT/)
})

test('end() takes leave of some, and is done when the services know; others go on', async () => {
  const [first, second, third] = [await greet(), await greet(), await greet()]
  for (const client of [first, second, third]) client.send([1, 1, 'test.hold', null])
  const requests = await requested(third, 3)
  const [one, two] = requests.map(({ client }) => client.id)
  await serving.server.end([one!, two!, 1_000_000], 1000)
  expect(serving.front.gone.map(({ id }) => id).sort()).toEqual([one, two].sort())
  expect(await first.goodbye()).toEqual(['ERR_TRY_AGAIN', 'the executive stops'])
  expect(await second.goodbye()).toEqual(['ERR_TRY_AGAIN', 'the executive stops'])
  expect(await third.ask(2, 'ais.ping')).toEqual([2, 2, null])
  await serving.server.end([one!], 1000)
  await greet()
})

test('end() cuts off who does not read its goodbye', async () => {
  const [client, other] = [await greet(), await greet()]
  for (const each of [client, other]) each.send([1, 1, 'test.hold', null])
  const [request] = await requested(other, 2)
  const deaf = request!.client.id === 1 ? client : other
  deaf.socket.pause()
  await serving.server.end([request!.client.id], 20)
  expect(serving.front.gone.map(({ id }) => id)).toEqual([request!.client.id])
  deaf.socket.resume()
})
