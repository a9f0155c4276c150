import {
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  Ckpt,
  SectionsChosen,
  TIME_END,
  type Checkpoint,
  type CheckpointCreationAttributes,
  type CheckpointOpenResult,
} from '../../../src/api/index.js'
import { attributes, CkptExecutive, outcome, settle, status, wireAttributes } from './ckpt-executive.js'

const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
const READ_WRITE = CHECKPOINT_READ | CHECKPOINT_WRITE
const version = { releaseCode: 'B', majorVersion: 1, minorVersion: 1 }

let executive: CkptExecutive
let ckpt: Ckpt

beforeEach(() => {
  executive = new CkptExecutive()
  ckpt = new Ckpt(executive.connection, version)
})

describe('checkpointOpen', () => {
  test('asks with name, flags and attributes, and resolves with what was opened', async () => {
    const checkpoint = await ckpt.checkpointOpen('c', attributes, READ_WRITE | CHECKPOINT_CREATE)
    expect(executive.asked).toEqual([
      {
        method: 'ckpt.checkpointOpen',
        params: { name: 'c', flags: 7, attributes: wireAttributes },
        timeoutMs: undefined,
      },
    ])
    expect([checkpoint.name, checkpoint.attributes, checkpoint.openFlags]).toEqual(['c', attributes, 7])
  })

  test('its attributes are those of the checkpoint, whatever was asked for', async () => {
    executive.answer('checkpointOpen', () => ({
      handle: 9,
      attributes: { ...wireAttributes, retentionDurationMs: 5, maxSections: 77 },
    }))
    const checkpoint = await ckpt.checkpointOpen('c', null, CHECKPOINT_READ)
    expect(checkpoint.attributes).toEqual({ ...attributes, retentionDurationMs: 5, maxSections: 77 })
    expect(executive.last.params).toEqual({ name: 'c', flags: 1, attributes: null })
  })

  test.each([0, 8, -1, 1.5, NaN, '1', null])('flags %p are bad, and nobody is asked', async (flags) => {
    expect(await outcome(ckpt.checkpointOpen('c', null, flags as number))).toBe('ERR_BAD_FLAGS')
    expect(executive.asked).toEqual([])
  })

  test.each([
    ['', 'ERR_INVALID_PARAM'],
    [undefined, 'ERR_INVALID_PARAM'],
    [null, 'ERR_INVALID_PARAM'],
    [7, 'ERR_INVALID_PARAM'],
    ['a\nb', 'ERR_INVALID_PARAM'],
    ['a\u0000', 'ERR_INVALID_PARAM'],
    ['a\u0085', 'ERR_INVALID_PARAM'],
    ['half \ud800', 'ERR_INVALID_PARAM'],
    ['a\u2028b', 'ERR_INVALID_PARAM'],
    ['x'.repeat(256), 'ERR_TOO_BIG'],
    ['ä'.repeat(128), 'ERR_TOO_BIG'],
  ])('name %p: %s, and nobody is asked', async (name, code) => {
    expect(await outcome(ckpt.checkpointOpen(name as string, null, READ_WRITE))).toBe(code)
    expect(await outcome(ckpt.checkpointUnlink(name as string))).toBe(code)
    expect(await outcome(ckpt.show(name as string))).toBe(code)
    expect(await outcome(ckpt.digests([name as string]))).toBe(code)
    expect(executive.asked).toEqual([])
  })

  const goodNames = ['x'.repeat(255), 'ä'.repeat(127), 'blanks and 💾', '\u{10FFFF}']
  test.each(goodNames)('name %p is one', async (name) => {
    expect((await ckpt.checkpointOpen(name, null, READ_WRITE)).name).toBe(name)
  })

  const { WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK, CHECKPOINT_COLLOCATED } =
    CheckpointCreationFlags

  test.each<Partial<Record<keyof CheckpointCreationAttributes, unknown>>>([
    { creationFlags: 0 },
    { creationFlags: CHECKPOINT_COLLOCATED },
    { creationFlags: WR_ALL_REPLICAS | WR_ACTIVE_REPLICA },
    { creationFlags: WR_ACTIVE_REPLICA | WR_ACTIVE_REPLICA_WEAK },
    { creationFlags: 16 },
    { creationFlags: '1' },
    { creationFlags: 1.5 },
    { checkpointSize: attributes.maxSections * attributes.maxSectionSize + 1 },
    { checkpointSize: -1 },
    { checkpointSize: 0.5 },
    { maxSections: 0 },
    { maxSections: 2 ** 20 + 1 },
    { maxSections: undefined },
    { maxSectionSize: 0 },
    { maxSectionSize: 2 ** 30 + 1 },
    { maxSectionIdSize: 0 },
    { maxSectionIdSize: 1025 },
    { maxSectionIdSize: NaN },
    { retentionDurationMs: -1 },
    { retentionDurationMs: NaN },
    { retentionDurationMs: null },
  ])('attributes with %p are invalid, and nobody is asked', async (wrong) => {
    const given = { ...attributes, ...wrong } as CheckpointCreationAttributes
    expect(await outcome(ckpt.checkpointOpen('c', given, CHECKPOINT_CREATE))).toBe('ERR_INVALID_PARAM')
    expect(executive.asked).toEqual([])
  })

  test.each([
    [WR_ALL_REPLICAS, 0, 0],
    [WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED, 0.5, 1],
    [WR_ACTIVE_REPLICA_WEAK | CHECKPOINT_COLLOCATED, 60_000, 60_000],
  ])('creation flags %i and retention of %d ms are good', async (creationFlags, givenMs, sentMs) => {
    await ckpt.checkpointOpen('c', { ...attributes, creationFlags, retentionDurationMs: givenMs }, 4)
    const sent = { creationFlags, retentionDurationMs: sentMs }
    expect(executive.last.params).toMatchObject({ attributes: sent })
  })

  test('attributes go with CHECKPOINT_CREATE, and it with them', async () => {
    expect(await outcome(ckpt.checkpointOpen('c', attributes, READ_WRITE))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.checkpointOpen('c', null, CHECKPOINT_CREATE))).toBe('ERR_INVALID_PARAM')
  })

  test('fails as the executive says', async () => {
    executive.fail('checkpointOpen', 'ERR_EXIST')
    const call = ckpt.checkpointOpen('c', attributes, CHECKPOINT_CREATE)
    await expect(call).rejects.toMatchObject({ code: 'ERR_EXIST', message: expect.any(String) as string })
  })

  test.each([-1, NaN, '5', null])('timeout %p is none', async (timeoutMs) => {
    const call = ckpt.checkpointOpen('c', null, CHECKPOINT_READ, timeoutMs as number)
    expect(await outcome(call)).toBe('ERR_INVALID_PARAM')
  })

  test('what is opened after its time is closed again', async () => {
    const release = executive.hold('checkpointOpen')
    expect(await outcome(ckpt.checkpointOpen('c', null, CHECKPOINT_READ, 5))).toBe('ERR_TIMEOUT')
    expect(executive.calls('checkpointClose')).toEqual([])
    release({ handle: 31, attributes: wireAttributes })
    await settle()
    expect(executive.calls('checkpointClose')).toMatchObject([{ params: { handle: 31 } }])
  })

  test('an answer that is none is an error of the library', async () => {
    executive.answer('checkpointOpen', () => ({ handle: 'x', attributes: wireAttributes }))
    expect(await outcome(ckpt.checkpointOpen('c', null, CHECKPOINT_READ))).toBe('ERR_LIBRARY')
  })
})

