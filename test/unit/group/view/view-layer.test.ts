import { limits } from '../../../../src/base/index.js'
import {
  MESSAGE_HEADER_OCTETS,
  ViewLayer,
  type Configuration,
  type Gate,
  type ReplicatedService,
  type View,
} from '../../../../src/group/index.js'

/** A service that remembers what it was told, and answers every change with "changed". */
class Recorder implements ReplicatedService {
  readonly name = 'recorder'
  readonly gates: Gate[] = []
  readonly applied: string[] = []
  readonly dropped: string[] = []
  drains = 0

  constructor(readonly id = 1) {}

  onView(): void {
    // The view is looked at where it matters.
  }
  onGate(gate: Gate): void {
    this.gates.push(gate)
  }
  apply(from: number, payload: Uint8Array): boolean {
    this.applied.push(`${from}: ${textOf(payload)}`)
    return true
  }
  onDropped(payload: Uint8Array): void {
    this.dropped.push(textOf(payload))
  }
  onStable(): void {
    // Acknowledgement is exercised in the simulator.
  }
  onDrain(): void {
    this.drains++
  }
  freeze(): { read(): number; release(): void } {
    return { read: () => 0, release: () => undefined }
  }
  receive(): { write(): void } {
    return { write: () => undefined }
  }
  adopt(): void {
    // Nothing to take over: its content is what it was told.
  }
}

const textOf = (payload: Uint8Array): string => {
  return Buffer.from(payload.subarray(MESSAGE_HEADER_OCTETS)).toString()
}
const message = (text: string): Uint8Array => {
  return Uint8Array.from([...new Uint8Array(MESSAGE_HEADER_OCTETS), ...Buffer.from(text)])
}

/** One member whose engine is the test: what it multicasts is kept until the test delivers it. */
function member(nodeId: number, options: { engineTakes?: () => boolean } = {}) {
  const service = new Recorder()
  const sent: Uint8Array[] = []
  const views: View[] = []
  const logs: string[] = []
  const quorum = { mode: 'off', expectedVotes: null, twoNode: false, waitForAll: false } as const
  const layer = new ViewLayer(
    { nodeId, incarnation: nodeId, bootTimestamp: BigInt(nodeId), quorum, catchUpSliceMessages: 1 },
    {
      multicast: (payload) => {
        if (options.engineTakes?.() === false) return false
        sent.push(payload)
        return true
      },
      later: () => undefined,
      apartMs: () => Infinity,
      runningMs: () => 0,
      log: (level, text) => logs.push(`${level} ${text}`),
    },
    [{ onView: (view) => views.push(view) }],
    [service],
  )
  return { nodeId, layer, service, sent, views, logs }
}

type TestMember = ReturnType<typeof member>

let position = 0

/** Deliver to all what each has sent, in one order. */
function deliverAll(members: readonly TestMember[]): void {
  for (let busy = true; busy;) {
    busy = false
    for (const from of members) {
      for (const payload of from.sent.splice(0)) {
        busy = true
        position++
        for (const { layer } of members) layer.onDeliver(from.nodeId, payload, position)
      }
    }
  }
}

function configure(sequence: number, members: readonly TestMember[]): void {
  const list = members.map(({ nodeId }) => {
    return { nodeId, incarnation: nodeId, address: `10.0.0.${nodeId}`, name: `n${nodeId}` }
  })
  const ringId = { representative: list[0]!.nodeId, sequence }
  const configuration: Configuration = { kind: 'regular', ringId, members: list, joined: [], left: [] }
  for (const { layer } of members) layer.onConfiguration(configuration)
}

describe('the view layer', () => {
  test('a view begins with the last word of its members, and says who has come', () => {
    const [one, two] = [member(1), member(2)]
    configure(10, [one, two])
    expect(one.layer.view).toBeNull()
    deliverAll([one, two])
    for (const { views } of [one, two]) {
      expect(views).toMatchObject([{ number: 10, quorum: { quorate: true, expectedVotes: null } }])
      expect(views[0]!.joined.map(({ nodeId, initialViewNumber }) => [nodeId, initialViewNumber])).toEqual([
        [1, 10],
        [2, 10],
      ])
    }
    expect(one.layer.quiet).toBe(true)
  })

  test('who was in the cluster keeps its first view number, who comes gets the present one', () => {
    const [one, two, three] = [member(1), member(2), member(3)]
    configure(10, [two, three])
    deliverAll([two, three])
    configure(11, [one])
    deliverAll([one])
    configure(20, [one, two, three])
    deliverAll([one, two, three])
    for (const { views } of [one, two, three]) {
      const numbers = views
        .at(-1)!
        .members.map(({ nodeId, initialViewNumber }) => [nodeId, initialViewNumber])
      expect(numbers).toEqual([
        [1, 20],
        [2, 10],
        [3, 10],
      ])
    }
  })

  test('changes sent before a view is known wait for it', () => {
    const [one, two] = [member(1), member(2)]
    configure(10, [one, two])
    const [first] = one.sent.splice(0)
    one.layer.send(one.service, message('early'), 'agreed')
    deliverAll([one, two])
    expect(two.service.applied).toEqual([])
    one.sent.push(first!)
    deliverAll([one, two])
    expect(two.service.applied).toEqual(['1: early'])
    expect(two.service.gates).toEqual(['open'])
  })

  test('what was said for another configuration does not count', () => {
    const [one, two] = [member(1), member(2)]
    configure(10, [one, two])
    const stale = [one, two].map(({ sent }) => sent.splice(0)[0]!)
    configure(11, [one, two])
    const fresh = [one, two].map(({ sent }) => sent.splice(0)[0]!)
    stale.forEach((payload, index) => one.layer.onDeliver(index + 1, payload, 1))
    expect(one.layer.view).toBeNull()
    fresh.forEach((payload, index) => one.layer.onDeliver(index + 1, payload, 2))
    expect(one.layer.view?.number).toBe(11)
  })

  test('octets of no service, of no kind, and too few of them, do nothing', () => {
    const [one, two] = [member(1), member(2)]
    configure(10, [one, two])
    for (const octets of [[], [0], [0, 0], [9, 0, 1], [1, 7, 1], [1, 1], [1, 1, 2, 3]]) {
      one.layer.onDeliver(2, Uint8Array.from(octets), 1)
    }
    expect(one.logs).toEqual([expect.stringContaining('n2 sent a state exchange this version cannot read')])
    deliverAll([one, two])
    expect(one.layer.view?.number).toBe(10)
  })

  test('what the engine refuses of the layer goes out when there is room', () => {
    let takes = false
    const one = member(1, { engineTakes: () => takes })
    configure(10, [one])
    expect(one.sent).toHaveLength(0)
    expect(one.layer.quiet).toBe(false)
    takes = true
    one.layer.onDrain()
    deliverAll([one])
    expect(one.layer.view?.number).toBe(10)
  })

  test('a service has so much under way, no more; and hears when there is room', () => {
    const one = member(1)
    configure(10, [one])
    deliverAll([one])
    const large = () => new Uint8Array(limits.groupInFlightOctets / 4)
    let accepted = 0
    while (one.layer.send(one.service, large(), 'agreed')) accepted++
    expect(accepted).toBe(4)
    expect(one.service.drains).toBe(0)
    deliverAll([one])
    expect(one.service.drains).toBe(1)
    expect(one.layer.send(one.service, large(), 'agreed')).toBe(true)
  })
})
