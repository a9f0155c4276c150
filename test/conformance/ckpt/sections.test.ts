import { SectionsChosen, TIME_END, type Checkpoint, type SectionIterator } from '../../../src/api/index.js'
import {
  CHECKPOINT_COLLOCATED,
  CHECKPOINT_CREATE,
  CHECKPOINT_READ,
  contents,
  errorOf,
  inMs,
  Live,
  octets,
  READ_WRITE,
  until,
  WR_ACTIVE_REPLICA,
} from './live.js'

// Groups 11 to 16 of the public CKPT suite: sections, and going through them. See checkpoints.test.ts.

const {
  SECTIONS_ANY,
  SECTIONS_CORRUPTED,
  SECTIONS_FOREVER,
  SECTIONS_GEQ_EXPIRATION_TIME,
  SECTIONS_LEQ_EXPIRATION_TIME,
} = SectionsChosen
const collocated = { creationFlags: WR_ACTIVE_REPLICA | CHECKPOINT_COLLOCATED }
/** What has the default section and no other. */
const single = { maxSections: 1, checkpointSize: 10_000 }

let live: Live

beforeAll(async () => (live = await Live.start(2, '127.0.22')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

async function readOnly(): Promise<Checkpoint> {
  return live.create({ flags: CHECKPOINT_CREATE | CHECKPOINT_READ })
}

describe('11 SectionCreate', () => {
  test('OK, and it is on every node', async () => {
    const checkpoint = await live.create()
    expect(await checkpoint.sectionCreate('s', TIME_END, octets('data'))).toEqual(octets('s'))
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), 's')).toBe('data')
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).sectionCreate('s'))).toBe('ERR_BAD_HANDLE')
  })

  test('more than maxSections: ERR_NO_SPACE', async () => {
    const checkpoint = await live.create({ maxSections: 2, checkpointSize: 20_000 })
    await checkpoint.sectionCreate('1')
    await checkpoint.sectionCreate('2')
    expect(await errorOf(checkpoint.sectionCreate('3'))).toBe('ERR_NO_SPACE')
    expect(await errorOf(checkpoint.sectionCreate(null))).toBe('ERR_NO_SPACE')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    expect(await errorOf((await live.create(collocated)).sectionCreate('s'))).toBe('ERR_NOT_EXIST')
  })

  test('not opened for writing: ERR_ACCESS', async () => {
    expect(await errorOf((await readOnly()).sectionCreate('s'))).toBe('ERR_ACCESS')
  })

  test('maxSections is 1: ERR_EXIST', async () => {
    const checkpoint = await live.create(single)
    expect(await errorOf(checkpoint.sectionCreate('s'))).toBe('ERR_EXIST')
    expect(await errorOf(checkpoint.sectionCreate(''))).toBe('ERR_EXIST')
    expect(await errorOf(checkpoint.sectionCreate(null))).toBe('ERR_EXIST')
  })

  test.each([undefined, 5, {}])('section id %p: ERR_INVALID_PARAM', async (sectionId) => {
    const checkpoint = await live.create()
    expect(await errorOf(checkpoint.sectionCreate(sectionId as unknown as string))).toBe('ERR_INVALID_PARAM')
  })

  test('NULL data with a size: ERR_INVALID_PARAM', async () => {
    const checkpoint = await live.create()
    const data = null as unknown as Buffer
    expect(await errorOf(checkpoint.sectionCreate('s', TIME_END, data))).toBe('ERR_INVALID_PARAM')
  })

  test('NULL data of size 0: OK', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s')
    await checkpoint.sectionCreate('t', TIME_END, Buffer.alloc(0))
    expect([await contents(checkpoint, 's'), await contents(checkpoint, 't')]).toEqual(['', ''])
  })

  test('the same id: ERR_EXIST', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s', TIME_END, octets('first'))
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    expect(await errorOf(other.sectionCreate('s', TIME_END, octets('second')))).toBe('ERR_EXIST')
    expect(await contents(other, 's')).toBe('first')
  })

  test('a generated id: OK', async () => {
    const checkpoint = await live.create()
    const ids = [
      await checkpoint.sectionCreate(null),
      await checkpoint.sectionCreate(null, TIME_END, octets('x')),
    ]
    expect(new Set(ids.map(String)).size).toBe(2)
    expect(ids.every(({ length }) => length >= 1 && length <= 16)).toBe(true)
    expect(await contents(checkpoint, ids[1]!)).toBe('x')
  })

  test('an id longer than maxSectionIdSize: ERR_INVALID_PARAM', async () => {
    const checkpoint = await live.create()
    expect(await errorOf(checkpoint.sectionCreate('x'.repeat(17)))).toBe('ERR_INVALID_PARAM')
  })

  test('an id of length 0: OK where there is more than the default section', async () => {
    const checkpoint = await live.create()
    expect(await checkpoint.sectionCreate('', TIME_END, octets('x'))).toEqual(Buffer.alloc(0))
    expect(await contents(checkpoint, '')).toBe('x')
  })

  test('a long id: OK', async () => {
    const checkpoint = await live.create({ maxSectionIdSize: 1024 })
    const id = Buffer.alloc(1024, 0xff)
    expect(await checkpoint.sectionCreate(id)).toEqual(id)
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), id)).toBe('')
  })

  test('data larger than maxSectionSize: ERR_INVALID_PARAM', async () => {
    const checkpoint = await live.create()
    expect(await errorOf(checkpoint.sectionCreate('s', TIME_END, Buffer.alloc(10_001)))).toBe(
      'ERR_INVALID_PARAM',
    )
  })

  test('past checkpointSize: ERR_NO_SPACE', async () => {
    const checkpoint = await live.create({ checkpointSize: 10_000 })
    await checkpoint.sectionCreate('s', TIME_END, Buffer.alloc(9000))
    expect(await errorOf(checkpoint.sectionCreate('t', TIME_END, Buffer.alloc(1001)))).toBe('ERR_NO_SPACE')
    await checkpoint.sectionCreate('t', TIME_END, Buffer.alloc(1000))
  })
})

