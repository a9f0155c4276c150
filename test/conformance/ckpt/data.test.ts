import {
  CheckpointVectorError,
  TIME_END,
  type Checkpoint,
  type CheckpointChange,
  type CheckpointOpenResult,
  type SynchronizeResult,
} from '../../../src/api/index.js'
import {
  ALL,
  attributes,
  CHECKPOINT_COLLOCATED,
  CHECKPOINT_CREATE,
  CHECKPOINT_READ,
  CHECKPOINT_WRITE,
  contents,
  errorOf,
  Live,
  octets,
  READ_WRITE,
  until,
  WR_ACTIVE_REPLICA,
  WR_ACTIVE_REPLICA_WEAK,
  WR_ALL_REPLICAS,
} from './live.js'

// Groups 17 to 25 of the public CKPT suite: what is in sections, and what is called back. See
// checkpoints.test.ts.

const collocated = { creationFlags: WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED }
const single = { maxSections: 1, checkpointSize: 10_000 }
const guarantees = [
  ['WR_ALL_REPLICAS', WR_ALL_REPLICAS],
  ['WR_ACTIVE_REPLICA', WR_ACTIVE_REPLICA],
  ['WR_ACTIVE_REPLICA_WEAK', WR_ACTIVE_REPLICA_WEAK],
  ['WR_ALL_REPLICAS and COLLOCATED', WR_ALL_REPLICAS | CHECKPOINT_COLLOCATED],
  ['WR_ACTIVE_REPLICA and COLLOCATED', WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED],
  ['WR_ACTIVE_REPLICA_WEAK and COLLOCATED', WR_ACTIVE_REPLICA_WEAK | CHECKPOINT_COLLOCATED],
] as const

let live: Live

