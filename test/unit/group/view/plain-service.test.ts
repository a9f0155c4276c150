import {
  MESSAGE_HEADER_OCTETS,
  ViewLayer,
  type Configuration,
  type PlainService,
} from '../../../../src/group/index.js'

/** A service without state, that remembers what it was told. */
class Recorder implements PlainService {
  readonly name = 'recorder'
  readonly told: string[] = []

  constructor(readonly id = 12) {}

  onView({ number }: { readonly number: number }): void {
    this.told.push(`view ${number}`)
  }
  onMessage(from: number, payload: Uint8Array): void {
    this.told.push(`${from}: ${Buffer.from(payload.subarray(MESSAGE_HEADER_OCTETS)).toString()}`)
  }
  onDrain(): void {
    this.told.push('drain')
  }
}

const message = (text: string): Uint8Array => {
  return Uint8Array.from([...new Uint8Array(MESSAGE_HEADER_OCTETS), ...Buffer.from(text)])
}

function member(nodeId: number, services: readonly PlainService[]) {
  const sent: Uint8Array[] = []
  const engine = { takes: true }
  const quorum = { mode: 'off', expectedVotes: null, twoNode: false, waitForAll: false } as const
  const layer = new ViewLayer(
    { nodeId, incarnation: nodeId, bootTimestamp: BigInt(nodeId), quorum, catchUpSliceMessages: 1 },
    {
      multicast: (payload) => {
        if (engine.takes) sent.push(payload)
        return engine.takes
      },
      later: () => undefined,
      apartMs: () => Infinity,
      runningMs: () => 0,
      log: (level, text) => {
        throw new Error(`${level} ${text}`)
      },
    },
    [],
    [],
    services,
  )
  return { nodeId, layer, sent, engine }
}

type TestMember = ReturnType<typeof member>

function configure(sequence: number, members: readonly TestMember[]): void {
  const list = members.map(({ nodeId }) => {
    return { nodeId, incarnation: nodeId, address: `10.0.0.${nodeId}`, name: `n${nodeId}` }
  })
  const ringId = { representative: list[0]!.nodeId, sequence }
  const configuration: Configuration = { kind: 'regular', ringId, members: list, joined: [], left: [] }
  for (const { layer } of members) layer.onConfiguration(configuration)
}

let position = 0

function deliverAll(members: readonly TestMember[]): void {
  for (const from of members) {
    for (const payload of from.sent.splice(0)) {
      position++
      for (const { layer } of members) layer.onDeliver(from.nodeId, payload, position)
    }
  }
}

test('its messages reach those who have it, and do nothing to those who do not', () => {
  const service = new Recorder()
  const members = [member(1, [service]), member(2, [])] as const
  configure(10, members)
  deliverAll(members)
  expect(members[0].layer.send(service, message('hello'), 'agreed')).toBe(true)
  deliverAll(members)
  expect(service.told).toEqual(['view 10', '1: hello'])
  expect(members.map(({ layer }) => [layer.view?.number, layer.quiet])).toEqual([
    [10, true],
    [10, true],
  ])
})

test('members with and without it come together, and it is told of each view once', () => {
  const services = [new Recorder(), new Recorder()] as const
  const members = [member(1, [services[0]]), member(2, [services[1]]), member(3, [])] as const
  configure(10, [members[0]])
  deliverAll([members[0]])
  configure(11, members.slice(1))
  deliverAll(members.slice(1))
  configure(20, members)
  deliverAll(members)
  expect(services.map(({ told }) => told)).toEqual([
    ['view 10', 'view 20'],
    ['view 11', 'view 20'],
  ])
  expect(members.map(({ layer }) => layer.view?.number)).toEqual([20, 20, 20])
})

test('messages reach it while the next view is being made', () => {
  const service = new Recorder()
  const members = [member(1, [service]), member(2, [])] as const
  configure(10, members)
  deliverAll(members)
  configure(20, members)
  expect(members[0].layer.send(service, message('meanwhile'), 'agreed')).toBe(true)
  const [exchange, own] = members[0].sent.splice(0)
  members[0].layer.onDeliver(1, own!, ++position)
  expect(service.told).toEqual(['view 10', '1: meanwhile'])
  members[0].sent.push(exchange!)
  deliverAll(members)
  expect(service.told).toEqual(['view 10', '1: meanwhile', 'view 20'])
})

test('refused, it is told when there is room', () => {
  const service = new Recorder()
  const only = member(1, [service])
  configure(10, [only])
  deliverAll([only])
  only.engine.takes = false
  expect(only.layer.send(service, message('x'), 'agreed')).toBe(false)
  only.layer.onDrain()
  expect(service.told).toEqual(['view 10', 'drain'])
})

test('its number is its own', () => {
  expect(() => member(1, [new Recorder(), new Recorder()])).toThrow('needs a number of its own')
  expect(() => member(1, [new Recorder(0)])).toThrow('needs a number of its own')
})
