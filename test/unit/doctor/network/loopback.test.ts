import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Listener } from '../../../../src/doctor/network/listener.js'
import { observeMulticast } from '../../../../src/doctor/network/multicast.js'
import type { Place } from '../../../../src/doctor/network/place.js'
import { Prober } from '../../../../src/doctor/network/prober.js'
import { reachPeer } from '../../../../src/doctor/network/reach.js'
import { Responder } from '../../../../src/doctor/network/responder.js'
import { measureSizes } from '../../../../src/doctor/network/sizes.js'
import { Survey } from '../../../../src/doctor/network/survey.js'
import { measureTiming } from '../../../../src/doctor/network/timing.js'
import { observeUnicastPort } from '../../../../src/doctor/network/unicast-port.js'
import { freePort } from '../../../helpers/cluster/free-port.mjs'
import { testPlace } from './test-place.js'

// Two doctors on addresses of the loopback interface.

const [here, there] = ['127.0.78.1', '127.0.78.2']
const readText = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null)

let place: Place
let peerPlace: Place
const open: { close: () => unknown }[] = []

function opened<T extends { close: () => unknown }>(thing: T): T {
  open.push(thing)
  return thing
}

function listen(at = peerPlace): { listener: Listener; asked: string[]; strangers: string[] } {
  const [asked, strangers]: [string[], string[]] = [[], []]
  const events = {
    onAsker: (address: string) => void asked.push(address),
    onStranger: (address: string) => void strangers.push(address),
  }
  return { listener: opened(new Listener(at, events)), asked, strangers }
}

/** A socket of somebody else, bound. */
async function hold(address: string, port: number): Promise<Socket> {
  const socket = opened(createSocket('udp4'))
  socket.bind(port, address)
  await once(socket, 'listening')
  return socket
}

beforeEach(async () => {
  const port = await freePort([here, there])
  const group = '239.192.77.78'
  place = testPlace({ address: here, interface: 'lo', netmask: '255.0.0.0', group, port })
  peerPlace = { ...place, address: there, netmtu: 1400 }
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((thing) => thing.close()))
})

test('multicast comes back to who sent it, beside others who have the group open', async () => {
  listen()
  const seen = await observeMulticast(place, readText)
  expect(seen).toMatchObject({ openError: null, sendError: null, cameBack: true, interface: { isUp: true } })
})

test('multicast on a port that another program has for itself is an error with its pid', async () => {
  await hold('0.0.0.0', place.port)
  const { openError, cameBack } = await observeMulticast(place, readText)
  expect([openError?.reason, cameBack]).toEqual(['address-in-use', false])
  expect(openError?.message).toContain(`pid ${process.pid}`)
})

test('a peer that listens is reached in every way', async () => {
  const { listener, asked } = listen()
  expect(listener.ports).toEqual([place.port - 1, place.port])
  const prober = opened(new Prober(place))
  expect(await reachPeer(place, there, prober)).toEqual({
    peer: there,
    viaPort: place.port - 1,
    isLowPortSilent: false,
    isPortHeld: false,
    back: { asked: 3, port: place.port - 1, arrived: 3 },
    group: { out: 3, back: 3, backAsked: 3 },
    errors: [],
    netmtu: 1400,
    clusterHash: place.clusterHash,
  })
  expect(asked).toEqual([here])
})

test('executives on both sides keep their ports: the others are used', async () => {
  await Promise.all([hold(here, place.port - 1), hold(there, place.port - 1)])
  const { listener } = listen()
  expect(listener.ports).toEqual([place.port])
  const prober = opened(new Prober(place))
  expect(prober.backPort).toBe(place.port)
  expect(await reachPeer(place, there, prober)).toMatchObject({
    viaPort: place.port,
    isLowPortSilent: false,
    isPortHeld: true,
    back: { asked: 3, port: place.port, arrived: 3 },
  })
})

test('a peer where nobody listens refuses', async () => {
  const prober = opened(new Prober(place))
  const reach = await reachPeer(place, there, prober)
  expect(reach).toMatchObject({ viaPort: null, errors: ['ECONNREFUSED'], netmtu: null })
})