describe('12 SectionDelete', () => {
  test('OK, and it is gone on every node', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s')
    await checkpoint.sectionDelete('s')
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    expect(await errorOf(contents(other, 's'))).toBe('ERR_NOT_EXIST')
    expect(await other.statusGet()).toMatchObject({ numberOfSections: 0, memoryUsed: 0 })
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).sectionDelete('s'))).toBe('ERR_BAD_HANDLE')
  })

  test('not opened for writing: ERR_ACCESS', async () => {
    expect(await errorOf((await readOnly()).sectionDelete('s'))).toBe('ERR_ACCESS')
  })

  test('unknown: ERR_NOT_EXIST', async () => {
    expect(await errorOf((await live.create()).sectionDelete('s'))).toBe('ERR_NOT_EXIST')
  })

  test('the default section: ERR_INVALID_PARAM', async () => {
    expect(await errorOf((await live.create(single)).sectionDelete(''))).toBe('ERR_INVALID_PARAM')
  })
})

describe('13 ExpirationTimeSet', () => {
  test('OK: it ends on every node', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s')
    await checkpoint.sectionCreate('kept', inMs(100))
    await checkpoint.sectionExpirationTimeSet('s', inMs(100))
    await checkpoint.sectionExpirationTimeSet('kept', TIME_END)
    const other = await live.reopen(checkpoint, READ_WRITE, 1)
    for (const each of [checkpoint, other]) {
      await until(async () => (await each.statusGet()).numberOfSections === 1)
      expect(await errorOf(contents(each, 's'))).toBe('ERR_NOT_EXIST')
      expect(await contents(each, 'kept')).toBe('')
    }
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).sectionExpirationTimeSet('s', TIME_END))).toBe(
      'ERR_BAD_HANDLE',
    )
  })

  test('the default section: ERR_INVALID_PARAM', async () => {
    const checkpoint = await live.create(single)
    expect(await errorOf(checkpoint.sectionExpirationTimeSet('', inMs(1000)))).toBe('ERR_INVALID_PARAM')
  })

  test('not opened for writing: ERR_ACCESS', async () => {
    expect(await errorOf((await readOnly()).sectionExpirationTimeSet('s', TIME_END))).toBe('ERR_ACCESS')
  })

  test('unknown: ERR_NOT_EXIST', async () => {
    expect(await errorOf((await live.create()).sectionExpirationTimeSet('s', TIME_END))).toBe('ERR_NOT_EXIST')
  })
})

