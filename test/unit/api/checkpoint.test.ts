import {
  CheckpointVectorError,
  Ckpt,
  TIME_END,
  type AisError,
  type Checkpoint,
  type CheckpointChange,
  type SectionId,
  type SynchronizeResult,
} from '../../../src/api/index.js'
import { limits } from '../../../src/base/index.js'
import { attributes, CkptExecutive, outcome, settle, status } from './ckpt-executive.js'

const TEN_S = 10_000
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

let executive: CkptExecutive
let ckpt: Ckpt
let checkpoint: Checkpoint

beforeEach(async () => {
  executive = new CkptExecutive()
  ckpt = new Ckpt(executive.connection, { releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
  checkpoint = await ckpt.checkpointOpen('c', null, 3)
  executive.asked.splice(0)
})

/** Code and index of what a call with a vector fails with. */
async function vectorProblem(call: Promise<unknown>): Promise<unknown> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as AisError,
  )
  return error instanceof CheckpointVectorError ? [error.code, error.erroneousVectorIndex] : error?.code
}

describe('what is asked of the executive', () => {
  const soon = 1n << 60n

  test.each<[string, (c: Checkpoint) => Promise<unknown>, object, number | undefined]>([
    ['retentionDurationSet', (c) => c.retentionDurationSet(0.5), { retentionDurationMs: 1 }, TEN_S],
    ['retentionDurationSet', (c) => c.retentionDurationSet(Infinity), { retentionDurationMs: null }, TEN_S],
    ['activeReplicaSet', (c) => c.activeReplicaSet(), {}, TEN_S],
    ['sectionDelete', (c) => c.sectionDelete('ä'), { sectionId: bytes('ä') }, undefined],
    ['sectionDelete', (c) => c.sectionDelete(bytes('s')), { sectionId: bytes('s') }, undefined],
    [
      'expirationTimeSet',
      (c) => c.sectionExpirationTimeSet('s', soon),
      { sectionId: bytes('s'), expirationTime: soon },
      undefined,
    ],
    [
      'expirationTimeSet',
      (c) => c.sectionExpirationTimeSet('', TIME_END),
      { sectionId: bytes(''), expirationTime: TIME_END },
      undefined,
    ],
    ['synchronize', (c) => c.synchronize(), {}, TEN_S],
    ['synchronize', (c) => c.synchronize(7), {}, 7],
    ['checkpointClose', (c) => c.close(), {}, TEN_S],
  ])('%s', async (method, call, params, timeoutMs) => {
    expect(await call(checkpoint)).toBeUndefined()
    expect(executive.asked).toEqual([
      { method: `ckpt.${method}`, params: { handle: 1, ...params }, timeoutMs },
    ])
  })

  test('statusGet', async () => {
    executive.answer('statusGet', () => status)
    expect(await checkpoint.statusGet()).toEqual({ ...status, retentionDurationMs: Infinity })
    expect(executive.asked).toEqual([{ method: 'ckpt.statusGet', params: { handle: 1 }, timeoutMs: TEN_S }])
  })

  test('sectionOverwrite: what is long is sent by position', async () => {
    expect(await checkpoint.sectionOverwrite('s', Buffer.from('abc'))).toBeUndefined()
    const params = [1, bytes('s'), bytes('abc')]
    expect(executive.asked).toEqual([{ method: 'ckpt.sectionOverwrite', params, timeoutMs: undefined }])
  })

  test('checkpointWrite: all elements in one call', async () => {
    const vector = [
      { sectionId: 's', data: Buffer.from('abc') },
      { sectionId: bytes('t'), dataOffset: 2 ** 32, data: new Uint8Array(0) },
      { sectionId: '', dataOffset: 0, data: bytes('x') },
    ]
    expect(await checkpoint.checkpointWrite(vector)).toBeUndefined()
    const params = [1, bytes('s'), 0, bytes('abc'), bytes('t'), 2 ** 32, bytes(''), bytes(''), 0, bytes('x')]
    expect(executive.asked).toEqual([{ method: 'ckpt.checkpointWrite', params, timeoutMs: undefined }])
  })

  test('checkpointRead: all elements in one call; what is there comes in their order', async () => {
    executive.answer('checkpointRead', () => [Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(70_000, 7)])
    const vector = [
      { sectionId: 's' },
      { sectionId: 't', dataOffset: 5, dataSize: 0 },
      { sectionId: bytes('u') },
    ]
    const read = await checkpoint.checkpointRead(vector)
    expect(read).toEqual([Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(70_000, 7)])
    expect(read.every((each) => Buffer.isBuffer(each))).toBe(true)
    const params = [1, bytes('s'), 0, null, bytes('t'), 5, 0, bytes('u'), 0, null]
    expect(executive.asked).toEqual([{ method: 'ckpt.checkpointRead', params, timeoutMs: undefined }])
  })

  test.each([[[Buffer.from('a')]], [[null, null]], [['text', 'text']]])(
    'no answer to a read: %p',
    async (answer) => {
      executive.answer('checkpointRead', () => answer)
      const vector = [{ sectionId: 's' }, { sectionId: 't' }]
      expect(await outcome(checkpoint.checkpointRead(vector))).toBe('ERR_LIBRARY')
    },
  )

  test.each<[SectionId | null, bigint | undefined, Uint8Array | undefined, object]>([
    ['s', undefined, undefined, { sectionId: bytes('s'), expirationTime: TIME_END, data: bytes('') }],
    ['s', soon, bytes('abc'), { sectionId: bytes('s'), expirationTime: soon, data: bytes('abc') }],
    [null, undefined, undefined, { sectionId: null, expirationTime: TIME_END, data: bytes('') }],
  ])('sectionCreate %p', async (sectionId, expirationTime, data, params) => {
    executive.answer('sectionCreate', () => Buffer.from('id'))
    expect(await checkpoint.sectionCreate(sectionId, expirationTime, data)).toEqual(Buffer.from('id'))
    const asked = { method: 'ckpt.sectionCreate', params: { handle: 1, ...params }, timeoutMs: undefined }
    expect(executive.asked).toEqual([asked])
  })
})

