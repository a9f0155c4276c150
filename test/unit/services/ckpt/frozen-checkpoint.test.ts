import fc from 'fast-check'
import { TIME_END } from '../../../../src/base/index.js'
import type { Checkpoint } from '../../../../src/services/ckpt/checkpoint.js'
import type { FrozenCheckpoint } from '../../../../src/services/ckpt/frozen-checkpoint.js'
import type { Section } from '../../../../src/services/ckpt/section.js'
import { checkpointOf, octets, sectionOf, stampAt } from './states.js'

const sectionText = ({ id, data, expirationTime }: Section): string => {
  const end = expirationTime === TIME_END ? '' : ` until ${expirationTime}`
  return `${id}=${Buffer.from(data).toString('latin1')}${end}`
}

/** What a plain copy of the checkpoint says. */
function copyOf(checkpoint: Checkpoint): string {
  const { openers, changed, retentionNumber, memoryUsed, sections } = checkpoint
  const status = { openers: openers.map(({ handles }) => [...handles]), changed, retentionNumber, memoryUsed }
  return JSON.stringify({ ...status, sections: [...sections.values()].map(sectionText) })
}

function shownBy(frozen: FrozenCheckpoint): string {
  const { openers, changed, retentionNumber } = frozen.status
  const status = {
    openers: openers.map(({ handles }) => [...handles]),
    changed,
    retentionNumber,
    memoryUsed: frozen.memoryUsed,
  }
  return JSON.stringify({ ...status, sections: frozen.sections.map((section) => sectionText(section!)) })
}

type Step = readonly [kind: number, section: number, offset: number, text: string]

/** Changes as the service makes them. */
function change(checkpoint: Checkpoint, [kind, number, offset, text]: Step, position: number): void {
  const id = `s${number}`
  const section = checkpoint.sections.get(id)
  if (kind === 0 || section === undefined) {
    if (section === undefined) checkpoint.add(sectionOf(id, octets(text)))
  } else if (kind === 1) checkpoint.overwrite(section, octets(text))
  else if (kind === 2 || kind === 3) checkpoint.write(section, offset, octets(text))
  else if (kind === 4) checkpoint.remove(section)
  else if (kind === 5) checkpoint.touch(section).expirationTime = BigInt(position)
  else {
    checkpoint.beforeChange()
    checkpoint.openers.push({ nodeId: number, incarnation: 1, handles: new Set([position]) })
    checkpoint.openers[0]!.handles.add(position)
    checkpoint.retentionNumber++
  }
  checkpoint.beforeChange()
  checkpoint.changed = stampAt(1, position)
}

describe('a frozen view of a checkpoint', () => {
  const step = fc.tuple(
    fc.integer({ min: 0, max: 10 }),
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 0, max: 12 }),
    fc.string({ unit: fc.constantFrom('x', 'y', 'z'), maxLength: 12 }),
  )

  test('shows what a copy of that moment shows, whatever happens to the checkpoint', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const checkpoint = checkpointOf(1, 'one', stampAt(1, 0), { s0: 'first' })
        const views: { frozen: FrozenCheckpoint; copy: string }[] = []
        steps.forEach((taken, position) => {
          const [kind, number] = taken
          if (kind === 7 || kind === 8) views.push({ frozen: checkpoint.freeze(), copy: copyOf(checkpoint) })
          else if (kind === 9 && views.length > 0) {
            const [view] = views.splice(number % views.length, 1)
            expect(shownBy(view!.frozen)).toBe(view!.copy)
            view!.frozen.release()
          } else change(checkpoint, taken, position + 1)
          const sizes = [...checkpoint.sections.values()].map(({ size }) => size)
          expect(checkpoint.memoryUsed).toBe(sizes.reduce((sum, size) => sum + size, 0))
        })
        for (const { frozen, copy } of views) expect(shownBy(frozen)).toBe(copy)
      }),
      { numRuns: 2000 },
    )
  })

  test('costs a section a copy at its first change, and nothing once it is released', () => {
    const checkpoint = checkpointOf(1, 'one', stampAt(1, 0), { a: 'alpha', b: 'beta' })
    const frozen = checkpoint.freeze()
    const a = checkpoint.sections.get('a')!
    checkpoint.write(a, 0, octets('A'))
    const copy = checkpoint.sections.get('a')!
    expect(copy).not.toBe(a)
    checkpoint.write(copy, 1, octets('L'))
    expect(checkpoint.sections.get('a')).toBe(copy)
    frozen.release()
    frozen.release()
    const b = checkpoint.sections.get('b')!
    checkpoint.write(b, 0, octets('B'))
    expect(checkpoint.sections.get('b')).toBe(b)
  })
})
