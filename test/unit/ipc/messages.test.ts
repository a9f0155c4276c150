import { Packr, Unpackr } from 'msgpackr'
import {
  checkClientHello,
  checkServerHello,
  commonVersion,
  EventWriter,
  FrameDecoder,
  FrameWriter,
  MessageKind,
  MessageReader,
  noCommonVersion,
  writeBody,
  writeFailure,
  writeGoodbye,
  writeHello,
  writeRequest,
} from '../../../src/ipc/index.js'
import { messagesOf, octetsOf } from './frames.js'

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })

function messagesIn(writer: FrameWriter): unknown[] {
  const decoder = new FrameDecoder()
  decoder.push(octetsOf(writer))
  return messagesOf(decoder).map((message) => unpackr.unpack(message) as unknown)
}

test('each message is the array that the protocol describes', () => {
  const writer = new FrameWriter()
  writeHello(writer, { magic: 'ais' })
  writeRequest(writer, 300, 'clm.clusterNodeGet', { nodeId: 7 })
  writeBody(writer, MessageKind.answer, 300, [1])
  writeFailure(writer, 301, 'ERR_NOT_EXIST', 'no such node')
  writeBody(writer, MessageKind.event, 2, 'body')
  writeGoodbye(writer, 'ERR_VERSION', 'none')
  expect(messagesIn(writer)).toEqual([
    [0, { magic: 'ais' }],
    [1, 300, 'clm.clusterNodeGet', { nodeId: 7 }],
    [2, 300, [1]],
    [3, 301, 'ERR_NOT_EXIST', 'no such node'],
    [4, 2, 'body'],
    [5, 'ERR_VERSION', 'none'],
  ])
})

test('a message for people is cut where it would be too long', () => {
  const writer = new FrameWriter()
  writeFailure(writer, 1, 'ERR_EXIST', 'x'.repeat(1_000_000))
  expect(writer.waitingOctets).toBeLessThan(5000)
})

function reading(message: unknown): MessageReader & { readonly isRead: boolean } {
  const reader = new MessageReader()
  const octets = packr.pack(message)
  return Object.assign(reader, { isRead: reader.read(octets, 0, octets.length) })
}

test('each message is read into its fields', () => {
  expect(reading([0, { magic: 'ais' }])).toMatchObject({ kind: 0, body: { magic: 'ais' } })
  expect(reading([1, 9, 'a.b', null])).toMatchObject({ kind: 1, id: 9, method: 'a.b', body: null })
  expect(reading([2, 9, [1]])).toMatchObject({ kind: 2, id: 9, body: [1] })
  expect(reading([3, 9, 'ERR_BUSY', 'x'])).toMatchObject({ kind: 3, id: 9, error: 'ERR_BUSY', text: 'x' })
  expect(reading([4, 9, 1])).toMatchObject({ kind: 4, subscription: 9, body: 1 })
  expect(reading([5, 'ERR_VERSION', 'x'])).toMatchObject({ kind: 5, error: 'ERR_VERSION', text: 'x' })
  expect(reading([1, 2 ** 53 - 1, 'a.b', 1]).id).toBe(2 ** 53 - 1)
})

test('an error of a later version is an error all the same', () => {
  expect(reading([3, 9, 'ERR_INVENTED', 'x'])).toMatchObject({ isRead: true, error: 'ERR_LIBRARY' })
})

test.each<[unknown, RegExp]>([
  [7, /not an array/],
  [{}, /not an array/],
  [[], /kind -1 and 0 elements/],
  [[6, 1], /kind 6 and 2 elements/],
  [[1, 1, 'a'], /kind 1 and 3 elements/],
  [[1, 1, 'a', 1, 1], /kind 1 and 5 elements/],
  [[0], /kind 0 and 1 elements/],
  [['request', 1, 'a', 1], /kind is not an integer/],
  [[1.5, 1, 'a', 1], /kind is not an integer/],
  [[-1, 1], /kind is not an integer/],
  [[1, -1, 'a', 1], /id is not an integer/],
  [[1, 1.5, 'a', 1], /id is not an integer/],
  [[1, 2 ** 60, 'a', 1], /id is not an integer/],
  [[1, 1, 7, 1], /method is not text/],
  [[3, 1, 7, 'x'], /error is not text/],
  [[3, 1, 'ERR_BUSY', null], /message is not text/],
  [[4, 'x', 1], /subscription is not an integer/],
  [new Array(16).fill(1), /not an array of up to 15/],
])('%j is no message', (message, problem) => {
  const { isRead, problem: found } = reading(message)
  expect(isRead).toBe(false)
  expect(found).toMatch(problem)
})

