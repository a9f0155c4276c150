import { Ckpt, SectionsChosen, type Checkpoint, type SectionIterator } from '../../../src/api/index.js'
import { CkptExecutive, outcome, settle } from './ckpt-executive.js'

let executive: CkptExecutive
let ckpt: Ckpt
let checkpoint: Checkpoint
/** What the executive has still to give. */
let left: object[]

function section(name: string): object {
  return {
    sectionId: Buffer.from(name),
    expirationTime: 2n ** 63n - 1n,
    sectionSize: 3,
    sectionState: 1,
    lastUpdate: 17,
  }
}

function sections(count: number): object[] {
  return Array.from({ length: count }, (_, index) => section(`s${index}`))
}

beforeEach(async () => {
  executive = new CkptExecutive()
  ckpt = new Ckpt(executive.connection, { releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
  checkpoint = await ckpt.checkpointOpen('c', null, 1)
  left = []
  executive.answer('iterationInitialize', () => ({ iteration: 77 }))
  executive.answer('iterationNext', ({ count }: { count: number }) => left.splice(0, count))
})

async function idsOf(iterator: SectionIterator): Promise<string[]> {
  const ids: string[] = []
  for await (const { sectionId } of iterator) ids.push(sectionId.toString())
  return ids
}

test.each<[SectionsChosen | undefined, bigint | undefined, object]>([
  [undefined, undefined, { choice: 5, expirationTime: 0 }],
  [SectionsChosen.SECTIONS_FOREVER, undefined, { choice: 1, expirationTime: 0 }],
  [SectionsChosen.SECTIONS_LEQ_EXPIRATION_TIME, 2n ** 62n, { choice: 2, expirationTime: 2n ** 62n }],
  [SectionsChosen.SECTIONS_GEQ_EXPIRATION_TIME, 5n, { choice: 3, expirationTime: 5 }],
  [SectionsChosen.SECTIONS_CORRUPTED, undefined, { choice: 4, expirationTime: 0 }],
])('choice %p is asked for', async (choice, expirationTime, params) => {
  await checkpoint.sectionIterationInitialize(choice, expirationTime)
  expect(executive.last).toEqual({
    method: 'ckpt.iterationInitialize',
    params: { handle: 1, ...params },
    timeoutMs: undefined,
  })
})

test.each([0, 6, 1.5, '1', null])('choice %p is none', async (choice) => {
  const call = checkpoint.sectionIterationInitialize(choice as SectionsChosen, 5n)
  expect(await outcome(call)).toBe('ERR_INVALID_PARAM')
  expect(executive.calls('iterationInitialize')).toEqual([])
})

test('LEQ and GEQ need a time', async () => {
  for (const choice of [2, 3] as const) {
    expect(await outcome(checkpoint.sectionIterationInitialize(choice))).toBe('ERR_INVALID_PARAM')
  }
})

test('next gives one after the other, and ERR_NO_SECTIONS at the end, again and again', async () => {
  left = sections(2)
  const iterator = await checkpoint.sectionIterationInitialize()
  expect(await iterator.next()).toEqual({
    sectionId: Buffer.from('s0'),
    expirationTime: 2n ** 63n - 1n,
    sectionSize: 3,
    sectionState: 1,
    lastUpdate: 17n,
  })
  expect(await iterator.next()).toMatchObject({ sectionId: Buffer.from('s1') })
  expect(await outcome(iterator.next())).toBe('ERR_NO_SECTIONS')
  expect(await outcome(iterator.next())).toBe('ERR_NO_SECTIONS')
  expect(executive.last.params).toEqual({ iteration: 77, count: 512 })
})

test('pages are fetched ahead, all of them, each once, and no more after the end', async () => {
  const all = sections(1200)
  left = [...all]
  const iterator = await checkpoint.sectionIterationInitialize()
  await iterator.next()
  await settle()
  expect(executive.calls('iterationNext')).toHaveLength(1)
  for (let i = 1; i < 260; i++) await iterator.next()
  await settle()
  expect(executive.calls('iterationNext')).toHaveLength(2)
  const ids = await idsOf(iterator)
  expect(ids).toEqual(all.slice(260).map((_, index) => `s${index + 260}`))
  // 512, 512, 176, and the empty one that says that it is the end.
  expect(executive.calls('iterationNext')).toHaveLength(4)
})

test('a short page is not the end: an empty one is', async () => {
  const pages = [sections(2), [section('last')], []]
  executive.answer('iterationNext', () => pages.shift())
  expect(await idsOf(await checkpoint.sectionIterationInitialize())).toEqual(['s0', 's1', 'last'])
})

test('many may ask at once, and each gets another one', async () => {
  left = sections(600)
  const iterator = await checkpoint.sectionIterationInitialize()
  const asked = Array.from({ length: 601 }, () =>
    iterator.next().then(
      ({ sectionId }) => sectionId.toString(),
      (error: { code: string }) => error.code,
    ),
  )
  expect(await Promise.all(asked)).toEqual([...sections(600).map((_, i) => `s${i}`), 'ERR_NO_SECTIONS'])
})

test('a page that could not be had is asked for again by the next call', async () => {
  const iterator = await checkpoint.sectionIterationInitialize()
  executive.fail('iterationNext', 'ERR_TRY_AGAIN')
  expect(await outcome(iterator.next())).toBe('ERR_TRY_AGAIN')
  left = sections(1)
  executive.answer('iterationNext', () => left.splice(0))
  expect(await iterator.next()).toMatchObject({ sectionId: Buffer.from('s0') })
})

test('finalize lets it go; everything fails afterwards', async () => {
  left = sections(2)
  const iterator = await checkpoint.sectionIterationInitialize()
  await iterator.next()
  await iterator.finalize()
  expect(executive.last).toMatchObject({ method: 'ckpt.iterationFinalize', params: { iteration: 77 } })
  expect(await outcome(iterator.next())).toBe('ERR_BAD_HANDLE')
  expect(await outcome(iterator.finalize())).toBe('ERR_BAD_HANDLE')
})

test('a loop finalizes it, also one that ends early', async () => {
  left = sections(3)
  expect(await idsOf(await checkpoint.sectionIterationInitialize())).toEqual(['s0', 's1', 's2'])
  expect(executive.calls('iterationFinalize')).toHaveLength(1)
  left = sections(3)
  for await (const { sectionId } of await checkpoint.sectionIterationInitialize()) {
    if (sectionId.toString() === 's1') break
  }
  expect(executive.calls('iterationFinalize')).toHaveLength(2)
})

test.each<[string, () => Promise<void> | void]>([
  ['the checkpoint is closed', () => checkpoint.close()],
  ['everything is finalized', () => ckpt.finalize()],
  ['the executive goes away', () => executive.kill()],
])('it ends when %s, also for those that wait', async (_, end) => {
  const idle = await checkpoint.sectionIterationInitialize()
  const waiting = await checkpoint.sectionIterationInitialize()
  const release = executive.hold('iterationNext')
  const next = outcome(waiting.next())
  await end()
  release([])
  expect(await next).toBe('ERR_BAD_HANDLE')
  expect(await outcome(idle.next())).toBe('ERR_BAD_HANDLE')
  expect(await outcome(idle.finalize())).toBe('ERR_BAD_HANDLE')
  await expect(idsOf(idle)).rejects.toMatchObject({ code: 'ERR_BAD_HANDLE' })
  expect(executive.calls('iterationFinalize')).toEqual([])
})
