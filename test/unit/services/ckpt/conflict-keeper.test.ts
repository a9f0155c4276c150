import { limits } from '../../../../src/base/index.js'
import { CkptState, type Conflict } from '../../../../src/services/ckpt/ckpt-state.js'
import { ConflictKeeper, type FoundConflict } from '../../../../src/services/ckpt/conflict-keeper.js'
import { DigestQueue } from '../../../../src/services/ckpt/digest-queue.js'
import { ConflictShelf } from './conflict-shelf.js'
import { checkpointOf, contentsText, md5, octets, sectionOf, stampAt } from './states.js'

const LARGE_OCTETS = limits.ckptConflictOctets / 2

function conflictOf(id: string, size: number, keptKey = 0): Conflict {
  const checkpoint = checkpointOf(1, `lost-${id}`, stampAt(1, 1), { name: id })
  checkpoint.add(sectionOf('data', new Uint8Array(size).fill(7)))
  return {
    id,
    name: checkpoint.name,
    ringSequence: 12,
    nodes: [3],
    keptNodes: [1, 2],
    keptKey,
    memoryUsed: checkpoint.memoryUsed,
    numberOfSections: 2,
    digest: null,
    keptDigest: null,
    checkpoint,
    stored: 'memory',
  }
}

class Desk {
  state = new CkptState()
  readonly shelf = new ConflictShelf()
  readonly log: string[] = []
  readonly keeper: ConflictKeeper
  private clock = 0
  private readonly queue: DigestQueue

  constructor() {
    const port = {
      conflicts: this.shelf,
      later: () => undefined,
      nowMs: () => this.clock++,
      createHash: md5,
      log: (level: string, message: string) => void this.log.push(`${level}: ${message}`),
    }
    this.queue = new DigestQueue(port as unknown as ConstructorParameters<typeof DigestQueue>[0])
    this.keeper = new ConflictKeeper(port, this.queue, () => this.state)
  }

  add(...conflicts: Conflict[]): void {
    for (const conflict of conflicts) this.state.conflicts.set(conflict.id, conflict)
    this.keeper.onAdopt(conflicts)
  }

  /** Everything that is to be done. @returns the slices it took */
  run(): number {
    let slices = 0
    let isBusy = true
    while (isBusy) {
      const [digests, keeper] = [this.queue.step(), this.keeper.step()]
      slices++
      isBusy = this.shelf.run() > 0 || digests || keeper
    }
    return slices
  }

  read(id: string): FoundConflict | undefined {
    let found: FoundConflict | undefined
    this.keeper.read(id, (result) => (found = result))
    if (found === undefined) this.shelf.run()
    return found
  }

  stored(): Record<string, string> {
    return Object.fromEntries([...this.state.conflicts.values()].map(({ id, stored }) => [id, stored]))
  }
}

function textOf(found: FoundConflict | undefined): unknown {
  return found === undefined || typeof found === 'string' ? found : contentsText(found)['name']
}