describe('checkpointOpenAsync', () => {
  function listening(): CheckpointOpenResult<Checkpoint>[] {
    const results: CheckpointOpenResult<Checkpoint>[] = []
    ckpt.on('open', (result) => results.push(result))
    return results
  }

  test.each([0, 7, 2n ** 64n - 1n])('answers with invocation %p by an event', async (invocation) => {
    const results = listening()
    await ckpt.checkpointOpenAsync(invocation, 'c', null, CHECKPOINT_READ)
    expect(results).toEqual([])
    await settle()
    expect(results).toMatchObject([{ invocation, checkpoint: { name: 'c' }, error: null }])
    expect(await outcome(results[0]!.checkpoint!.close())).toBeUndefined()
  })

  test('errors only the executive knows come by the event', async () => {
    const results = listening()
    executive.fail('checkpointOpen', 'ERR_NOT_EXIST')
    await ckpt.checkpointOpenAsync(1, 'c', null, CHECKPOINT_READ)
    await settle()
    expect(results).toMatchObject([{ invocation: 1, checkpoint: null, error: { code: 'ERR_NOT_EXIST' } }])
  })

  test('what is wrong with the call is said by it', async () => {
    expect(await outcome(ckpt.checkpointOpenAsync(1, 'c', null, 1))).toBe('ERR_INIT')
    const results = listening()
    expect(await outcome(ckpt.checkpointOpenAsync(-1, 'c', null, 1))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.checkpointOpenAsync(2n ** 64n, 'c', null, 1))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.checkpointOpenAsync(1, '', null, 1))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.checkpointOpenAsync(1, 'c', null, 0))).toBe('ERR_BAD_FLAGS')
    executive.kill()
    expect(await outcome(ckpt.checkpointOpenAsync(1, 'c', null, 1))).toBe('ERR_TRY_AGAIN')
    await settle()
    expect(results).toEqual([])
  })
})

