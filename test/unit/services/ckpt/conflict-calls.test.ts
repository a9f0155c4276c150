import { Lineage } from '../../../../src/group/view/lineage.js'
import { SnapshotOfOthers } from '../../../../src/services/ckpt/snapshot-writer.js'
import { octets, open, OrderedWorld, TestClient } from './ordered-world.js'
import { readAll } from './states.js'

interface Listed {
  readonly conflicts: readonly Readonly<Record<string, unknown>>[]
  readonly more: boolean
}

/** Two that were apart, each of which has made and written what is called `c`; together again. */
function metAgain(): { readonly world: OrderedWorld; readonly client: TestClient } {
  const [world, other] = [new OrderedWorld(2), new OrderedWorld(1)]
  const client = new TestClient(1)
  for (const [side, texts] of [
    [world, ['kept']],
    [other, ['lost', 'second', 'third']],
  ] as const) {
    const own = new TestClient(9)
    const handle = open(side, 1, own, 'c')
    for (const text of texts) {
      const params = {
        handle,
        sectionId: octets(text),
        expirationTime: 2n ** 63n - 1n,
        data: octets(`${text}!`),
      }
      expect(side.call(1, own, 'sectionCreate', params).text).toBeUndefined()
    }
  }
  const chunks = readAll(other.node(1).service.freeze([null]))
  const decided = { ringId: { representative: 1, sequence: 50 }, transitional: false, chain: 9, position: 3 }
  for (const { service } of world.nodes) {
    const writer = service.receive() as SnapshotOfOthers
    for (const chunk of chunks) writer.write(chunk)
    // Neither has seen anything of the other.
    const sides = [
      { writer: null, lineage: new Lineage(), members: [1, 2] },
      { writer, lineage: new Lineage(), members: [3] },
    ]
    service.adopt(sides[0]!, [sides[1]!], decided)
  }
  world.settle()
  return { world, client }
}

describe('calls about conflicts', () => {
  test('list what lost, and tell its sections and their data', () => {
    const { world, client } = metAgain()
    const { conflicts, more } = world.call(2, client, 'conflicts', { after: null, count: 10 })
      .result as Listed
    expect(more).toBe(false)
    expect(conflicts).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-z]+$/),
        name: 'c',
        ringSequence: 50,
        digest: expect.stringMatching(/^[0-9a-f]{32}$/),
        keptDigest: expect.stringMatching(/^[0-9a-f]{32}$/),
        numberOfSections: 3,
        memoryUsed: 18,
        nodes: [3],
        keptNodes: [1, 2],
        stored: 'memory',
      },
    ])
    const { id } = conflicts[0]!
    const behind = world.call(2, client, 'conflicts', { after: id, count: 10 })
    expect(behind.result).toEqual({ conflicts: [], more: false })
    const sections = (after: string | null, count: number): unknown => {
      const params = { id, after: after === null ? null : octets(after), count }
      const { result } = world.call(1, client, 'conflictSections', params)
      const page = result as { sections: { sectionId: Uint8Array; size: number }[]; more: boolean }
      return [...page.sections.map(({ sectionId, size }) => `${Buffer.from(sectionId)} ${size}`), page.more]
    }
    expect(sections(null, 2)).toEqual(['lost 5', 'second 7', true])
    expect(sections('second', 2)).toEqual(['third 6', false])
    // Out of turn, and from what is not there.
    expect(sections('lost', 1)).toEqual(['second 7', true])
    expect(sections('third', 5)).toEqual([false])
    expect(sections('nothing', 5)).toEqual([false])

    const read = (sectionId: string, offset: number, length: number): unknown => {
      const answer = world.call(2, client, 'conflictRead', {
        id,
        sectionId: octets(sectionId),
        offset,
        length,
      })
      return answer.code ?? Buffer.from(answer.result as Uint8Array).toString()
    }
    expect(read('second', 0, 100)).toBe('second!')
    expect(read('second', 3, 3)).toBe('ond')
    expect(read('second', 50, 3)).toBe('')
    expect(read('kept', 0, 3)).toBe('ERR_NOT_EXIST')
  })

  test('dismiss it on all nodes', () => {
    const { world, client } = metAgain()
    const list = (nodeId: number): readonly unknown[] => {
      return (world.call(nodeId, client, 'conflicts', { count: 10 }).result as Listed).conflicts
    }
    const { id } = list(1)[0] as { id: string }
    expect(world.call(1, client, 'conflictDismiss', { id })).toEqual({ result: null })
    expect([list(1), list(2)]).toEqual([[], []])
    expect(world.call(1, client, 'conflictDismiss', { id }).code).toBe('ERR_NOT_EXIST')
    expect(world.call(1, client, 'conflicts', { after: id, count: 1 }).code).toBe('ERR_NOT_EXIST')
    expect(world.call(1, client, 'conflictSections', { id, count: 1 }).code).toBe('ERR_NOT_EXIST')
  })

  test('refuse what makes no sense', () => {
    const { world, client } = metAgain()
    for (const [method, params] of [
      ['conflicts', { count: 0 }],
      ['conflicts', { count: 1, after: '../x' }],
      ['conflictSections', { id: 7, count: 1 }],
      ['conflictSections', { id: 'a', count: 1, after: 'text' }],
      ['conflictRead', { id: 'a', sectionId: octets('x'), offset: -1, length: 1 }],
      ['conflictRead', { id: 'a', sectionId: octets('x'), offset: 0, length: 10_000_000 }],
      ['conflictDismiss', {}],
    ] as const) {
      expect(world.call(1, client, method, params)).toMatchObject({ code: 'ERR_INVALID_PARAM' })
    }
  })

  test('name what was said in the log', () => {
    const { world } = metAgain()
    expect(world.node(1).log.join('\n')).toMatch(
      /^checkpoint c was changed on both sides: what was on nodes 1, 2 is kept.*\n.*lost to digest/,
    )
  })
})