beforeAll(async () => (live = await Live.start(2, '127.0.23')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

/** A new checkpoint with a section 's' in it, its replica chosen where that is needed. */
async function withSection(wanted: Parameters<Live['create']>[0] = {}, data = ''): Promise<Checkpoint> {
  const checkpoint = await live.create(wanted)
  const { creationFlags } = checkpoint.attributes
  if ((creationFlags & CHECKPOINT_COLLOCATED) !== 0 && (creationFlags & WR_ALL_REPLICAS) === 0) {
    await checkpoint.activeReplicaSet()
  }
  await checkpoint.sectionCreate('s', TIME_END, octets(data))
  return checkpoint
}

/** Code and index of the element that is wrong. */
async function vectorProblem(call: Promise<unknown>): Promise<unknown[]> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(CheckpointVectorError)
  const { code, erroneousVectorIndex } = error as CheckpointVectorError
  return [code, erroneousVectorIndex]
}

describe('17 Write', () => {
  test.each(guarantees)('%s: OK', async (_, creationFlags) => {
    const checkpoint = await withSection({ creationFlags })
    await checkpoint.checkpointWrite([{ sectionId: 's', data: octets('data') }])
    expect(await contents(checkpoint, 's')).toBe('data')
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    if ((creationFlags & WR_ALL_REPLICAS) === 0) await checkpoint.synchronize()
    expect(await contents(other, 's')).toBe('data')
  })

  test('several IO vectors: OK, in one step', async () => {
    const checkpoint = await withSection()
    await checkpoint.sectionCreate('t', TIME_END, octets('........'))
    await checkpoint.checkpointWrite([
      { sectionId: 's', data: octets('one') },
      { sectionId: 't', dataOffset: 2, data: octets('two') },
      { sectionId: 's', dataOffset: 5, data: octets('three') },
      { sectionId: 't', dataOffset: 3, data: octets('!') },
    ])
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    expect(await contents(other, 's')).toBe('one\0\0three')
    expect(await contents(other, 't')).toBe('..t!o...')
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    const call = (await live.closed()).checkpointWrite([{ sectionId: 's', data: octets('x') }])
    expect(await errorOf(call)).toBe('ERR_BAD_HANDLE')
  })

  test('an unknown section: ERR_NOT_EXIST with its index, and nothing is written', async () => {
    const checkpoint = await withSection({}, 'before')
    const call = checkpoint.checkpointWrite([
      { sectionId: 's', data: octets('after') },
      { sectionId: 'unknown', data: octets('x') },
    ])
    expect(await vectorProblem(call)).toEqual(['ERR_NOT_EXIST', 1])
    expect(await contents(checkpoint, 's')).toBe('before')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    const checkpoint = await live.create(collocated)
    const call = checkpoint.checkpointWrite([{ sectionId: 's', data: octets('x') }])
    expect(await errorOf(call)).toBe('ERR_NOT_EXIST')
  })

  test('not opened for writing: ERR_ACCESS', async () => {
    const checkpoint = await withSection()
    const reader = await live.reopen(checkpoint, CHECKPOINT_READ)
    const call = reader.checkpointWrite([{ sectionId: 's', data: octets('x') }])
    expect(await errorOf(call)).toBe('ERR_ACCESS')
  })

  test('NULL vector: ERR_INVALID_PARAM', async () => {
    const call = (await live.create()).checkpointWrite(null as unknown as [])
    expect(await errorOf(call)).toBe('ERR_INVALID_PARAM')
  })

  test('size > maxSectionSize: ERR_INVALID_PARAM with its index', async () => {
    const checkpoint = await withSection()
    const good = { sectionId: 's', data: octets('x') }
    const call = checkpoint.checkpointWrite([good, { sectionId: 's', data: Buffer.alloc(10_001) }])
    expect(await vectorProblem(call)).toEqual(['ERR_INVALID_PARAM', 1])
  })

  test('offset + size > maxSectionSize: ERR_NO_RESOURCES with its index', async () => {
    const checkpoint = await withSection()
    const good = { sectionId: 's', dataOffset: 9_000, data: Buffer.alloc(1000) }
    const call = checkpoint.checkpointWrite([good, { ...good, dataOffset: 9_001 }])
    expect(await vectorProblem(call)).toEqual(['ERR_NO_RESOURCES', 1])
    expect(await contents(checkpoint, 's')).toBe('')
    await checkpoint.checkpointWrite([good])
  })

  test('past checkpointSize: ERR_NO_SPACE with its index', async () => {
    const checkpoint = await withSection({ checkpointSize: 10_000 })
    await checkpoint.sectionCreate('t')
    const good = { sectionId: 's', data: Buffer.alloc(9000) }
    const call = checkpoint.checkpointWrite([good, { sectionId: 't', data: Buffer.alloc(1001) }])
    expect(await vectorProblem(call)).toEqual(['ERR_NO_SPACE', 1])
  })

  test('NULL error index: OK, the index comes with the error', async () => {
    const call = (await live.create()).checkpointWrite([{ sectionId: 's', data: octets('x') }])
    await expect(call).rejects.toMatchObject({ code: 'ERR_NOT_EXIST', number: 12, erroneousVectorIndex: 0 })
  })
})

describe('18 Read', () => {
  test('data are copied: what is read stays as it is', async () => {
    const checkpoint = await withSection({}, '0123456789')
    const [all, part, rest] = await checkpoint.checkpointRead([
      { sectionId: 's' },
      { sectionId: 's', dataOffset: 2, dataSize: 3 },
      { sectionId: octets('s'), dataOffset: 8, dataSize: 100 },
    ])
    await checkpoint.sectionOverwrite('s', octets('xxxxxxxxxx'))
    expect([all, part, rest].map(String)).toEqual(['0123456789', '234', '89'])
    all!.fill(0)
    expect(await contents(checkpoint, 's')).toBe('xxxxxxxxxx')
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf(contents(await live.closed(), 's'))).toBe('ERR_BAD_HANDLE')
  })

  test('an unknown section: ERR_NOT_EXIST with its index', async () => {
    const checkpoint = await withSection()
    const call = checkpoint.checkpointRead([{ sectionId: 's' }, { sectionId: 't' }])
    expect(await vectorProblem(call)).toEqual(['ERR_NOT_EXIST', 1])
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    expect(await errorOf(contents(await live.create(collocated), 's'))).toBe('ERR_NOT_EXIST')
  })

  test('not opened for reading: ERR_ACCESS', async () => {
    const checkpoint = await withSection()
    expect(await errorOf(contents(await live.reopen(checkpoint, CHECKPOINT_WRITE), 's'))).toBe('ERR_ACCESS')
  })

  test.each([
    ['size', { dataSize: 10_001 }],
    ['offset', { dataOffset: 10_001 }],
  ])('%s > maxSectionSize: ERR_INVALID_PARAM with its index', async (_, wrong) => {
    const checkpoint = await withSection()
    const call = checkpoint.checkpointRead([{ sectionId: 's' }, { sectionId: 's', ...wrong }])
    expect(await vectorProblem(call)).toEqual(['ERR_INVALID_PARAM', 1])
  })

  test('nothing to read: OK, nothing is read', async () => {
    const checkpoint = await withSection({}, '012')
    const vector = [
      { sectionId: 's', dataOffset: 3 },
      { sectionId: 's', dataOffset: 10_000, dataSize: 10_000 },
      { sectionId: 's', dataSize: 0 },
    ]
    expect((await checkpoint.checkpointRead(vector)).map(({ length }) => length)).toEqual([0, 0, 0])
  })

  test('NULL buffer: OK, the library allocates', async () => {
    const checkpoint = await live.create({ maxSectionSize: 500_000, checkpointSize: 2_000_000 })
    const data = Buffer.from(Uint8Array.from({ length: 500_000 }, (_, index) => index % 251))
    await checkpoint.sectionCreate('s', TIME_END, data)
    const [read] = await (await live.reopen(checkpoint, READ_WRITE, 1)).checkpointRead([{ sectionId: 's' }])
    expect(read!.equals(data)).toBe(true)
  })
})