describe('what the library refuses itself', () => {
  const noIds = [undefined, null, 5, {}, [1], 'half \udc00'] as unknown as string[]

  test.each(noIds)('section id %p', async (sectionId) => {
    const calls = [
      checkpoint.sectionDelete(sectionId),
      checkpoint.sectionExpirationTimeSet(sectionId, TIME_END),
      checkpoint.sectionOverwrite(sectionId, bytes('x')),
    ]
    if (sectionId !== null) calls.push(checkpoint.sectionCreate(sectionId).then(() => undefined))
    for (const call of calls) expect(await outcome(call)).toBe('ERR_INVALID_PARAM')
    const good = { sectionId: 's', data: bytes('x') }
    const [wrong, index] = [{ ...good, sectionId }, 1]
    expect(await vectorProblem(checkpoint.checkpointWrite([good, wrong]))).toEqual([
      'ERR_INVALID_PARAM',
      index,
    ])
    expect(await vectorProblem(checkpoint.checkpointRead([good, wrong]))).toEqual([
      'ERR_INVALID_PARAM',
      index,
    ])
    expect(executive.asked).toEqual([])
  })

  test.each([-1, 0.5, NaN, '0', null, 2 ** 53])('offset or size %p', async (wrong) => {
    const number = wrong as number
    const write = checkpoint.checkpointWrite([{ sectionId: 's', dataOffset: number, data: bytes('x') }])
    expect(await vectorProblem(write)).toEqual(['ERR_INVALID_PARAM', 0])
    const read = checkpoint.checkpointRead([{ sectionId: 's', dataOffset: number }])
    expect(await vectorProblem(read)).toEqual(['ERR_INVALID_PARAM', 0])
    const size = checkpoint.checkpointRead([{ sectionId: 's' }, { sectionId: 's', dataSize: number }])
    // null is no size either: the way to read to the end is to leave it out.
    expect(await vectorProblem(size)).toEqual(['ERR_INVALID_PARAM', 1])
    expect(executive.asked).toEqual([])
  })

  test.each([undefined, null, 'text', 5, [1], {}])('data %p', async (data) => {
    const octets = data as Uint8Array
    if (data !== undefined) {
      expect(await outcome(checkpoint.sectionCreate('s', TIME_END, octets))).toBe('ERR_INVALID_PARAM')
    }
    expect(await outcome(checkpoint.sectionOverwrite('s', octets))).toBe('ERR_INVALID_PARAM')
    const write = checkpoint.checkpointWrite([{ sectionId: 's', data: octets }])
    expect(await vectorProblem(write)).toEqual(['ERR_INVALID_PARAM', 0])
    expect(executive.asked).toEqual([])
  })

  test.each([undefined, null, {}, [], 'text', 5])('vector %p', async (vector) => {
    expect(await vectorProblem(checkpoint.checkpointWrite(vector as []))).toBe('ERR_INVALID_PARAM')
    expect(await vectorProblem(checkpoint.checkpointRead(vector as []))).toBe('ERR_INVALID_PARAM')
  })

  test.each([undefined, null, 5])('element %p', async (element) => {
    const vector = [{ sectionId: 's', data: bytes('x') }, element] as unknown as []
    expect(await vectorProblem(checkpoint.checkpointWrite(vector))).toEqual(['ERR_INVALID_PARAM', 1])
    expect(await vectorProblem(checkpoint.checkpointRead(vector))).toEqual(['ERR_INVALID_PARAM', 1])
  })

  test.each([-1n, 2n ** 63n, 5, '5', null])('expiration time %p', async (time) => {
    expect(await outcome(checkpoint.sectionCreate('s', time as bigint))).toBe('ERR_INVALID_PARAM')
    const set = checkpoint.sectionExpirationTimeSet('s', time as bigint)
    expect(await outcome(set)).toBe('ERR_INVALID_PARAM')
    expect(await outcome(checkpoint.sectionIterationInitialize(2, time as bigint))).toBe('ERR_INVALID_PARAM')
    expect(executive.asked).toEqual([])
  })

  test.each([-1, NaN, '5', null, undefined, 2 ** 53])('retention %p', async (retentionMs) => {
    expect(await outcome(checkpoint.retentionDurationSet(retentionMs as number))).toBe('ERR_INVALID_PARAM')
    expect(executive.asked).toEqual([])
  })

  test('more than one call carries: ERR_NO_RESOURCES, unless no section could hold it', async () => {
    const fits = new Uint8Array(limits.ckptCallOctets - 1)
    await checkpoint.sectionOverwrite('s', fits)
    await checkpoint.checkpointWrite([{ sectionId: 's', data: fits }])
    expect(executive.asked).toHaveLength(2)
    const [tooMuch, tooLong] = [limits.ckptCallOctets, attributes.maxSectionSize + 1].map(
      (n) => new Uint8Array(n),
    )
    expect(await outcome(checkpoint.sectionCreate('s', TIME_END, tooMuch))).toBe('ERR_NO_RESOURCES')
    expect(await outcome(checkpoint.sectionCreate('s', TIME_END, tooLong))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(checkpoint.sectionOverwrite('s', tooMuch!))).toBe('ERR_NO_RESOURCES')
    expect(await outcome(checkpoint.sectionOverwrite('s', tooLong!))).toBe('ERR_INVALID_PARAM')
    const half = { sectionId: 's', data: new Uint8Array(500_000) }
    expect(await vectorProblem(checkpoint.checkpointWrite([half, half]))).toBe('ERR_NO_RESOURCES')
    const write = checkpoint.checkpointWrite([half, { sectionId: 's', data: tooLong! }])
    expect(await vectorProblem(write)).toEqual(['ERR_INVALID_PARAM', 1])
    const many = Array.from({ length: limits.ckptVectorElements }, () => ({ sectionId: '', data: bytes('') }))
    await checkpoint.checkpointWrite(many)
    await checkpoint.checkpointRead(many).catch(() => undefined)
    expect(executive.asked).toHaveLength(4)
    expect(await vectorProblem(checkpoint.checkpointWrite([...many, half]))).toBe('ERR_NO_RESOURCES')
    expect(await vectorProblem(checkpoint.checkpointRead([...many, half]))).toBe('ERR_NO_RESOURCES')
    const longId = { sectionId: new Uint8Array(limits.ckptCallOctets + 1) }
    expect(await vectorProblem(checkpoint.checkpointRead([longId]))).toBe('ERR_NO_RESOURCES')
    expect(executive.asked).toHaveLength(4)
  })
})

