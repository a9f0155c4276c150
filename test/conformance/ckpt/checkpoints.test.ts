import type { Checkpoint, CheckpointOpenResult, Ckpt, SynchronizeResult } from '../../../src/api/index.js'
import {
  ALL,
  attributes,
  CHECKPOINT_COLLOCATED,
  CHECKPOINT_CREATE,
  CHECKPOINT_READ,
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

// A test a row of the public CKPT suite's groups 1 and 4 to 10, named after it, against live executives. Rows
// that a promise-based API cannot have are in docs/divergence.md.

let live: Live

beforeAll(async () => (live = await Live.start(2, '127.0.21')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

const of = (releaseCode: string, majorVersion: number, minorVersion = 1): Ckpt['version'] => {
  return { releaseCode, majorVersion, minorVersion }
}

function nextOpen(ckpt: Ckpt): Promise<CheckpointOpenResult<Checkpoint>> {
  return new Promise((resolve) => ckpt.once('open', resolve))
}

async function isThere(name: string): Promise<boolean> {
  const ckpt = await live.initialize(1)
  const found = await ckpt.show(name).then(
    () => true,
    (error: { code: string }) => error.code !== 'ERR_NOT_EXIST',
  )
  await ckpt.finalize()
  return found
}

describe('1 Initialize', () => {
  test.each([of('B', 1), of('A', 1)])('OK: version %j', async (version) => {
    const ckpt = await live.initialize(0, version)
    expect(ckpt.version).toEqual(version)
    expect(await ckpt.listPage(null)).toMatchObject({ more: false })
  })

  test('NULL callbacks: OK', async () => {
    const ckpt = await live.initialize()
    expect(ckpt.eventNames()).toEqual([])
    expect((await ckpt.checkpointOpen(live.name(), attributes, ALL)).openFlags).toBe(ALL)
  })

  test('a single NULL callback: OK', async () => {
    const ckpt = await live.initialize()
    const opened = nextOpen(ckpt)
    await ckpt.checkpointOpenAsync(1, live.name(), attributes, ALL)
    expect(await opened).toMatchObject({ invocation: 1, error: null })
  })

  test.each([
    ['release too high', of('C', 1)],
    ['release too low', of('@', 1)],
    ['major too high', of('B', 9)],
    ['major too low', of('B', 0)],
  ])('%s: ERR_VERSION, and the supported version is said', async (_, version) => {
    const call = live.initialize(0, version)
    await expect(call).rejects.toMatchObject({ code: 'ERR_VERSION' })
    await expect(call).rejects.toThrow('supported: B.1.1, A.1.1')
  })
})

describe('4 Finalize', () => {
  test('OK', async () => {
    await expect((await live.initialize()).finalize()).resolves.toBeUndefined()
  })

  test('a finalized handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.finalized()).finalize())).toBe('ERR_BAD_HANDLE')
  })

  test('checkpoints are closed, and no event comes afterwards', async () => {
    const ckpt = await live.initialize()
    const checkpoint = await ckpt.checkpointOpen(live.name(), { ...attributes, retentionDurationMs: 0 }, ALL)
    let told = 0
    ckpt.on('open', () => told++)
    await ckpt.checkpointOpenAsync(1, checkpoint.name, null, CHECKPOINT_READ)
    await ckpt.finalize()
    expect(await errorOf(checkpoint.statusGet())).toBe('ERR_BAD_HANDLE')
    await until(async () => !(await isThere(checkpoint.name)))
    expect(told).toBe(0)
  })
})

describe('5 Open / OpenAsync', () => {
  test.each([
    ['synchronous replicas', WR_ALL_REPLICAS],
    ['asynchronous replicas', WR_ACTIVE_REPLICA],
    ['weak asynchronous replicas', WR_ACTIVE_REPLICA_WEAK],
  ])('create with %s: OK', async (_, creationFlags) => {
    const checkpoint = await live.create({ creationFlags })
    expect(checkpoint.attributes).toEqual({ ...attributes, creationFlags })
  })

  test('re-open: OK', async () => {
    const checkpoint = await live.create()
    for (const index of [0, 1]) {
      expect((await live.reopen(checkpoint, READ_WRITE, index)).attributes).toEqual(attributes)
    }
  })

  test('re-open with equal attributes: OK', async () => {
    const { name } = await live.create()
    const ckpt = await live.initialize(1)
    expect((await ckpt.checkpointOpen(name, attributes, ALL)).attributes).toEqual(attributes)
  })

  test('not existing: ERR_NOT_EXIST', async () => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpen(live.name(), null, READ_WRITE))).toBe('ERR_NOT_EXIST')
  })

  test('CREATE missing with attributes: ERR_INVALID_PARAM', async () => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpen(live.name(), attributes, READ_WRITE))).toBe('ERR_INVALID_PARAM')
  })

  test('CREATE with NULL attributes: ERR_INVALID_PARAM', async () => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpen(live.name(), null, ALL))).toBe('ERR_INVALID_PARAM')
  })

  test('checkpointSize > maxSections * maxSectionSize: ERR_INVALID_PARAM', async () => {
    expect(await errorOf(live.create({ checkpointSize: 40_001 }))).toBe('ERR_INVALID_PARAM')
  })

  test.each([
    WR_ALL_REPLICAS | WR_ACTIVE_REPLICA,
    WR_ALL_REPLICAS | WR_ACTIVE_REPLICA_WEAK,
    WR_ACTIVE_REPLICA | WR_ACTIVE_REPLICA_WEAK,
  ])('two WR flags together (%i): ERR_INVALID_PARAM', async (creationFlags) => {
    expect(await errorOf(live.create({ creationFlags }))).toBe('ERR_INVALID_PARAM')
  })

  test.each([null, undefined, ''])('name %p: ERR_INVALID_PARAM', async (name) => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpen(name as string, attributes, ALL))).toBe('ERR_INVALID_PARAM')
  })

  test.each([WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK])(
    'WR flag %i with COLLOCATED: OK',
    async (guarantee) => {
      const creationFlags = guarantee | CHECKPOINT_COLLOCATED
      expect((await live.create({ creationFlags })).attributes).toEqual({ ...attributes, creationFlags })
    },
  )

  test.each([0, 8, -1, 0x100])('bad open flags (%i): ERR_BAD_FLAGS', async (flags) => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpen(live.name(), attributes, flags))).toBe('ERR_BAD_FLAGS')
  })

  test.each([
    { creationFlags: WR_ACTIVE_REPLICA },
    { creationFlags: WR_ALL_REPLICAS | CHECKPOINT_COLLOCATED },
    { checkpointSize: 39_999 },
    { maxSections: 5 },
    { maxSectionSize: 10_001 },
    { maxSectionIdSize: 15 },
  ])('a differing attribute (%j): ERR_EXIST', async (differing) => {
    const { name } = await live.create()
    const ckpt = await live.initialize(1)
    expect(await errorOf(ckpt.checkpointOpen(name, { ...attributes, ...differing }, ALL))).toBe('ERR_EXIST')
  })

  test('a differing retention duration: OK', async () => {
    const { name } = await live.create()
    const ckpt = await live.initialize(1)
    const other = { ...attributes, retentionDurationMs: Infinity }
    expect((await ckpt.checkpointOpen(name, other, ALL)).attributes).toEqual(attributes)
  })

  test('an uninitialised handle: ERR_BAD_HANDLE', async () => {
    const ckpt = await live.finalized()
    ckpt.on('open', () => undefined)
    expect(await errorOf(ckpt.checkpointOpen(live.name(), attributes, ALL))).toBe('ERR_BAD_HANDLE')
    expect(await errorOf(ckpt.checkpointOpenAsync(1, live.name(), attributes, ALL))).toBe('ERR_BAD_HANDLE')
  })

  test('async without a callback: ERR_INIT', async () => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointOpenAsync(1, live.name(), attributes, ALL))).toBe('ERR_INIT')
  })

  test('async, invocation 0: OK', async () => {
    const ckpt = await live.initialize()
    const opened = nextOpen(ckpt)
    await ckpt.checkpointOpenAsync(0, live.name(), attributes, ALL)
    const { invocation, checkpoint, error } = await opened
    expect([invocation, error, checkpoint!.attributes]).toEqual([0, null, attributes])
    expect(await checkpoint!.statusGet()).toMatchObject({ openers: 1 })
  })

  test.each([
    ['ERR_NOT_EXIST', null, READ_WRITE],
    ['ERR_EXIST', { ...attributes, maxSections: 9 }, ALL],
  ])('async errors arrive in the callback: %s', async (code, given, flags) => {
    const { name } = await live.create()
    const ckpt = await live.initialize()
    const opened = nextOpen(ckpt)
    await ckpt.checkpointOpenAsync(7, code === 'ERR_EXIST' ? name : live.name(), given, flags)
    expect(await opened).toMatchObject({ invocation: 7, checkpoint: null, error: { code } })
  })

  test('extended names: OK up to 255 octets', async () => {
    const names = ['x'.repeat(255), 'ä'.repeat(127), 'safCkpt=a,safApp=b/c d']
    for (const name of names) {
      const checkpoint = await live.create({ name, retentionDurationMs: 0 })
      expect((await live.reopen(checkpoint, READ_WRITE, 1)).name).toBe(name)
    }
  })

  test('a name too long: ERR_TOO_BIG', async () => {
    expect(await errorOf(live.create({ name: 'x'.repeat(256) }))).toBe('ERR_TOO_BIG')
    expect(await errorOf(live.create({ name: 'ä'.repeat(128) }))).toBe('ERR_TOO_BIG')
  })
})