describe('19 Synchronize', () => {
  test.each([WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK])(
    'asynchronous replicas (%i): OK',
    async (creationFlags) => {
      const checkpoint = await withSection({ creationFlags })
      const other = await live.reopen(checkpoint, READ_WRITE, 1)
      for (let i = 0; i < 20; i++) void checkpoint.sectionOverwrite('s', octets(`${i}`))
      await expect(checkpoint.synchronize()).resolves.toBeUndefined()
      expect(await contents(other, 's')).toBe('19')
    },
  )

  test('async, asynchronous replicas: OK, called back', async () => {
    const ckpt = await live.initialize()
    const checkpoint = await ckpt.checkpointOpen(
      live.name(),
      { ...attributes, creationFlags: WR_ACTIVE_REPLICA },
      ALL,
    )
    const answer = new Promise<SynchronizeResult>((resolve) => ckpt.once('synchronize', resolve))
    await checkpoint.synchronizeAsync(5)
    expect(await answer).toEqual({ invocation: 5, error: null })
  })

  test('a read handle: ERR_ACCESS', async () => {
    const flags = CHECKPOINT_CREATE | CHECKPOINT_READ
    const checkpoint = await live.create({ creationFlags: WR_ACTIVE_REPLICA, flags })
    expect(await errorOf(checkpoint.synchronize())).toBe('ERR_ACCESS')
  })

  test('synchronous replicas: ERR_BAD_OPERATION', async () => {
    expect(await errorOf((await live.create()).synchronize())).toBe('ERR_BAD_OPERATION')
  })

  test('async without a callback: ERR_INIT', async () => {
    const checkpoint = await live.create({ creationFlags: WR_ACTIVE_REPLICA })
    expect(await errorOf(checkpoint.synchronizeAsync(1))).toBe('ERR_INIT')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    expect(await errorOf((await live.create(collocated)).synchronize())).toBe('ERR_NOT_EXIST')
  })

  test('no sections: OK', async () => {
    const checkpoint = await live.create({ creationFlags: WR_ACTIVE_REPLICA })
    await expect(checkpoint.synchronize()).resolves.toBeUndefined()
  })

  test('a closed handle: ERR_BAD_HANDLE', async () => {
    const checkpoint = await live.closed()
    expect(await errorOf(checkpoint.synchronize())).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(checkpoint.synchronizeAsync(1))).toBe('ERR_BAD_HANDLE')
  })

  test('a finalized handle: ERR_BAD_HANDLE', async () => {
    const ckpt = await live.initialize()
    const checkpoint = await ckpt.checkpointOpen(live.name(), attributes, ALL)
    await ckpt.finalize()
    expect(await errorOf(checkpoint.synchronize())).toBe('ERR_BAD_HANDLE')
  })
})

describe('20 Overwrite', () => {
  test('a normal section: OK', async () => {
    const checkpoint = await withSection({}, 'something longer')
    await checkpoint.sectionOverwrite('s', octets('short'))
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), 's')).toBe('short')
    expect(await checkpoint.statusGet()).toMatchObject({ memoryUsed: 5 })
  })

  test('the default section: OK', async () => {
    const checkpoint = await live.create(single)
    await checkpoint.sectionOverwrite('', octets('data'))
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), '')).toBe('data')
  })

  test('more than maxSectionSize: ERR_INVALID_PARAM', async () => {
    const call = (await withSection()).sectionOverwrite('s', Buffer.alloc(10_001))
    expect(await errorOf(call)).toBe('ERR_INVALID_PARAM')
  })

  test('not opened for writing: ERR_ACCESS', async () => {
    const reader = await live.reopen(await withSection(), CHECKPOINT_READ)
    expect(await errorOf(reader.sectionOverwrite('s', octets('x')))).toBe('ERR_ACCESS')
  })

  test('an unknown section: ERR_NOT_EXIST', async () => {
    expect(await errorOf((await live.create()).sectionOverwrite('s', octets('x')))).toBe('ERR_NOT_EXIST')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    const call = (await live.create(collocated)).sectionOverwrite('s', octets('x'))
    expect(await errorOf(call)).toBe('ERR_NOT_EXIST')
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).sectionOverwrite('s', octets('x')))).toBe('ERR_BAD_HANDLE')
  })

  test('NULL buffer or id: ERR_INVALID_PARAM', async () => {
    const checkpoint = await withSection()
    const nothing = null as unknown as Buffer
    expect(await errorOf(checkpoint.sectionOverwrite('s', nothing))).toBe('ERR_INVALID_PARAM')
    expect(await errorOf(checkpoint.sectionOverwrite(nothing, octets('x')))).toBe('ERR_INVALID_PARAM')
  })

  test('past checkpointSize: ERR_NO_SPACE', async () => {
    const checkpoint = await withSection({ checkpointSize: 5000 })
    expect(await errorOf(checkpoint.sectionOverwrite('s', Buffer.alloc(5001)))).toBe('ERR_NO_SPACE')
  })

  test('big data: OK up to what one call carries', async () => {
    const checkpoint = await live.create({ maxSectionSize: 2_000_000, checkpointSize: 8_000_000 })
    await checkpoint.sectionCreate('s')
    await checkpoint.sectionOverwrite('s', Buffer.alloc(999_999, 7))
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    const [read] = await other.checkpointRead([{ sectionId: 's' }])
    expect(read!.equals(Buffer.alloc(999_999, 7))).toBe(true)
    expect(await errorOf(checkpoint.sectionOverwrite('s', Buffer.alloc(1_000_000)))).toBe('ERR_NO_RESOURCES')
    expect(await errorOf(checkpoint.sectionOverwrite('s', Buffer.alloc(2_000_001)))).toBe('ERR_INVALID_PARAM')
  })
})

