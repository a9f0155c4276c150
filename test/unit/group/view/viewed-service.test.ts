import {
  MESSAGE_HEADER_OCTETS,
  ViewLayer,
  type Configuration,
  type View,
  type ViewedService,
} from '../../../../src/group/index.js'

/** A service whose messages come in views alone; it remembers what it was told. */
class Recorder implements ViewedService {
  readonly id = 12
  readonly name = 'recorder'
  readonly isViewed = true
  readonly told: string[] = []

  onView({ number }: View, companions: ReadonlySet<number>): void {
    this.told.push(`view ${number} with ${[...companions].sort().join(' ')}`)
  }
  onMessage(from: number, payload: Uint8Array): void {
    this.told.push(`${from}: ${Buffer.from(payload.subarray(MESSAGE_HEADER_OCTETS)).toString()}`)
  }
  onDrain(): void {
    // There is always room.
  }
}

interface TestMember {
  readonly nodeId: number
  readonly service: Recorder
  readonly layer: ViewLayer
  readonly sent: Uint8Array[]
}

function member(nodeId: number): TestMember {
  const sent: Uint8Array[] = []
  const service = new Recorder()
  const quorum = { mode: 'off', expectedVotes: null, twoNode: false, waitForAll: false } as const
  const layer = new ViewLayer(
    { nodeId, incarnation: nodeId, bootTimestamp: BigInt(nodeId), quorum, catchUpSliceMessages: 1 },
    {
      multicast: (payload) => sent.push(payload) > 0,
      later: () => undefined,
      apartMs: () => Infinity,
      runningMs: () => 0,
      log: (level, text) => {
        throw new Error(`${level} ${text}`)
      },
    },
    [],
    [],
    [service],
  )
  return { nodeId, service, layer, sent }
}

function configure(
  kind: Configuration['kind'],
  sequence: number,
  members: readonly TestMember[],
  left: readonly TestMember[] = [],
): void {
  const described = ({ nodeId }: TestMember) => {
    return { nodeId, incarnation: nodeId, address: `10.0.0.${nodeId}`, name: `n${nodeId}` }
  }
  const configuration: Configuration = {
    kind,
    ringId: { representative: members[0]!.nodeId, sequence },
    members: members.map(described),
    joined: [],
    left: left.map((gone) => ({ ...described(gone), reason: 'failed' as const })),
  }
  for (const { layer } of members) layer.onConfiguration(configuration)
}

let position = 0

/** What `from` has sent comes to these, in order. */
function deliver(from: TestMember, to: readonly TestMember[]): void {
  for (const payload of from.sent.splice(0)) {
    position++
    for (const { layer } of to) layer.onDeliver(from.nodeId, payload, position)
  }
}

function send({ layer, service }: TestMember, text: string): void {
  const payload = Uint8Array.from([...new Uint8Array(MESSAGE_HEADER_OCTETS), ...Buffer.from(text)])
  expect(layer.send(service, payload, 'agreed')).toBe(true)
}

function formed(sequence: number, members: readonly TestMember[]): void {
  configure('regular', sequence, members)
  for (const from of members) deliver(from, members)
}

test('what comes before the view waits for it', () => {
  const members = [member(1), member(2)] as const
  formed(10, members)
  configure('transitional', 10, members)
  configure('regular', 20, members)
  for (const one of members) send(one, 'waits')
  for (const { service } of members) service.told.length = 0
  deliver(members[0], members)
  expect(members.map(({ service }) => service.told)).toEqual([[], []])
  deliver(members[1], members)
  for (const { service } of members) {
    expect(service.told).toEqual(['view 20 with 1 2', '1: waits', '2: waits'])
  }
})

test('where a ring ends before its view, companions get its messages in the old one, others nothing', () => {
  const members = [member(1), member(2), member(3)] as const
  const [one, two, three] = members
  const pair = [one, two]
  formed(10, pair)
  formed(11, [three])
  for (const { service } of members) service.told.length = 0
  configure('transitional', 10, pair)
  configure('transitional', 11, [three])
  configure('regular', 20, members)
  send(one, 'old')
  // The word of 2 never comes.
  deliver(one, members)
  send(three, 'strange')
  deliver(three, members)
  two.sent.length = 0
  expect(members.map(({ service }) => service.told)).toEqual([[], [], []])
  configure('transitional', 20, pair, [three])
  configure('transitional', 20, [three], pair)
  for (const { service } of pair) expect(service.told.splice(0)).toEqual(['1: old'])
  expect(three.service.told.splice(0)).toEqual(['3: strange'])
  formed(30, pair)
  for (const { service } of pair) expect(service.told).toEqual(['view 30 with 1 2'])
})

test('who was in the last view and comes by another way is no companion', () => {
  const [one, two, three] = [member(1), member(2), member(3)] as const
  const all = [one, two, three]
  formed(10, all)
  const pair = [one, two]
  configure('transitional', 10, pair, [three])
  configure('regular', 20, pair)
  for (const { sent } of pair) sent.length = 0
  configure('transitional', 20, pair)
  configure('transitional', 10, [three], pair)
  formed(30, all)
  expect(one.service.told.at(-1)).toBe('view 30 with 1 2')
  expect(two.service.told.at(-1)).toBe('view 30 with 1 2')
  expect(three.service.told.at(-1)).toBe('view 30 with 3')
})
