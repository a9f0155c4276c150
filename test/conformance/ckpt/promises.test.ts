import { TIME_END, type AisError, type Checkpoint, type CheckpointChange } from '../../../src/api/index.js'
import { RawClient } from '../../helpers/ipc/raw-client.js'
import { attributes, ALL, contents, errorOf, Live, octets, READ_WRITE, until } from './live.js'

// What is promised beyond the rows of the public suite: executives that go and come back, many calls at once.

let live: Live

beforeAll(async () => (live = await Live.start(3, '127.0.24')), 60_000)
afterAll(() => live.cluster.close())
afterEach(() => live.finalizeAll())

interface Application {
  readonly checkpoint: Checkpoint
  /** What it was told, in order. */
  readonly told: string[]
  /** Resolves when it is told that the executive is back. */
  readonly restored: Promise<void>
}

/** One on the first node, with a checkpoint that nobody else has open. */
async function application(): Promise<Application> {
  const ckpt = await live.initialize()
  const checkpoint = await ckpt.checkpointOpen(live.name(), attributes, ALL)
  const told: string[] = []
  ckpt.on('lost', () => told.push('lost'))
  checkpoint.on('changes', (changes) => told.push(...changes.map(({ change }) => change)))
  checkpoint.on('gone', ({ message }) => told.push(message))
  const restored = new Promise<void>((resolve) => ckpt.once('restored', () => resolve()))
  return { checkpoint, told, restored }
}

test('a killed executive that comes back: what was open and tracked is so again', async () => {
  const { checkpoint, told, restored } = await application()
  await checkpoint.sectionCreate('s', TIME_END, octets('before'))
  const other = await live.reopen(checkpoint, READ_WRITE, 1)
  await checkpoint.track()
  await live.cluster.node(0).kill()
  expect(['ERR_TRY_AGAIN', 'ERR_TIMEOUT']).toContain(await errorOf(contents(checkpoint, 's')))
  await other.sectionOverwrite('s', octets('meanwhile'))
  await until(async () => (await other.statusGet()).openers === 1)
  live.cluster.spawn(0)
  await restored
  expect(told).toEqual(['lost', 'replaced'])
  expect(await contents(checkpoint, 's')).toBe('meanwhile')
  expect(await other.statusGet()).toMatchObject({ openers: 2, replicas: [1, 2, 3] })
  await other.sectionOverwrite('s', octets('after'))
  await until(async () => told.at(-1) === 'overwritten')
  await checkpoint.sectionDelete('s')
  expect(await other.statusGet()).toMatchObject({ numberOfSections: 0 })
})

test('what was unlinked while the executive was away is gone for good', async () => {
  const { checkpoint, told, restored } = await application()
  await live.cluster.node(0).kill()
  await (await live.initialize(1)).checkpointUnlink(checkpoint.name)
  live.cluster.spawn(0)
  await restored
  expect(told).toEqual(['lost', expect.stringContaining('could not be opened again: ERR_NOT_EXIST')])
  expect(await errorOf(checkpoint.statusGet())).toBe('ERR_BAD_HANDLE')
})

test('nothing acknowledged is lost when the node that wrote it and a further one are killed', async () => {
  const { checkpoint } = await application()
  await checkpoint.sectionCreate('s')
  const survivor = await live.reopen(checkpoint, READ_WRITE, 2)
  let acknowledged = 0
  const stopped = (async (): Promise<AisError> => {
    for (;;) {
      try {
        await checkpoint.sectionOverwrite('s', octets(`${acknowledged + 1}`))
        acknowledged++
      } catch (error) {
        return error as AisError
      }
    }
  })()
  await until(async () => acknowledged > 50)
  await live.cluster.node(1).kill()
  const before = acknowledged
  await until(async () => acknowledged > before + 50)
  await live.cluster.node(0).kill()
  expect((await stopped).code).toMatch(/^ERR_(TRY_AGAIN|TIMEOUT)$/)
  const found = Number(await contents(survivor, 's'))
  expect([acknowledged, acknowledged + 1]).toContain(found)

  live.cluster.spawn(0)
  live.cluster.spawn(1)
  await live.cluster.formed([0, 1, 2])
  for (const index of [0, 1]) {
    await live.ready(index)
    expect(await contents(await live.reopen(checkpoint, READ_WRITE, index), 's')).toBe(`${found}`)
  }
  const { members } = await (await live.initialize(2)).digests([checkpoint.name])
  expect(members.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3])
  expect(new Set(members.map(({ checkpoints }) => checkpoints[0]!.digest)).size).toBe(1)
}, 60_000)

