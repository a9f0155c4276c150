import { AisError, Ckpt, type Checkpoint, type SynchronizeResult } from '../../../src/api/index.js'
import { attributes, CkptExecutive, outcome, settle, wireAttributes } from './ckpt-executive.js'

const data = Buffer.from('x')
const vector = [{ sectionId: 's', data }]

let executive: CkptExecutive
let ckpt: Ckpt
let told: string[]

beforeEach(() => {
  executive = new CkptExecutive()
  ckpt = new Ckpt(executive.connection, { releaseCode: 'B', majorVersion: 1, minorVersion: 1 })
  told = []
  ckpt.on('lost', () => told.push('lost'))
  ckpt.on('restored', () => told.push('restored'))
})

/** Open, and what is told of it is kept. */
async function open(name: string, flags = 3): Promise<Checkpoint> {
  const checkpoint = await ckpt.checkpointOpen(name, flags & 4 ? attributes : null, flags)
  checkpoint.on('changes', (changes) => told.push(`${name} ${changes.map(({ change }) => change).join()}`))
  checkpoint.on('gone', ({ code }) => told.push(`${name} gone ${code}`))
  return checkpoint
}

/** Resolves when it is told that the executive is back. */
function restored(): Promise<void> {
  return new Promise((resolve) => ckpt.once('restored', () => resolve()))
}

test('what is open is opened again, never created, with no mutation repeated', async () => {
  const [first, second] = [await open('a', 7), await open('b', 1)]
  executive.hold('checkpointWrite')
  const write = outcome(first.checkpointWrite(vector))
  const before = executive.asked.length
  executive.kill()
  expect(await write).toBe('ERR_TIMEOUT')
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'restored'])
  expect(executive.asked.slice(before)).toEqual(
    [
      { name: 'a', flags: 3, attributes: null },
      { name: 'b', flags: 1, attributes: null },
    ].map((params) => ({ method: 'ckpt.checkpointOpen', params, timeoutMs: undefined })),
  )
  executive.answer('checkpointWrite', () => null)
  await first.checkpointWrite(vector)
  expect((executive.last.params as unknown[])[0]).toBe(3)
  await second.close()
  expect(executive.last.params).toEqual({ handle: 4 })
})

test('what is open for nothing but to exist is opened again', async () => {
  await open('a', 4)
  executive.kill()
  executive.restart()
  await settle()
  expect(executive.last.params).toMatchObject({ name: 'a', flags: 1, attributes: null })
})

test('while there is no executive calls fail, and closing works', async () => {
  const [checkpoint, closed] = [await open('a'), await open('b')]
  executive.kill()
  for (const call of [
    checkpoint.checkpointWrite(vector),
    checkpoint.checkpointRead(vector),
    checkpoint.sectionOverwrite('s', data),
    checkpoint.statusGet(),
    checkpoint.track(),
    checkpoint.trackStop(),
    ckpt.checkpointOpen('c', null, 1),
    ckpt.listPage(null),
  ]) {
    expect(await outcome(call)).toBe('ERR_TRY_AGAIN')
  }
  expect(await outcome(closed.close())).toBeUndefined()
  expect(await outcome(closed.close())).toBe('ERR_BAD_HANDLE')
  executive.restart()
  await settle()
  expect(executive.calls('checkpointOpen').map(({ params }) => (params as { name: string }).name)).toEqual(
    // The second time only what is still open.
    ['a', 'b', 'a'],
  )
})

test('between its return and the opening calls are to be tried again', async () => {
  const checkpoint = await open('a')
  executive.kill()
  const release = executive.hold('checkpointOpen')
  executive.restart()
  expect(await outcome(checkpoint.statusGet())).toBe('ERR_TRY_AGAIN')
  expect(told).toEqual(['lost'])
  release({ handle: 9, attributes: wireAttributes })
  await settle()
  expect(told).toEqual(['lost', 'restored'])
  await checkpoint.sectionDelete('s')
  expect(executive.last.params).toMatchObject({ handle: 9 })
})

test('what was tracked is tracked again under the same number, and told to be replaced', async () => {
  const [tracked] = [await open('a'), await open('b')]
  await tracked.track()
  const { subscription } = executive.last.params as { subscription: number }
  executive.kill()
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'a replaced', 'restored'])
  expect(executive.calls('track').map(({ params }) => params)).toEqual([
    { handle: 1, subscription },
    { handle: 3, subscription },
  ])
  executive.event(subscription, { name: 'a', changes: [['written', data, 0, 1]] })
  expect(told.at(-1)).toBe('a written')
})

test('tracking that was stopped meanwhile is not taken up again', async () => {
  const tracked = await open('a')
  await tracked.track()
  executive.kill()
  expect(await outcome(tracked.trackStop())).toBeUndefined()
  expect(await outcome(tracked.trackStop())).toBe('ERR_TRY_AGAIN')
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'restored'])
  expect(executive.calls('track')).toHaveLength(1)
})

