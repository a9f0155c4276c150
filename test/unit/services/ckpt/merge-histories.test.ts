import fc from 'fast-check'
import { contentsText } from './states.js'
import * as w from './world.js'
import { World, type Change, type Member } from './world.js'

const NODES = 4
const NAMES = ['c', 'd', 'e']

/** A step of a history: what one of the parties does, or new parties. */
type Step =
  | {
      readonly kind: 'change'
      readonly party: number
      readonly what: number
      readonly name: number
      section: number
    }
  | { readonly kind: 'part'; readonly parties: readonly number[] }
  | { readonly kind: 'restart'; readonly node: number }

const change = fc.record({
  kind: fc.constant('change' as const),
  party: fc.nat(3),
  what: fc.nat(13),
  name: fc.nat(NAMES.length - 1),
  section: fc.nat(2),
})
const part = fc.record({
  kind: fc.constant('part' as const),
  parties: fc.array(fc.nat(2), { minLength: NODES, maxLength: NODES }),
})
const restart = fc.record({ kind: fc.constant('restart' as const), node: fc.integer({ min: 1, max: NODES }) })
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { arbitrary: change, weight: 8 },
    { arbitrary: part, weight: 3 },
    { arbitrary: restart, weight: 1 },
  ),
  { maxLength: 60, size: 'max' },
)

/**
 * Runs a history and keeps its own record of who has seen which write. Writes are told apart by what they
 * write: a text that is never written again.
 */
class History {
  readonly world = new World(NODES)
  conflicts = 0
  merges = 0
  private parties: number[][] = [[1, 2, 3, 4]]
  private readonly seen = new Map<number, Set<string>>([1, 2, 3, 4].map((nodeId) => [nodeId, new Set()]))
  private writes = 0
  private keys = 0

  run(step: Step): void {
    if (step.kind === 'change') return this.change(step)
    if (step.kind === 'restart') {
      this.world.restart(step.node)
      this.seen.set(step.node, new Set())
      this.parties = this.parties.map((party) => party.filter((node) => node !== step.node))
      this.parties.push([step.node])
      this.world.meet(step.node)
      return
    }
    const groups = [0, 1, 2].map((group) => [1, 2, 3, 4].filter((node) => step.parties[node - 1] === group))
    this.parties = groups.filter(({ length }) => length > 0)
    for (const party of this.parties) this.meet(party)
  }

  meet(party: readonly number[]): void {
    const { world } = this
    const before = party.map((nodeId) => ({ nodeId, ...this.contentsOf(world.member(nodeId)) }))
    const conflictsBefore = party.flatMap((nodeId) => [...world.member(nodeId).state.conflicts.keys()])
    const adoptions = world.meet(...party)
    const seen = party.map((nodeId) => new Set(this.seen.get(nodeId)))
    const all = new Set(seen.flatMap((writes) => [...writes]))
    for (const nodeId of party) {
      expect(world.text(nodeId)).toEqual(world.text(party[0]!))
      this.seen.set(nodeId, new Set(all))
    }
    const { state } = world.member(party[0]!)
    expect(state.byName.size).toBe([...state.checkpoints.values()].filter(({ unlinked }) => !unlinked).length)
    const after = this.contentsOf(world.member(party[0]!))
    const kept = new Set([...after.linked, ...after.unlinked, ...after.aside])
    for (const { linked, nodeId } of before) {
      for (const write of linked) {
        // Somebody who had seen it did away with it, or it is still there.
        const isOver = before.some((other, index) => seen[index]!.has(write) && !other.linked.has(write))
        if (!isOver && !kept.has(write)) throw new Error(`${write} of node ${nodeId} is lost`)
      }
    }
    for (const id of conflictsBefore) expect(state.conflicts.has(id)).toBe(true)
    this.merges += adoptions.length > 0 ? 1 : 0
    this.conflicts += adoptions[0]?.setAside.length ?? 0
  }

  /** Everything that is written in the checkpoints, and in what was set aside. */
  private contentsOf({ state }: Member): Record<'linked' | 'unlinked' | 'aside', Set<string>> {
    const [linked, unlinked, aside] = [new Set<string>(), new Set<string>(), new Set<string>()]
    for (const checkpoint of state.checkpoints.values()) {
      const texts = checkpoint.unlinked ? unlinked : linked
      for (const text of Object.values(contentsText(checkpoint))) texts.add(text)
    }
    for (const { checkpoint } of state.conflicts.values()) {
      for (const text of Object.values(contentsText(checkpoint!))) aside.add(text)
    }
    return { linked, unlinked, aside }
  }

  private change({ party: index, what, name: nameIndex, section }: Step & { kind: 'change' }): void {
    const party = this.parties[index % this.parties.length]!
    if (party.length === 0) return
    const [name, id] = [NAMES[nameIndex]!, `s${section}`]
    const { world } = this
    const write = `write ${++this.writes}`
    const opener = world.member(party[section % party.length]!)
    const changes: Change[] = [
      w.create(++this.keys, name),
      w.create(++this.keys, name, { retentionDurationMs: 1000 }),
      w.unlink(name),
      w.open(name, opener),
      w.closeAll(name, world.nowMs),
      w.drop(name, id),
      w.drop(name, id, true),
      w.retire(name),
      w.retentionSet(name, section === 0 ? Infinity : 1000 * section),
    ]
    const chosen = changes[what] ?? w.put(name, id, write)
    world.change(party, chosen)
    if (what >= changes.length) for (const nodeId of party) this.seen.get(nodeId)!.add(write)
  }
}

describe('whatever happened on the sides', () => {
  test('all members have the same in the end, and nothing that was written is lost in silence', () => {
    let [merges, conflicts, omitted] = [0, 0, 0]
    fc.assert(
      fc.property(steps, (history) => {
        const run = new History()
        for (const step of history) run.run(step)
        run.meet([1, 2, 3, 4])
        merges += run.merges
        conflicts += run.conflicts
        omitted += run.world.omitted
      }),
      { numRuns: Number(process.env['AIS_PROPERTY_RUNS'] ?? 500) },
    )
    // It was not much ado about nothing.
    expect(merges).toBeGreaterThan(500)
    expect(conflicts).toBeGreaterThan(40)
    expect(omitted).toBeGreaterThan(100)
  })
})