describe('hello', () => {
  const client = { magic: 'ais', versions: [1, 2], program: 'test', pid: 5 }
  const server = {
    magic: 'ais',
    version: 1,
    software: '1.2.3',
    pid: 5,
    nodeId: 7,
    nodeName: 'n',
    clusterName: 'c',
    limits: { frameOctets: 1, requests: 2, holds: 3 },
  }

  test('of an application and of an executive are taken, with fields of later versions', () => {
    expect(checkClientHello({ ...client, more: 1 })).toEqual(client)
    expect(checkServerHello({ ...server, more: 1, limits: { ...server.limits, more: 1 } })).toEqual(server)
  })

  test.each<[string, unknown]>([
    ['nothing', null],
    ['an array', []],
    ['no magic', { ...client, magic: 'http' }],
    ['versions that are none', { ...client, versions: ['1'] }],
    ['versions that are no array', { ...client, versions: 1 }],
    ['a thousand versions', { ...client, versions: new Array(1000).fill(1) }],
    ['a program that is no text', { ...client, program: 1 }],
    ['an endless program', { ...client, program: 'x'.repeat(256) }],
    ['a pid that is none', { ...client, pid: -1 }],
  ])('%s is no hello of an application', (_, hello) => {
    expect(typeof checkClientHello(hello)).toBe('string')
  })

  test.each(Object.keys(server))('without %s it is no hello of an executive', (field) => {
    expect(typeof checkServerHello({ ...server, [field]: undefined })).toBe('string')
  })

  test('a program cannot forge lines of the log', () => {
    const forged = 'x\n2026-01-01 error\u2028y\u0007'
    expect(checkClientHello({ ...client, program: forged })).toMatchObject({
      program: 'x?2026-01-01 error?y?',
    })
  })

  test('the best common version is chosen; none is said with both sides', () => {
    expect(commonVersion([3, 1])).toBe(1)
    expect(commonVersion([2, 3])).toBeUndefined()
    expect(commonVersion([])).toBeUndefined()
    expect(noCommonVersion([2, 3])).toBe('this executive speaks protocol version 1, the application 2, 3')
    expect(noCommonVersion([])).toBe('this executive speaks protocol version 1, the application none')
  })
})

test('one body for many clients is encoded as for one', () => {
  const events = new EventWriter()
  const body = { nodes: Array.from({ length: 50 }, (_, nodeId) => ({ nodeId, name: `node-${nodeId}` })) }
  const writers = Array.from({ length: 4 }, () => new FrameWriter())
  writers.forEach((writer, index) => events.write(writer, 1000 * index, body))
  events.write(writers[0]!, 5, { other: 1 })
  events.write(writers[0]!, 6, 'text')
  events.write(writers[0]!, 7, 'text')
  expect(messagesIn(writers[0]!)).toEqual([
    [4, 0, body],
    [4, 5, { other: 1 }],
    [4, 6, 'text'],
    [4, 7, 'text'],
  ])
  for (const index of [1, 2, 3]) expect(messagesIn(writers[index]!)).toEqual([[4, 1000 * index, body]])
})

test('a writer hands out whole frames, as many as fit what is asked for, and counts them', () => {
  const writer = new FrameWriter()
  for (let id = 0; id < 3000; id++) writeRequest(writer, id, 'a.b', new Uint8Array(100))
  const total = writer.waitingOctets
  const first = writer.take(130_000)
  const taken = first.reduce((sum, { octets }) => sum + octets, 0)
  expect(taken).toBeLessThanOrEqual(130_000)
  expect(taken).toBeGreaterThan(60_000)
  expect(writer.waitingOctets).toBe(total - taken)
  writeRequest(writer, 3000, 'a.b', null)
  const rest = writer.take(Infinity)
  expect(writer.waitingOctets).toBe(0)
  const blocks = [...first, ...rest]
  expect(blocks.reduce((sum, { frames }) => sum + frames, 0)).toBe(3001)
  const decoder = new FrameDecoder()
  const ids = blocks.flatMap(({ block, octets, frames }) => {
    decoder.push(block.subarray(0, octets))
    const messages = messagesOf(decoder)
    expect(messages).toHaveLength(frames)
    return messages.map((message) => (unpackr.unpack(message) as number[])[1])
  })
  expect(ids).toEqual(Array.from({ length: 3001 }, (_, id) => id))
})