test('one that does not exist any more is gone for good', async () => {
  const checkpoint = await open('a')
  await checkpoint.track()
  executive.kill()
  executive.fail('checkpointOpen', 'ERR_NOT_EXIST')
  const back = restored()
  executive.restart()
  await settle()
  expect(told).toEqual(['lost'])
  await back
  expect(told).toEqual(['lost', 'a gone ERR_BAD_HANDLE', 'restored'])
  const error = await checkpoint.checkpointWrite(vector).catch((thrown: unknown) => thrown as AisError)
  expect(error).toMatchObject({ code: 'ERR_BAD_HANDLE' })
  expect((error as AisError).message).toContain('the checkpoint a could not be opened again: ERR_NOT_EXIST')
  expect(await outcome(checkpoint.close())).toBe('ERR_BAD_HANDLE')
  const asked = executive.asked.length
  executive.kill()
  executive.restart()
  await settle()
  expect(executive.asked).toHaveLength(asked)
})

test('one that the others have is there as soon as the executive has met them', async () => {
  const checkpoint = await open('a')
  executive.kill()
  executive.fail('checkpointOpen', 'ERR_NOT_EXIST')
  const back = restored()
  executive.restart()
  await settle()
  executive.answer('checkpointOpen', () => ({ handle: 9, attributes: wireAttributes }))
  await back
  expect(told).toEqual(['lost', 'restored'])
  await checkpoint.sectionDelete('s')
  expect(executive.last.params).toMatchObject({ handle: 9 })
})

test('another one of its name is not it', async () => {
  const checkpoint = await open('a')
  executive.kill()
  const other = { ...wireAttributes, maxSections: 3 }
  executive.answer('checkpointOpen', () => ({ handle: 8, attributes: other }))
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'a gone ERR_BAD_HANDLE', 'restored'])
  expect(executive.last).toMatchObject({ method: 'ckpt.checkpointClose', params: { handle: 8 } })
  expect(await outcome(checkpoint.statusGet())).toBe('ERR_BAD_HANDLE')
})

test('retention may have been set meanwhile', async () => {
  const checkpoint = await open('a')
  executive.kill()
  const set = { ...wireAttributes, retentionDurationMs: 5 }
  executive.answer('checkpointOpen', () => ({ handle: 8, attributes: set }))
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'restored'])
  expect(await outcome(checkpoint.sectionDelete('s'))).toBeUndefined()
})

test('an executive that still gets what the others have is asked until it has it', async () => {
  const checkpoint = await open('a')
  executive.kill()
  executive.fail('checkpointOpen', 'ERR_TRY_AGAIN')
  const back = restored()
  executive.restart()
  await settle()
  expect(told).toEqual(['lost'])
  executive.answer('checkpointOpen', () => ({ handle: 9, attributes: wireAttributes }))
  await back
  await checkpoint.sectionDelete('s')
  expect(executive.last.params).toMatchObject({ handle: 9 })
})

test('one that goes again meanwhile is awaited anew', async () => {
  const checkpoint = await open('a')
  executive.kill()
  executive.fail('checkpointOpen', 'ERR_TRY_AGAIN')
  executive.restart()
  await settle()
  executive.kill()
  executive.answer('checkpointOpen', () => ({ handle: 9, attributes: wireAttributes }))
  executive.restart()
  await settle()
  expect(told).toEqual(['lost', 'lost', 'restored'])
  await checkpoint.sectionDelete('s')
  expect(executive.last.params).toMatchObject({ handle: 9 })
})

test('an executive that goes while it closes a checkpoint has closed it', async () => {
  const checkpoint = await open('a')
  executive.hold('checkpointClose')
  const close = outcome(checkpoint.close())
  executive.kill()
  expect(await close).toBeUndefined()
  executive.restart()
  await settle()
  expect(executive.calls('checkpointOpen')).toHaveLength(1)
})

test('what is closed while it is opened again is closed there', async () => {
  const checkpoint = await open('a')
  executive.kill()
  const release = executive.hold('checkpointOpen')
  executive.restart()
  expect(await outcome(checkpoint.close())).toBeUndefined()
  release({ handle: 9, attributes: wireAttributes })
  await settle()
  expect(executive.last).toMatchObject({ method: 'ckpt.checkpointClose', params: { handle: 9 } })
  expect(told).toEqual(['lost', 'restored'])
})

test('what was opened by an executive that went at that moment is not taken for open', async () => {
  const call = outcome(ckpt.checkpointOpen('a', null, 1))
  const { connection } = executive
  // The answer is there, and the application has not been told of it yet.
  await Promise.resolve()
  await Promise.resolve()
  connection.owner!.onLost(new AisError('ERR_TRY_AGAIN', 'gone'))
  expect(await call).toBe('ERR_TIMEOUT')
})

test('answers by event: what is under way fails', async () => {
  const results: SynchronizeResult[] = []
  ckpt.on('synchronize', (result) => results.push(result))
  ckpt.on('open', ({ invocation, error }) => told.push(`open ${invocation} ${error?.code}`))
  const checkpoint = await open('a')
  executive.hold('synchronize')
  executive.hold('checkpointOpen')
  await checkpoint.synchronizeAsync(1)
  await ckpt.checkpointOpenAsync(2, 'b', null, 1)
  executive.kill()
  await settle()
  expect(results).toMatchObject([{ invocation: 1, error: { code: 'ERR_TIMEOUT' } }])
  expect(told).toEqual(['lost', 'open 2 ERR_TIMEOUT'])
})

test('after finalize nothing is opened again', async () => {
  await open('a')
  executive.kill()
  executive.fail('checkpointOpen', 'ERR_TRY_AGAIN')
  executive.restart()
  await settle()
  await ckpt.finalize()
  const asked = executive.asked.length
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(executive.asked).toHaveLength(asked)
  expect(told).toEqual(['lost'])
})