describe('what lost a conflict', () => {
  test('stays in memory while there is room', () => {
    const desk = new Desk()
    desk.add(conflictOf('a', 1000), conflictOf('b', 1000))
    desk.run()
    expect(desk.stored()).toEqual({ a: 'memory', b: 'memory' })
    expect(desk.shelf.ids()).toEqual([])
    expect(textOf(desk.read('b'))).toBe('b')
  })

  test('goes to a file when there is too much, the oldest first, and is read from there', () => {
    const desk = new Desk()
    desk.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS), conflictOf('c', 10))
    desk.run()
    expect(desk.stored()).toEqual({ a: 'disk', b: 'memory', c: 'memory' })
    expect(desk.state.conflicts.get('a')!.checkpoint).toBeNull()
    const found = desk.read('a')
    expect(textOf(found)).toBe('a')
    expect(desk.read('a')).toBe(found)
    desk.add(conflictOf('d', LARGE_OCTETS))
    desk.run()
    expect(desk.stored()).toEqual({ a: 'disk', b: 'disk', c: 'memory', d: 'memory' })
  })

  test('is gathered in slices', () => {
    const desk = new Desk()
    const many = conflictOf('m', limits.ckptConflictOctets)
    for (let number = 0; number < 2000; number++) {
      many.checkpoint!.add(sectionOf(`s${number}`, octets('x')))
    }
    desk.add(many)
    expect(desk.run()).toBeGreaterThan(10)
    expect(desk.stored()).toEqual({ m: 'disk' })
    const found = desk.read('m')
    expect(typeof found === 'string' ? found : found!.sections.size).toBe(2002)
  })

  test('that cannot be written stays in memory, which is said once', () => {
    const desk = new Desk()
    desk.shelf.problem = 'no space left on device'
    desk.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS))
    desk.run()
    expect(desk.stored()).toEqual({ a: 'memory', b: 'memory' })
    const complaints = desk.log.filter((line) => line.startsWith('error'))
    expect(complaints).toEqual([
      'error: what lost conflict a stays in memory: no space left on device',
      'error: what lost conflict b stays in memory: no space left on device',
    ])
    desk.shelf.problem = null
    desk.add(conflictOf('c', 10))
    desk.run()
    expect(desk.stored()).toEqual({ a: 'disk', b: 'memory', c: 'memory' })
  })

  test('takes its file with it when it is dismissed, also while that is written', () => {
    const desk = new Desk()
    desk.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS))
    desk.run()
    desk.state.conflicts.delete('a')
    desk.keeper.onDismissed()
    expect(desk.shelf.ids()).toEqual([])
    expect(desk.read('a')).toBe('there is no conflict a')

    desk.add(conflictOf('c', LARGE_OCTETS))
    while (desk.keeper.step()) continue
    desk.state.conflicts.delete('b')
    desk.keeper.onDismissed()
    desk.run()
    expect(desk.shelf.ids()).toEqual([])
  })

  test('is found again in the file of an earlier life; other files are told of and stay', () => {
    const before = new Desk()
    before.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS), conflictOf('c', LARGE_OCTETS))
    before.run()
    const desk = new Desk()
    for (const [id, file] of before.shelf.files) desk.shelf.files.set(id, file)
    expect(desk.shelf.ids()).toEqual(['a', 'b'])
    const known = { ...conflictOf('a', LARGE_OCTETS), checkpoint: null, stored: 'elsewhere' as const }
    desk.state.conflicts.set('a', known)
    desk.keeper.onAdopt([])
    desk.keeper.onOpen()
    desk.keeper.onOpen()
    expect(desk.stored()).toEqual({ a: 'disk' })
    expect(textOf(desk.read('a'))).toBe('a')
    expect(desk.shelf.ids()).toEqual(['a', 'b'])
    expect(desk.log).toEqual([
      'notice: /state/conflicts/b.conflict has what lost a conflict that the cluster does not know any ' +
        'more; it is kept',
    ])
  })

  test('that is not here, or that the disk has spoilt, is said to be so', () => {
    const desk = new Desk()
    desk.add({ ...conflictOf('e', 10), checkpoint: null, stored: 'elsewhere' })
    expect(desk.read('e')).toBe(
      'what lost conflict e is not on this node; others that were members then have it',
    )
    desk.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS))
    desk.run()
    desk.shelf.files.set('a', desk.shelf.files.get('a')!.subarray(0, 500))
    expect(desk.read('a')).toBe('/state/conflicts/a.conflict cannot be read: it ends too early')
    desk.shelf.files.delete('a')
    expect(desk.read('a')).toBe('/state/conflicts/a.conflict cannot be read: no such file')
  })

  test('is read once for all who ask at the same time, one file after the other', () => {
    const desk = new Desk()
    desk.add(conflictOf('a', LARGE_OCTETS), conflictOf('b', LARGE_OCTETS), conflictOf('c', LARGE_OCTETS))
    desk.run()
    const found: unknown[] = []
    for (const id of ['a', 'b', 'a']) {
      desk.keeper.read(id, (result) => found.push(textOf(result)))
    }
    expect(desk.shelf.run()).toBe(1)
    expect(found).toEqual(['a', 'a'])
    expect(desk.shelf.run()).toBe(1)
    expect(found).toEqual(['a', 'a', 'b'])
  })

  test('is logged with both digests, of the moment when it was decided', () => {
    const desk = new Desk()
    const kept = checkpointOf(5, 'kept', stampAt(1, 1), { x: 'kept' })
    desk.state.add(kept)
    const conflict = conflictOf('a', 10, 5)
    desk.add(conflict)
    kept.overwrite(kept.sections.get('x')!, octets('later'))
    desk.run()
    expect(conflict.digest).toMatch(/^[0-9a-f]{32}$/)
    expect(conflict.keptDigest).toMatch(/^[0-9a-f]{32}$/)
    expect(desk.log).toEqual([
      `notice: checkpoint lost-a: digest ${conflict.digest} of node 3 lost to digest ` +
        `${conflict.keptDigest} of node 1, 2: a`,
    ])
    const another = conflictOf('b', 10)
    desk.add(another)
    desk.run()
    expect(another.digest).toMatch(/^[0-9a-f]{32}$/)
    expect(another.keptDigest).toBeNull()
    expect(desk.log[1]).toMatch(/ of node 3 lost to an unlink of node 1, 2: b$/)
  })

  test('has its digest wherever it comes from', () => {
    const desk = new Desk()
    const conflict = conflictOf('a', 10)
    desk.state.conflicts.set('a', conflict)
    desk.keeper.onAdopt([])
    desk.run()
    expect(conflict.digest).toMatch(/^[0-9a-f]{32}$/)
    expect(desk.log).toEqual([])
  })
})