test('a client that dies in the middle closes what it had open, and harms nobody', async () => {
  const { checkpoint } = await application()
  await checkpoint.sectionCreate('s')
  const other = await live.reopen(checkpoint, READ_WRITE, 1)
  const dying = await live.initialize()
  const opened = await dying.checkpointOpen(checkpoint.name, null, READ_WRITE)
  for (let i = 0; i < 100; i++)
    void opened.sectionOverwrite('s', Buffer.alloc(9000, i)).catch(() => undefined)
  await dying.finalize()
  await until(async () => (await other.statusGet()).openers === 2)
  const told: CheckpointChange[] = []
  other.on('changes', (changes) => told.push(...changes))
  await other.track()
  await checkpoint.sectionOverwrite('s', octets('alive'))
  await until(async () => told.length > 0)
  expect(await contents(other, 's')).toBe('alive')
})

test('an application that heeds isFull has no call refused, however many it makes', async () => {
  const ckpt = await live.initialize()
  const wanted = { ...attributes, maxSectionSize: 250_000, checkpointSize: 1_000_000 }
  const checkpoint = await ckpt.checkpointOpen(live.name(), wanted, ALL)
  await checkpoint.sectionCreate('small')
  await checkpoint.sectionCreate('large')
  const calls: Promise<void>[] = []
  let waits = 0
  const heed = async (): Promise<void> => {
    if (!ckpt.isFull) return
    waits++
    await ckpt.drain()
  }
  // More than the connection takes at a time: in number, then in octets.
  for (let i = 0; i < 60_000; i++) {
    await heed()
    calls.push(checkpoint.sectionOverwrite('small', octets(`${i}`)))
  }
  for (let i = 0; i < 100; i++) {
    await heed()
    calls.push(checkpoint.sectionOverwrite('large', Buffer.alloc(250_000, i)))
  }
  await Promise.all(calls)
  expect(waits).toBeGreaterThanOrEqual(2)
  const other = await live.reopen(checkpoint, READ_WRITE, 2)
  expect(await contents(other, 'small')).toBe('59999')
  const [large] = await other.checkpointRead([{ sectionId: 'large' }])
  expect(large!.equals(Buffer.alloc(250_000, 99))).toBe(true)
}, 120_000)

test('a client that stops reading what it tracks is sent away, and harms nobody', async () => {
  const ckpt = await live.initialize()
  const wanted = { ...attributes, maxSectionIdSize: 1000 }
  const checkpoint = await ckpt.checkpointOpen(live.name(), wanted, ALL)
  const sectionId = Buffer.alloc(1000, 'x')
  await checkpoint.sectionCreate(sectionId)
  const deaf = await RawClient.greet(live.cluster.socketPath(0))
  const opening = { name: checkpoint.name, flags: 1, attributes: null }
  const [, , opened] = await deaf.ask(1, 'ckpt.checkpointOpen', opening)
  const { handle } = opened as { handle: number }
  expect(await deaf.ask(2, 'ckpt.track', { handle, subscription: 7 })).toEqual([2, 2, null])
  expect(await checkpoint.statusGet()).toMatchObject({ openers: 2 })
  deaf.socket.pause()
  // Each call is a hundred changes, told with their ids.
  const vector = Array.from({ length: 100 }, () => ({ sectionId, data: octets('x') }))
  await until(async () => {
    for (let i = 0; i < 20; i++) await checkpoint.checkpointWrite(vector)
    return (await checkpoint.statusGet()).openers === 1
  })
  await checkpoint.sectionOverwrite(sectionId, octets('alive'))
  expect(await contents(await live.reopen(checkpoint, READ_WRITE, 1), sectionId)).toBe('alive')
  await deaf.close()
}, 60_000)
