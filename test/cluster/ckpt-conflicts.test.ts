import { jest } from '@jest/globals'
import { Ckpt, TIME_END, type AisError, type Checkpoint } from '../../src/api/index.js'
import { ALL, attributes, contents, octets, READ_WRITE, until } from '../conformance/ckpt/live.js'
import { SandboxWorld, sights } from './sandbox-world.js'

// Both sides of a cut change checkpoints, and meet again: what each application sees of it by its API.

// Each order to the sandbox is a program of its own, and each of those takes a while on a busy machine.
jest.setTimeout(120_000)

const split = ['node1: node1,node2', 'node2: node1,node2', 'node3: node3']
const everybody = 'node1,node2,node3'
const whole = [`node1: ${everybody}`, `node2: ${everybody}`, `node3: ${everybody}`]

let world: SandboxWorld
const opened: Ckpt[] = []

beforeEach(() => (world = new SandboxWorld()))
afterEach(async () => {
  for (const ckpt of opened.splice(0)) await ckpt.finalize()
  await world.close()
})

async function initialize(): Promise<Ckpt[]> {
  const { nodes } = await world.status()
  for (const { socket } of nodes) opened.push(await Ckpt.initialize({ socket }))
  for (const ckpt of opened) {
    await until(() =>
      ckpt.listPage(null, 1).then(
        () => true,
        ({ code }: AisError) => {
          if (code !== 'ERR_TRY_AGAIN') throw new Error(code)
          return false
        },
      ),
    )
  }
  return opened
}

async function cut(): Promise<void> {
  await world.json('partition', 'node1,node2', '/', 'node3')
  await world.until('split', (found) => sights(found).join() === split.join())
}

async function heal(): Promise<void> {
  await world.json('heal')
  await world.until('whole', (found) => sights(found).join() === whole.join())
}

async function openOn(ckpt: Ckpt, name: string, told: string[] = []): Promise<Checkpoint> {
  const checkpoint = await ckpt.checkpointOpen(name, attributes, ALL)
  checkpoint.on('changes', (changes) => told.push(...changes.map(({ change }) => change)))
  await checkpoint.track()
  return checkpoint
}

test('what loses is told to its application, kept, read and dismissed', async () => {
  await world.json('up')
  const [first, , third] = await initialize()
  const told: string[] = []
  const [kept, lost] = [await openOn(first!, 'both'), await openOn(third!, 'both', told)]
  const [one, other] = [await openOn(first!, 'one side'), await openOn(third!, 'one side')]
  await kept.sectionCreate('s', TIME_END, octets('before'))
  await other.sectionCreate('s', TIME_END, octets('before'))
  await cut()
  await kept.sectionOverwrite('s', octets('of two'))
  await lost.sectionOverwrite('s', octets('of one'))
  await lost.sectionCreate('t', TIME_END, octets('more'))
  // Only one side changes this one: its change is kept, whichever side wins.
  await other.sectionOverwrite('s', octets('after'))
  told.splice(0)
  await heal()

  await until(async () => told.includes('replaced'))
  for (const checkpoint of [kept, lost]) expect(await contents(checkpoint, 's')).toBe('of two')
  for (const checkpoint of [one, other]) expect(await contents(checkpoint, 's')).toBe('after')
  expect(await lost.statusGet()).toMatchObject({ openers: 2, numberOfSections: 1 })
  await lost.sectionOverwrite('s', octets('together'))
  expect(await contents(kept, 's')).toBe('together')

  const { conflicts, more } = await third!.conflictsPage(null)
  expect([more, conflicts.map(({ name }) => name)]).toEqual([false, ['both']])
  const [conflict] = conflicts
  expect(conflict).toMatchObject({ nodes: [3], keptNodes: [1, 2], numberOfSections: 2, memoryUsed: 10 })
  const { conflicts: same } = await first!.conflictsPage(null)
  expect(same).toMatchObject([{ id: conflict!.id, nodes: [3] }])
  const { sections } = await third!.conflictSections(conflict!.id, null)
  expect(sections.map(({ sectionId, sectionSize }) => [sectionId.toString(), sectionSize])).toEqual([
    ['s', 6],
    ['t', 4],
  ])
  expect((await third!.conflictRead(conflict!.id, 's', 0, 100)).toString()).toBe('of one')
  expect((await third!.conflictRead(conflict!.id, 't', 1, 2)).toString()).toBe('or')
  await third!.conflictDismiss(conflict!.id)
  expect(await first!.conflictsPage(null)).toEqual({ conflicts: [], more: false })
})

test('what the others unlinked meanwhile stays gone: its calls fail', async () => {
  await world.json('up')
  const [first, , third] = await initialize()
  const left = await openOn(first!, 'unlinked')
  const apart = await openOn(third!, 'unlinked')
  await left.close()
  await cut()
  await first!.checkpointUnlink('unlinked')
  await heal()
  const isGone = (error: unknown): boolean => (error as AisError).code === 'ERR_BAD_HANDLE'
  await until(() => apart.statusGet().then(() => false, isGone))
  for (const ckpt of [first!, third!]) {
    const open = ckpt.checkpointOpen('unlinked', null, READ_WRITE)
    await expect(open).rejects.toMatchObject({ code: 'ERR_NOT_EXIST' })
  }
  await expect(apart.close()).resolves.toBeUndefined()
})