describe('what needs no open checkpoint', () => {
  test('checkpointUnlink', async () => {
    await ckpt.checkpointUnlink('c')
    expect(executive.asked).toEqual([
      { method: 'ckpt.checkpointUnlink', params: { name: 'c' }, timeoutMs: 10_000 },
    ])
  })

  test('listPage gives a page, and where the next one begins', async () => {
    executive.answer('list', () => ({ checkpoints: [{ ...status, digest: 'd1' }], more: true }))
    expect(await ckpt.listPage(null)).toEqual({
      checkpoints: [{ ...status, retentionDurationMs: Infinity, digest: 'd1' }],
      more: true,
    })
    expect(executive.last.params).toEqual({ after: null, count: 512 })
    await ckpt.listPage('c', 3)
    expect(executive.last.params).toEqual({ after: 'c', count: 3 })
    for (const count of [0, 513, 1.5, NaN, '1']) {
      expect(await outcome(ckpt.listPage(null, count as number))).toBe('ERR_INVALID_PARAM')
      expect(await outcome(ckpt.conflictsPage(null, count as number))).toBe('ERR_INVALID_PARAM')
      expect(await outcome(ckpt.conflictSections('i', null, count as number))).toBe('ERR_INVALID_PARAM')
    }
  })

  test('show', async () => {
    executive.answer('show', () => ({ ...status, retentionDurationMs: 7, activeReplica: 2, digest: 'd' }))
    expect(await ckpt.show('c')).toEqual({ ...status, retentionDurationMs: 7, activeReplica: 2, digest: 'd' })
    expect(executive.last.params).toEqual({ name: 'c' })
  })

  test('digests of every member', async () => {
    const held = { name: 'c', digest: 'd', numberOfSections: 2, memoryUsed: 30 }
    const checkpoints = [held, { name: 'x', digest: null }]
    executive.answer('digests', () => ({
      viewNumber: 2 ** 40,
      members: [{ nodeId: 1, nodeName: 'one', checkpoints }],
    }))
    expect(await ckpt.digests(['c', 'x'], 7)).toEqual({
      viewNumber: 2 ** 40,
      members: [
        {
          nodeId: 1,
          nodeName: 'one',
          checkpoints: [held, { name: 'x', digest: null, numberOfSections: 0, memoryUsed: 0 }],
        },
      ],
    })
    expect(executive.last).toMatchObject({ params: { names: ['c', 'x'] }, timeoutMs: 7 })
    const tooMany = Array.from({ length: 1025 }, (_, index) => `c${index}`)
    expect(await outcome(ckpt.digests(tooMany))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.digests([]))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.digests('c' as unknown as string[]))).toBe('ERR_INVALID_PARAM')
  })

  test('conflicts: a page of them, their sections and contents, until they are dismissed', async () => {
    const conflict = {
      id: 'i',
      name: 'c',
      ringSequence: 9,
      digest: 'd',
      keptDigest: null,
      numberOfSections: 1,
      memoryUsed: 3,
      nodes: [1, 2],
      keptNodes: [3],
      stored: 'disk',
    }
    executive.answer('conflicts', () => ({ conflicts: [conflict], more: false }))
    expect(await ckpt.conflictsPage(null, 2)).toEqual({ conflicts: [conflict], more: false })
    executive.answer('conflictSections', () => ({
      sections: [{ sectionId: Buffer.from('s'), size: 3 }],
      more: false,
    }))
    expect(await ckpt.conflictSections('i', Buffer.from('r'))).toEqual({
      sections: [{ sectionId: Buffer.from('s'), sectionSize: 3 }],
      more: false,
    })
    expect(executive.last.params).toEqual({ id: 'i', after: new Uint8Array([0x72]), count: 512 })
    executive.answer('conflictRead', () => Buffer.from('abc'))
    expect(await ckpt.conflictRead('i', 's', 0, 100)).toEqual(Buffer.from('abc'))
    const params = { id: 'i', sectionId: new Uint8Array([0x73]), offset: 0, length: 100 }
    expect(executive.last.params).toEqual(params)
    expect(await outcome(ckpt.conflictRead('i', 's', -1, 100))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.conflictRead('i', 's', 0, 0.5))).toBe('ERR_INVALID_PARAM')
    expect(await outcome(ckpt.conflictRead('i', 5 as never, 0, 1))).toBe('ERR_INVALID_PARAM')
    await ckpt.conflictDismiss('i')
    expect(executive.last).toMatchObject({ method: 'ckpt.conflictDismiss', params: { id: 'i' } })
    expect(await outcome(ckpt.conflictDismiss(5 as never))).toBe('ERR_INVALID_PARAM')
  })
})