describe('what the executive refuses', () => {
  test('an element of a vector: its error and index', async () => {
    const problem = { error: 'ERR_NOT_EXIST', text: 'there is no section t', index: 1 }
    const vector = [{ sectionId: 's', data: bytes('x') }]
    for (const method of ['checkpointWrite', 'checkpointRead'] as const) {
      executive.answer(method, () => problem)
      const error = await checkpoint[method](vector).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(CheckpointVectorError)
      expect(error).toMatchObject({ code: 'ERR_NOT_EXIST', number: 12, erroneousVectorIndex: 1 })
      expect((error as Error).message).toBe(`ERR_NOT_EXIST: ${method}: element 1: there is no section t`)
    }
  })

  test.each([{ error: 'ERR_X', text: '', index: 0 }, { error: 'ERR_EXIST', text: '' }, 'text', 5])(
    'an answer that is none: %p',
    async (answer) => {
      executive.answer('checkpointWrite', () => answer)
      const write = checkpoint.checkpointWrite([{ sectionId: 's', data: bytes('x') }])
      expect(await vectorProblem(write)).toBe('ERR_LIBRARY')
    },
  )

  test('any call: its error', async () => {
    const vector = [{ sectionId: 's', data: bytes('x') }]
    const calls: [string, () => Promise<unknown>][] = [
      ['statusGet', () => checkpoint.statusGet()],
      ['retentionDurationSet', () => checkpoint.retentionDurationSet(1)],
      ['activeReplicaSet', () => checkpoint.activeReplicaSet()],
      ['sectionCreate', () => checkpoint.sectionCreate('s')],
      ['sectionDelete', () => checkpoint.sectionDelete('s')],
      ['expirationTimeSet', () => checkpoint.sectionExpirationTimeSet('s', TIME_END)],
      ['sectionOverwrite', () => checkpoint.sectionOverwrite('s', bytes('x'))],
      ['checkpointWrite', () => checkpoint.checkpointWrite(vector)],
      ['checkpointRead', () => checkpoint.checkpointRead(vector)],
      ['synchronize', () => checkpoint.synchronize()],
      ['iterationInitialize', () => checkpoint.sectionIterationInitialize()],
    ]
    for (const [method, call] of calls) {
      executive.fail(method, 'ERR_ACCESS')
      expect(await outcome(call())).toBe('ERR_ACCESS')
    }
  })
})