test('somebody of another network is not answered, unless the cluster crosses routers', async () => {
  const narrow = { ...peerPlace, netmask: '255.255.255.255' }
  const { listener, strangers } = listen(narrow)
  const prober = opened(new Prober(place))
  const question = { to: there, port: place.port, expected: [there] }
  expect(await prober.ask({ ...question, timeoutMs: 200 })).toEqual([])
  expect(strangers).toEqual([here])
  expect(listener.summary).toMatchObject({ askers: [], ignored: { stranger: 1 } })
  await listener.close()
  listen({ ...narrow, ttl: 2 })
  expect(await prober.ask({ ...question, timeoutMs: 5000 })).toHaveLength(1)
})

test('sizes: what passes here is all', async () => {
  listen()
  const prober = opened(new Prober(place))
  const reach = await reachPeer(place, there, prober)
  expect(await measureSizes(place, reach, prober)).toEqual({
    out: 1472,
    back: 1472,
    group: 1472,
    error: null,
  })
})

/** A peer behind a link where what is larger vanishes, each way at its own size. */
async function narrowPeer(inOctets: number, outOctets: number): Promise<void> {
  const socket = await hold(there, place.port - 1)
  const { clusterHash, netmtu, port: mcastPort } = peerPlace
  const responder = new Responder(
    { clusterHash, netmtu, mcastPort, isPortHeld: false, serves: () => true },
    0,
  )
  let nowMs = 0
  socket.on('message', (frame, { address, port }) => {
    if (frame.length > inOctets) return
    nowMs += 10
    const reply = responder.take({ frame, address, port, byGroup: false, nowMs, receivedAtUs: 0 })
    if (typeof reply === 'string' || reply.octets > outOctets) return
    socket.send(reply.seal(0), port, address)
  })
}

test.each([
  ['there', 900, 2000, { out: 900, back: 900 }],
  ['back', 2000, 700, { out: 1472, back: 700 }],
])('sizes: large frames vanish on the way %s', async (_, inOctets, outOctets, sizes) => {
  await narrowPeer(inOctets, outOctets)
  const prober = opened(new Prober(place))
  const reach = await reachPeer(place, there, prober)
  expect(await measureSizes(place, reach, prober)).toEqual({ ...sizes, group: null, error: null })
})

test('timing: all are answered, and clocks of one machine agree', async () => {
  listen()
  const prober = opened(new Prober(place))
  const reach = await reachPeer(place, there, prober)
  const { unicast, group, clock } = await measureTiming(place, reach, prober)
  expect([unicast.sent, unicast.answered, group?.sent, group?.answered]).toEqual([100, 100, 100, 100])
  expect(unicast.medianMs!).toBeLessThanOrEqual(unicast.p99Ms!)
  expect(Math.abs(clock!.differenceMs)).toBeLessThanOrEqual(clock!.uncertaintyMs)
})

test('the unicast port: free, then held by this very process', async () => {
  expect(await observeUnicastPort(place, '/nowhere/ais.sock', readText)).toMatchObject({ error: null })
  await hold(here, place.port - 1)
  const seen = await observeUnicastPort(place, '/nowhere/ais.sock', readText)
  expect(seen).toMatchObject({ error: { code: 'EADDRINUSE' }, ownerPid: process.pid, executive: null })
  expect(seen.ownerProgram).not.toBeNull()
})

test('a survey measures each thing once', async () => {
  const { listener } = listen()
  const survey = new Survey(place, [there, '127.0.78.3'], readText)
  const [first, second] = await Promise.all([survey.reaches(), survey.reaches()])
  expect(first).toBe(second)
  expect(first.map(({ viaPort }) => viaPort)).toEqual([place.port - 1, null])
  const requests = listener.summary.askers[0]!.requests
  expect((await survey.sizes())[1]).toBeNull()
  expect(listener.summary.askers[0]!.requests).toBeGreaterThan(requests)
})