test('back-pressure is shown as the connection has it', async () => {
  expect(ckpt.isFull).toBe(false)
  executive.isFull = true
  expect(ckpt.isFull).toBe(true)
  await ckpt.drain()
  expect(executive.drains).toBe(1)
})

describe('after finalize', () => {
  test('everything fails with ERR_BAD_HANDLE, and nothing is told', async () => {
    const told: string[] = []
    for (const event of ['open', 'synchronize', 'lost', 'restored'] as const) {
      ckpt.on(event, () => told.push(event))
    }
    const checkpoint = await ckpt.checkpointOpen('c', null, READ_WRITE)
    executive.hold('synchronize')
    executive.hold('checkpointOpen')
    await checkpoint.synchronizeAsync(1)
    await ckpt.checkpointOpenAsync(2, 'c', null, READ_WRITE)
    const before = executive.asked.length
    await ckpt.finalize()
    const calls: Promise<unknown>[] = [
      ckpt.checkpointOpen('c', null, READ_WRITE),
      ckpt.checkpointOpen('', null, 0),
      ckpt.checkpointOpenAsync(1, 'c', null, READ_WRITE),
      ckpt.checkpointUnlink('c'),
      ckpt.listPage(null),
      ckpt.show('c'),
      ckpt.digests(['c']),
      ckpt.conflictsPage(null),
      ckpt.conflictSections('i', null),
      ckpt.conflictRead('i', 's', 0, 1),
      ckpt.conflictDismiss('i'),
      ckpt.finalize(),
      checkpoint.checkpointWrite([]),
      checkpoint.checkpointRead([]),
      checkpoint.statusGet(),
      checkpoint.close(),
    ]
    for (const call of calls) expect(await outcome(call)).toBe('ERR_BAD_HANDLE')
    await settle()
    expect([told, executive.asked.length]).toEqual([[], before])
  })

  test('calls that were on their way fail likewise', async () => {
    const checkpoint = await ckpt.checkpointOpen('c', null, READ_WRITE)
    for (const method of ['checkpointOpen', 'checkpointWrite', 'sectionDelete', 'checkpointClose', 'list']) {
      executive.hold(method)
    }
    const outcomes = [
      ckpt.checkpointOpen('d', null, READ_WRITE),
      ckpt.listPage(null),
      checkpoint.checkpointWrite([{ sectionId: 's', data: Buffer.from('x') }]),
      checkpoint.sectionDelete('s'),
      checkpoint.close(),
    ].map(outcome)
    await ckpt.finalize()
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => 'ERR_BAD_HANDLE'))
  })
})

describe('initialize', () => {
  const initialize = (wanted: unknown): Promise<unknown> =>
    outcome(Ckpt.initialize({ socket: '/nonexistent/ais.sock', version: wanted as typeof version }))
  const of = (releaseCode: string, majorVersion: number, minorVersion: number): typeof version => {
    return { releaseCode, majorVersion, minorVersion }
  }

  test.each([of('B', 1, 1), of('B', 1, 255), of('A', 1, 1), undefined])(
    'version %j is served, so the executive is looked for',
    async (wanted) => expect(await initialize(wanted)).toBe('ERR_TRY_AGAIN'),
  )

  test.each([of('C', 1, 1), of('B', 2, 1), of('B', 0, 0), {}, null])('version %j is not', async (wanted) => {
    expect(await initialize(wanted)).toBe('ERR_VERSION')
  })

  test('what is supported is said', async () => {
    const call = Ckpt.initialize({ version: of('C', 1, 1) })
    await expect(call).rejects.toThrow('CKPT is not served in version C.1.1; supported: B.1.1, A.1.1')
  })
})

test('the constants are those of the standard', () => {
  expect(CheckpointOpenFlags).toEqual({ CHECKPOINT_READ: 1, CHECKPOINT_WRITE: 2, CHECKPOINT_CREATE: 4 })
  expect(CheckpointCreationFlags).toEqual({
    WR_ALL_REPLICAS: 1,
    WR_ACTIVE_REPLICA: 2,
    WR_ACTIVE_REPLICA_WEAK: 4,
    CHECKPOINT_COLLOCATED: 8,
  })
  expect(Object.values(SectionsChosen)).toEqual([1, 2, 3, 4, 5])
  expect(TIME_END).toBe(0x7fff_ffff_ffff_ffffn)
})