describe('6 Close', () => {
  test('OK', async () => {
    await expect((await live.create()).close()).resolves.toBeUndefined()
  })

  test('twice: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).close())).toBe('ERR_BAD_HANDLE')
  })

  test('after unlink: OK', async () => {
    const checkpoint = await live.create()
    await (await live.initialize()).checkpointUnlink(checkpoint.name)
    await expect(checkpoint.close()).resolves.toBeUndefined()
  })

  test('before unlink: OK', async () => {
    const { name } = await live.closed()
    await expect((await live.initialize()).checkpointUnlink(name)).resolves.toBeUndefined()
  })

  test('after finalize: ERR_BAD_HANDLE', async () => {
    const ckpt = await live.initialize()
    const checkpoint = await ckpt.checkpointOpen(live.name(), attributes, ALL)
    await ckpt.finalize()
    expect(await errorOf(checkpoint.close())).toBe('ERR_BAD_HANDLE')
  })

  test('cancels pending callbacks of that handle only', async () => {
    const ckpt = await live.initialize()
    const results: SynchronizeResult[] = []
    const told = new Promise<void>((resolve) => {
      ckpt.on('synchronize', (result) => {
        results.push(result)
        if (result.invocation === 2) resolve()
      })
    })
    const wanted = { ...attributes, creationFlags: WR_ACTIVE_REPLICA }
    const first = await ckpt.checkpointOpen(live.name(), wanted, ALL)
    const second = await ckpt.checkpointOpen(live.name(), wanted, ALL)
    await first.synchronizeAsync(1)
    const closed = first.close()
    await second.synchronizeAsync(2)
    await closed
    await told
    expect(results).toEqual([{ invocation: 2, error: null }])
  })

  test('re-open before the retention ends: OK', async () => {
    const checkpoint = await live.create({ retentionDurationMs: 60_000 })
    await checkpoint.sectionCreate('s', undefined, octets('kept'))
    await checkpoint.close()
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), 's')).toBe('kept')
  })
})