describe('close', () => {
  test('everything fails with ERR_BAD_HANDLE afterwards', async () => {
    await checkpoint.close()
    const vector = [{ sectionId: 's', data: bytes('x') }]
    checkpoint.on('changes', () => undefined)
    const calls: Promise<unknown>[] = [
      checkpoint.close(),
      checkpoint.statusGet(),
      checkpoint.retentionDurationSet(1),
      checkpoint.activeReplicaSet(),
      checkpoint.sectionCreate('s'),
      checkpoint.sectionDelete('s'),
      checkpoint.sectionExpirationTimeSet('s', TIME_END),
      checkpoint.sectionOverwrite('s', bytes('x')),
      checkpoint.checkpointWrite(vector),
      checkpoint.checkpointRead(vector),
      checkpoint.synchronize(),
      checkpoint.synchronizeAsync(1),
      checkpoint.sectionIterationInitialize(),
      checkpoint.track(),
      checkpoint.trackStop(),
    ]
    for (const call of calls) expect(await outcome(call)).toBe('ERR_BAD_HANDLE')
    expect(executive.asked).toHaveLength(1)
  })

  test('while it is under way it is closed already', async () => {
    const release = executive.hold('checkpointClose')
    const close = checkpoint.close()
    expect(await outcome(checkpoint.close())).toBe('ERR_BAD_HANDLE')
    expect(await outcome(checkpoint.statusGet())).toBe('ERR_BAD_HANDLE')
    release()
    expect(await close).toBeUndefined()
  })

  test('one that has to be tried again leaves it open', async () => {
    executive.isFull = true
    expect(await outcome(checkpoint.close())).toBe('ERR_TRY_AGAIN')
    executive.isFull = false
    await checkpoint.sectionDelete('s')
    expect(await outcome(checkpoint.close())).toBeUndefined()
  })

  test('cancels the answers to synchronizeAsync of this checkpoint alone', async () => {
    const results: SynchronizeResult[] = []
    ckpt.on('synchronize', (result) => results.push(result))
    const other = await ckpt.checkpointOpen('d', null, 3)
    const release = executive.hold('synchronize')
    await checkpoint.synchronizeAsync(1)
    await other.synchronizeAsync(2)
    await checkpoint.close()
    release()
    await settle()
    expect(results).toEqual([{ invocation: 2, error: null }])
  })
})