describe('14 IterationInitialize', () => {
  const soon = inMs(3_600_000)
  const later = inMs(7_200_000)

  /** Sections that end in an hour, in two, and never. */
  async function three(): Promise<Checkpoint> {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('soon', soon)
    await checkpoint.sectionCreate('later', later, octets('12345'))
    await checkpoint.sectionCreate('never')
    return checkpoint
  }

  async function idsOf(iterator: SectionIterator): Promise<string[]> {
    const ids: string[] = []
    for await (const { sectionId } of iterator) ids.push(sectionId.toString())
    return ids.sort()
  }

  test.each<[string, SectionsChosen, bigint | undefined, string[]]>([
    ['FOREVER', SECTIONS_FOREVER, undefined, ['never']],
    ['LEQ', SECTIONS_LEQ_EXPIRATION_TIME, soon, ['soon']],
    ['LEQ of the later one', SECTIONS_LEQ_EXPIRATION_TIME, later, ['later', 'soon']],
    ['GEQ', SECTIONS_GEQ_EXPIRATION_TIME, later, ['later', 'never']],
    ['CORRUPTED', SECTIONS_CORRUPTED, undefined, []],
    ['ANY', SECTIONS_ANY, undefined, ['later', 'never', 'soon']],
  ])('%s: OK', async (_, choice, time, expected) => {
    const checkpoint = await three()
    for (const index of [0, 1]) {
      const open = await live.reopen(checkpoint, CHECKPOINT_READ, index)
      expect(await idsOf(await open.sectionIterationInitialize(choice, time))).toEqual(expected)
    }
  })

  test('a bad handle: ERR_BAD_HANDLE', async () => {
    expect(await errorOf((await live.closed()).sectionIterationInitialize())).toBe('ERR_BAD_HANDLE')
  })

  test.each([0, 6, 99, null])('a bad choice (%p): ERR_INVALID_PARAM', async (choice) => {
    const checkpoint = await live.create()
    const call = checkpoint.sectionIterationInitialize(choice as SectionsChosen)
    expect(await errorOf(call)).toBe('ERR_INVALID_PARAM')
  })

  test('no active replica: ERR_NOT_EXIST', async () => {
    const checkpoint = await live.create(collocated)
    expect(await errorOf(checkpoint.sectionIterationInitialize())).toBe('ERR_NOT_EXIST')
  })
})

describe('15 IterationNext', () => {
  test('OK: what a section is', async () => {
    const checkpoint = await live.create()
    const before = inMs(0)
    const expirationTime = inMs(3_600_000)
    await checkpoint.sectionCreate('s', expirationTime, octets('12345'))
    const iterator = await checkpoint.sectionIterationInitialize()
    const { lastUpdate, ...section } = await iterator.next()
    expect(section).toEqual({ sectionId: octets('s'), expirationTime, sectionSize: 5, sectionState: 1 })
    expect(lastUpdate >= before && lastUpdate <= inMs(0)).toBe(true)
  })

  test('at the end: ERR_NO_SECTIONS', async () => {
    const iterator = await (await live.create()).sectionIterationInitialize()
    expect(await errorOf(iterator.next())).toBe('ERR_NO_SECTIONS')
    expect(await errorOf(iterator.next())).toBe('ERR_NO_SECTIONS')
  })

  test('sections created later do not come', async () => {
    const checkpoint = await live.create()
    await checkpoint.sectionCreate('s')
    const iterator = await checkpoint.sectionIterationInitialize()
    await checkpoint.sectionCreate('t')
    expect((await iterator.next()).sectionId).toEqual(octets('s'))
    expect(await errorOf(iterator.next())).toBe('ERR_NO_SECTIONS')
  })

  test('after finalize: ERR_BAD_HANDLE', async () => {
    const iterator = await (await live.create()).sectionIterationInitialize()
    await iterator.finalize()
    expect(await errorOf(iterator.next())).toBe('ERR_BAD_HANDLE')
  })

  test('after the checkpoint was closed: ERR_BAD_HANDLE', async () => {
    const checkpoint = await live.create()
    const iterator = await checkpoint.sectionIterationInitialize()
    await checkpoint.close()
    expect(await errorOf(iterator.next())).toBe('ERR_BAD_HANDLE')
  })
})

describe('16 IterationFinalize', () => {
  test('OK', async () => {
    const iterator = await (await live.create()).sectionIterationInitialize()
    await expect(iterator.finalize()).resolves.toBeUndefined()
  })

  test('twice: ERR_BAD_HANDLE', async () => {
    const iterator = await (await live.create()).sectionIterationInitialize()
    await iterator.finalize()
    expect(await errorOf(iterator.finalize())).toBe('ERR_BAD_HANDLE')
  })

  test('after the checkpoint was closed: ERR_BAD_HANDLE', async () => {
    const checkpoint = await live.create()
    const iterator = await checkpoint.sectionIterationInitialize()
    await checkpoint.close()
    expect(await errorOf(iterator.finalize())).toBe('ERR_BAD_HANDLE')
  })
})