describe('7 Unlink', () => {
  test('removes the name', async () => {
    const { name } = await live.create()
    const ckpt = await live.initialize(1)
    await ckpt.checkpointUnlink(name)
    for (const index of [0, 1]) {
      const other = await live.initialize(index)
      expect(await errorOf(other.checkpointOpen(name, null, READ_WRITE))).toBe('ERR_NOT_EXIST')
    }
    expect(await errorOf(ckpt.checkpointUnlink(name))).toBe('ERR_NOT_EXIST')
  })

  test('data is reachable until close', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s', undefined, octets('here'))
    await (await live.initialize(1)).checkpointUnlink(checkpoint.name)
    expect(await contents(checkpoint, 's')).toBe('here')
    await checkpoint.sectionOverwrite('s', octets('still'))
    expect(await contents(checkpoint, 's')).toBe('still')
    expect(await checkpoint.statusGet()).toMatchObject({ unlinked: true, openers: 1 })
  })

  test('the same name can be created while the old one is open', async () => {
    const old = await live.create()
    await old.sectionCreate('s', undefined, octets('old'))
    await (await live.initialize()).checkpointUnlink(old.name)
    const young = await live.create({ name: old.name, maxSections: 9 })
    await young.sectionCreate('s', undefined, octets('young'))
    expect([await contents(old, 's'), await contents(young, 's')]).toEqual(['old', 'young'])
    await old.close()
    expect(await contents(await live.reopen(young, READ_WRITE, 1), 's')).toBe('young')
  })

  test('deleted at once if nobody has it open', async () => {
    const { name } = await live.closed()
    const ckpt = await live.initialize()
    await ckpt.checkpointUnlink(name)
    expect(await errorOf(ckpt.checkpointOpen(name, null, READ_WRITE))).toBe('ERR_NOT_EXIST')
  })

  test('after the retention: ERR_NOT_EXIST', async () => {
    const checkpoint = await live.create({ retentionDurationMs: 1 })
    await checkpoint.close()
    await until(async () => !(await isThere(checkpoint.name)))
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointUnlink(checkpoint.name))).toBe('ERR_NOT_EXIST')
  })

  test('an uninitialised handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.finalized()).checkpointUnlink(live.name()))).toBe('ERR_BAD_HANDLE')
  })

  test('NULL name: ERR_INVALID_PARAM', async () => {
    const ckpt = await live.initialize()
    expect(await errorOf(ckpt.checkpointUnlink(null as unknown as string))).toBe('ERR_INVALID_PARAM')
  })

  test('a name too long: ERR_TOO_BIG', async () => {
    expect(await errorOf((await live.initialize()).checkpointUnlink('x'.repeat(256)))).toBe('ERR_TOO_BIG')
  })
})