describe('synchronizeAsync', () => {
  test('answers by an event of the Ckpt, good or bad', async () => {
    const results: SynchronizeResult[] = []
    expect(await outcome(checkpoint.synchronizeAsync(1))).toBe('ERR_INIT')
    ckpt.on('synchronize', (result) => results.push(result))
    expect(await outcome(checkpoint.synchronizeAsync(-1))).toBe('ERR_INVALID_PARAM')
    await checkpoint.synchronizeAsync(0)
    expect(results).toEqual([])
    await settle()
    executive.fail('synchronize', 'ERR_BAD_OPERATION')
    await checkpoint.synchronizeAsync(2n ** 64n - 1n)
    await settle()
    expect(results).toMatchObject([
      { invocation: 0, error: null },
      { invocation: 2n ** 64n - 1n, error: { code: 'ERR_BAD_OPERATION' } },
    ])
    expect(executive.calls('synchronize').map(({ timeoutMs }) => timeoutMs)).toEqual([undefined, undefined])
  })
})

describe('track', () => {
  const told: CheckpointChange[][] = []
  const listen = (): void => void checkpoint.on('changes', (changes) => told.push([...changes]))
  beforeEach(() => void told.splice(0))

  test('needs a listener', async () => {
    expect(await outcome(checkpoint.track())).toBe('ERR_INIT')
  })

  test('tells changes until it is stopped', async () => {
    listen()
    await checkpoint.track()
    const { subscription } = executive.last.params as { subscription: number }
    expect(executive.last).toMatchObject({ params: { handle: 1 }, timeoutMs: TEN_S })
    const written = ['written', Buffer.from('s'), 5, 3]
    executive.event(subscription, { name: 'c', changes: [written, ['unlinked', null, 0, 0]] })
    expect(told).toEqual([
      [
        { change: 'written', sectionId: Buffer.from('s'), dataOffset: 5, dataSize: 3 },
        { change: 'unlinked', sectionId: null, dataOffset: 0, dataSize: 0 },
      ],
    ])
    await checkpoint.trackStop()
    expect(executive.last).toMatchObject({ method: 'ckpt.trackStop', params: { handle: 1 } })
    executive.event(subscription, { name: 'c', changes: [written] })
    expect(told).toHaveLength(1)
  })

  test('again is the same; stopped twice it fails as the executive says', async () => {
    listen()
    await checkpoint.track()
    await checkpoint.track()
    const [first, second] = executive.calls('track').map(({ params }) => params)
    expect(second).toEqual(first)
    await checkpoint.trackStop()
    executive.fail('trackStop', 'ERR_NOT_EXIST')
    expect(await outcome(checkpoint.trackStop())).toBe('ERR_NOT_EXIST')
  })

  test('one that fails leaves nothing behind', async () => {
    listen()
    executive.fail('track', 'ERR_NO_RESOURCES')
    expect(await outcome(checkpoint.track())).toBe('ERR_NO_RESOURCES')
    expect(executive.unsubscribed).toHaveLength(1)
  })

  test('ends with close', async () => {
    listen()
    await checkpoint.track()
    const { subscription } = executive.last.params as { subscription: number }
    await checkpoint.close()
    expect(executive.unsubscribed).toEqual([subscription])
  })
})