describe('21 to 25 callbacks and more', () => {
  test('open callback with an error: ERR_EXIST', async () => {
    const { name } = await live.create()
    const ckpt = await live.initialize(1)
    const answer = new Promise<CheckpointOpenResult<Checkpoint>>((resolve) => ckpt.once('open', resolve))
    await ckpt.checkpointOpenAsync(3, name, { ...attributes, maxSections: 3, checkpointSize: 1 }, ALL)
    expect(await answer).toMatchObject({ invocation: 3, checkpoint: null, error: { code: 'ERR_EXIST' } })
  })

  test('synchronize callback with an error: ERR_BAD_OPERATION', async () => {
    const ckpt = await live.initialize()
    const checkpoint = await ckpt.checkpointOpen(live.name(), attributes, ALL)
    const answer = new Promise<SynchronizeResult>((resolve) => ckpt.once('synchronize', resolve))
    await checkpoint.synchronizeAsync(4)
    expect(await answer).toMatchObject({ invocation: 4, error: { code: 'ERR_BAD_OPERATION' } })
  })

  test('incremental write: each behind the one before', async () => {
    const checkpoint = await withSection()
    for (let i = 0; i < 10; i++) {
      await checkpoint.checkpointWrite([{ sectionId: 's', dataOffset: i * 2, data: octets(`${i};`) }])
    }
    expect(await contents(checkpoint, 's')).toBe('0;1;2;3;4;5;6;7;8;9;')
    expect(await checkpoint.statusGet()).toMatchObject({ memoryUsed: 20 })
  })

  test('status after delete', async () => {
    const checkpoint = await withSection({}, '12345')
    await checkpoint.sectionCreate('t', TIME_END, octets('123'))
    await checkpoint.sectionDelete('s')
    expect(await checkpoint.statusGet()).toMatchObject({ numberOfSections: 1, memoryUsed: 3 })
  })

  test('a generated id is written and read', async () => {
    const checkpoint = await live.create()
    const sectionId = await checkpoint.sectionCreate(null)
    await checkpoint.checkpointWrite([{ sectionId, data: octets('data') }])
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), sectionId)).toBe('data')
  })

  test('arrival callback: a reader on another node is told what was changed', async () => {
    const checkpoint = await live.create()
    const reader = await live.reopen(checkpoint, CHECKPOINT_READ, 1)
    const told: CheckpointChange[] = []
    reader.on('changes', (changes) => told.push(...changes))
    await reader.track()
    await checkpoint.sectionCreate('s', TIME_END, octets('ab'))
    await checkpoint.checkpointWrite([{ sectionId: 's', dataOffset: 1, data: octets('xyz') }])
    await checkpoint.sectionOverwrite('s', octets('q'))
    await checkpoint.sectionExpirationTimeSet('s', TIME_END)
    await checkpoint.sectionDelete('s')
    await (await live.initialize()).checkpointUnlink(checkpoint.name)
    await until(async () => told.length >= 6)
    const change = (kind: string, dataOffset = 0, dataSize = 0): object => {
      return { change: kind, sectionId: kind === 'unlinked' ? null : octets('s'), dataOffset, dataSize }
    }
    expect(told).toEqual([
      change('created', 0, 2),
      change('written', 1, 3),
      change('overwritten', 0, 1),
      change('expiration-set'),
      change('deleted'),
      change('unlinked'),
    ])
    await reader.trackStop()
    expect(await errorOf(reader.trackStop())).toBe('ERR_NOT_EXIST')
  })
})