describe('8 RetentionDurationSet', () => {
  test('changes it', async () => {
    const checkpoint = await live.create({ retentionDurationMs: Infinity })
    await checkpoint.retentionDurationSet(1)
    expect(await checkpoint.statusGet()).toMatchObject({ retentionDurationMs: 1 })
    await checkpoint.close()
    await until(async () => !(await isThere(checkpoint.name)))
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).retentionDurationSet(1))).toBe('ERR_BAD_HANDLE')
  })

  test('after unlink: ERR_BAD_OPERATION', async () => {
    const checkpoint = await live.create()
    await (await live.initialize()).checkpointUnlink(checkpoint.name)
    expect(await errorOf(checkpoint.retentionDurationSet(1))).toBe('ERR_BAD_OPERATION')
  })

  test('0: OK, it is gone with the last close', async () => {
    const checkpoint = await live.create({ retentionDurationMs: Infinity })
    await checkpoint.retentionDurationSet(0)
    await checkpoint.close()
    expect(await isThere(checkpoint.name)).toBe(false)
  })
})

describe('9 ActiveReplicaSet', () => {
  test.each([WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK])(
    'collocated and asynchronous (%i): OK',
    async (flag) => {
      const checkpoint = await live.create({ creationFlags: flag | CHECKPOINT_COLLOCATED })
      await checkpoint.activeReplicaSet()
      expect(await checkpoint.statusGet()).toMatchObject({ activeReplica: 1 })
      const other = await live.reopen(checkpoint, READ_WRITE, 1)
      await other.activeReplicaSet()
      expect(await other.statusGet()).toMatchObject({ activeReplica: 2 })
    },
  )

  test.each([
    ['synchronous', WR_ALL_REPLICAS | CHECKPOINT_COLLOCATED],
    ['not collocated', WR_ACTIVE_REPLICA],
  ])('%s: ERR_BAD_OPERATION', async (_, creationFlags) => {
    expect(await errorOf((await live.create({ creationFlags })).activeReplicaSet())).toBe('ERR_BAD_OPERATION')
  })

  test('a read handle: ERR_ACCESS', async () => {
    const creationFlags = WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED
    const checkpoint = await live.create({ creationFlags, flags: CHECKPOINT_CREATE | CHECKPOINT_READ })
    expect(await errorOf(checkpoint.activeReplicaSet())).toBe('ERR_ACCESS')
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).activeReplicaSet())).toBe('ERR_BAD_HANDLE')
  })
})

describe('10 StatusGet', () => {
  test('OK', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s', undefined, octets('12345'))
    const other = await live.reopen(checkpoint, CHECKPOINT_READ, 1)
    const expected = {
      ...attributes,
      name: checkpoint.name,
      numberOfSections: 1,
      memoryUsed: 5,
      openers: 2,
      activeReplica: null,
      replicas: [1, 2],
      unlinked: false,
    }
    expect(await checkpoint.statusGet()).toEqual(expected)
    expect(await other.statusGet()).toEqual(expected)
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).statusGet())).toBe('ERR_BAD_HANDLE')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    const checkpoint = await live.create({ creationFlags: WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED })
    expect(await errorOf(checkpoint.statusGet())).toBe('ERR_NOT_EXIST')
  })
})
