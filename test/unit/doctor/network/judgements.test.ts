import { judgeMulticast, type MulticastObservation } from '../../../../src/doctor/network/multicast.js'
import { isNeighbour, networkText } from '../../../../src/doctor/network/place.js'
import { judgeReach, type PeerReach } from '../../../../src/doctor/network/reach.js'
import { judgeSizes, largestPassing } from '../../../../src/doctor/network/sizes.js'
import { hasMulticastRoute, lacksArp, readInterface } from '../../../../src/doctor/network/system.js'
import { judgeUnicastPort, type PortObservation } from '../../../../src/doctor/network/unicast-port.js'
import { TransportError } from '../../../../src/transport/index.js'
import { testPlace } from './test-place.js'

const place = testPlace()
const up = { isUp: true, hasMulticast: true, mtu: 1500 }

function reach(rest: Partial<PeerReach> = {}): PeerReach {
  return {
    peer: '10.99.0.2',
    viaPort: 5999,
    isLowPortSilent: false,
    isPortHeld: false,
    back: { asked: 3, port: 5999, arrived: 3 },
    group: { out: 3, back: 3, backAsked: 3 },
    errors: [],
    netmtu: 1500,
    clusterHash: place.clusterHash,
    ...rest,
  }
}

/** Files of /proc and /sys, as they are read. */
const files =
  (texts: Readonly<Record<string, string>>) =>
  (path: string): Promise<string | null> =>
    Promise.resolve(texts[path] ?? null)

describe('multicast', () => {
  const good: MulticastObservation = {
    openError: null,
    sendError: null,
    cameBack: true,
    interface: up,
    hasRoute: true,
  }
  const judged = (seen: Partial<MulticastObservation>, peers: readonly PeerReach[] = [], at = place) =>
    judgeMulticast(at, { ...good, ...seen }, peers)

  test('came back: ok; a missing default route is not needed', () => {
    expect(judged({})).toMatchObject({ status: 'ok', remedy: null })
    expect(judged({}).message).not.toContain('route')
    expect(judged({ hasRoute: false })).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('no default route, and none is needed'),
    })
  })

  test.each(['ENETUNREACH', 'EHOSTUNREACH'])('%s: the route of the guide, by the interface', (sendError) => {
    expect(judged({ cameBack: false, sendError })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining(sendError),
      remedy: 'ip route add 224.0.0.0/4 dev eth0',
    })
  })

  test('a packet filter that refuses, and one that drops: what the rules of this machine ask for', () => {
    const filterRemedy = 'nft insert rule inet own out udp dport 5999-6000 accept'
    expect(judged({ cameBack: false, sendError: 'EPERM', filterRemedy })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('packet filter'),
      remedy: filterRemedy,
    })
    expect(judged({ cameBack: false, filterRemedy })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('does not come back'),
      remedy: filterRemedy,
    })
  })

  test('the interface is down, or has its multicast off', () => {
    expect(judged({ cameBack: false, interface: { ...up, isUp: false } }).remedy).toBe('ip link set eth0 up')
    const off = { ...up, hasMulticast: false }
    const remedy = 'ip link set eth0 multicast on'
    expect(judged({ interface: off })).toMatchObject({ status: 'warn', remedy })
    expect(judged({ interface: off, cameBack: false })).toMatchObject({ status: 'fail', remedy })
    expect(judged({ interface: off, cameBack: false, sendError: 'ENETUNREACH' })).toMatchObject({
      status: 'fail',
      remedy,
    })
    // The loopback interface has no such flag, and multicast works there.
    expect(judged({ interface: off }, [], testPlace({ address: '127.0.0.1', interface: 'lo' })).status).toBe(
      'ok',
    )
  })

  test('another program has the port of the group', () => {
    const openError = new TransportError('address-in-use', '239.192.77.1:6000 is in use by pid 7', 'stop it')
    expect(judged({ openError, cameBack: false })).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('pid 7'),
      remedy: 'stop it',
    })
  })

  test('peers that answer unicast and do not hear the group: the switch, by name of what it does', () => {
    const deaf = reach({ group: { out: 0, back: 3, backAsked: 3 } })
    expect(judged({}, [deaf])).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('does not reach 10.99.0.2'),
      remedy: expect.stringContaining('IGMP snooping'),
    })
    const mute = reach({ peer: '10.99.0.3', group: { out: 3, back: 0, backAsked: 3 } })
    expect(judged({}, [mute]).message).toContain('what 10.99.0.3 multicasts does not arrive here')
    expect(judged({}, [reach()]).message).toContain('reached 10.99.0.2')
    // One that answers nothing at all says nothing about multicast.
    const silent = reach({ viaPort: null, group: { out: 0, back: 0, backAsked: 0 } })
    expect(judged({}, [silent]).status).toBe('ok')
  })
})

describe('the unicast port', () => {
  const inUse = Object.assign(new Error('in use'), { code: 'EADDRINUSE' })
  const held: PortObservation = { error: inUse, ownerPid: 7, ownerProgram: 'dnsmasq', executive: null }
  const executive = { pid: 7, nodeId: 1, clusterName: 'test' }

  test('free', () => {
    expect(judgeUnicastPort(place, { ...held, error: null })).toMatchObject({
      status: 'ok',
      message: 'UDP port 5999 of 10.99.0.1 is free',
    })
  })

  test('of the executive of this configuration: by its pid, or where that is unseen by what it says', () => {
    expect(judgeUnicastPort(place, { ...held, executive }).status).toBe('ok')
    const unseen = { ...held, ownerPid: null, ownerProgram: null }
    expect(judgeUnicastPort(place, { ...unseen, executive }).status).toBe('ok')
    const other = { ...executive, nodeId: 2 }
    expect(judgeUnicastPort(place, { ...unseen, executive: other }).status).toBe('fail')
    expect(judgeUnicastPort(place, { ...held, executive: { ...executive, pid: 8 } }).status).toBe('fail')
  })

  test('of somebody else, who is named', () => {
    expect(judgeUnicastPort(place, held)).toMatchObject({
      status: 'fail',
      message: 'UDP port 5999 of 10.99.0.1 is held by pid 7 (dnsmasq)',
      details: { pid: 7, program: 'dnsmasq' },
    })
    expect(judgeUnicastPort(place, { ...held, ownerPid: null }).message).toContain('ss -ulpn')
  })

  test('an address that is not of this machine', () => {
    const error = Object.assign(new Error('not here'), { code: 'EADDRNOTAVAIL' })
    expect(judgeUnicastPort(place, { ...held, error }).status).toBe('fail')
  })
})

describe('a peer', () => {
  const silent = reach({
    viaPort: null,
    back: { asked: 0, port: 5999, arrived: 0 },
    group: { out: 0, back: 0, backAsked: 0 },
    netmtu: null,
    clusterHash: null,
  })
  const judged = (rest: Partial<PeerReach>, isExecutiveHeard = false, arp = '') =>
    judgeReach(place, { ...silent, ...rest }, isExecutiveHeard, files({ '/proc/net/arp': arp }), () =>
      Promise.resolve('nft insert rule …'),
    )
  const arpOf = (flags: string): string =>
    `IP address HW type Flags HW address Mask Device\n10.99.0.2 0x1 ${flags} 00:00:00:00:00:00 * eth0\n`

  test('answers, both ways', async () => {
    expect(await judged(reach())).toMatchObject({
      status: 'ok',
      message: '10.99.0.2 answers on port 5999: unicast passes both ways',
    })
    const held = reach({ viaPort: 6000, isPortHeld: true })
    expect((await judged(held)).message).toContain('beside what holds its unicast port')
    expect((await judged(reach({ back: { asked: 0, port: null, arrived: 0 } }))).message).toContain(
      'not tried',
    )
  })

  test('the unicast port alone is blocked, there or here', async () => {
    expect(await judged(reach({ viaPort: 6000, isLowPortSilent: true }))).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('not on 5999'),
      remedy: expect.stringContaining('let UDP to port 5999 in on 10.99.0.2: as root, ais doctor'),
    })
    expect(await judged(reach({ back: { asked: 3, port: 5999, arrived: 0 } }))).toMatchObject({
      status: 'fail',
      remedy: 'on this machine let UDP to port 5999 in: nft insert rule …',
    })
  })

  test('is of another cluster', async () => {
    expect((await judged(reach({ clusterHash: 5 }))).status).toBe('warn')
  })

  test.each([
    ['refuses', { errors: ['ECONNREFUSED'] }, false, '', 'run there: ais doctor --listen'],
    ['has an executive, no doctor', {}, true, '', 'run there beside it: ais doctor --listen'],
    ['has no machine', {}, false, arpOf('0x0'), '10.99.0.0/24'],
    ['is silent', {}, false, arpOf('0x2'), 'run there: ais doctor --listen; and let UDP'],
    ['has no route', { errors: ['ENETUNREACH'] }, false, '', 'ip route add 10.99.0.0/24 dev eth0'],
    ['is in another network', { peer: '10.98.0.2' }, false, '', 'the same network'],
    [
      'hears the group alone',
      { group: { out: 3, back: 0, backAsked: 0 } },
      false,
      '',
      'let UDP to port 5999 in',
    ],
  ])('%s', async (_, rest, isExecutiveHeard, arp, remedy) => {
    const finding = await judged(rest, isExecutiveHeard, arp)
    expect(finding).toMatchObject({ status: 'fail', remedy: expect.stringContaining(remedy) })
  })
})

describe('sizes', () => {
  test.each([56, 57, 700, 972, 1471])('the largest that passes is found: %i', async (largest) => {
    const tried: number[] = []
    const passes = (octets: number): Promise<boolean> => {
      tried.push(octets)
      return Promise.resolve(octets <= largest)
    }
    expect(await largestPassing(56, 1472, passes)).toBe(largest)
    expect(tried.length).toBeLessThan(14)
  })

  test('everything passes: one try; nothing does: two', async () => {
    const tried: number[] = []
    const all = (octets: number): Promise<boolean> => Promise.resolve(tried.push(octets) > 0)
    expect([await largestPassing(56, 1472, all), tried]).toEqual([1472, [1472]])
    expect(await largestPassing(56, 1472, () => Promise.resolve(false))).toBe(0)
  })

  const full = { out: 1472, back: 1472, group: 1472, error: null }

  test.each([
    ['all pass', full, {}, up, 'ok', 'packets of 1500 octets'],
    ['on the way there', { ...full, out: 972, back: 972 }, {}, up, 'fail', 'to 10.99.0.2'],
    ['on the way back', { ...full, back: 972 }, {}, up, 'fail', 'from 10.99.0.2'],
    ['by the group', { ...full, group: 972 }, {}, up, 'fail', 'by the group'],
    ['nothing by the group', { ...full, group: null }, {}, up, 'ok', ''],
    ['another netmtu there', full, { netmtu: 1400 }, up, 'warn', 'netmtu is 1500 here and 1400 on 10.99.0.2'],
    ['in fragments', full, {}, { ...up, mtu: 1400 }, 'warn', 'in fragments'],
    ['too small for anything', { ...full, out: 100, back: 100 }, {}, up, 'fail', 'more than 128 octets'],
  ])('%s', (_, sizes, rest, state, status, message) => {
    const finding = judgeSizes(place, reach(rest), sizes, state)
    expect(finding).toMatchObject({ status, message: expect.stringContaining(message) })
  })

  test('the remedy is the netmtu that passes', () => {
    const sizes = { ...full, out: 972, back: 972 }
    expect(judgeSizes(place, reach(), sizes, up).remedy).toContain('netmtu: 1000 on all nodes')
    expect(judgeSizes(place, reach(), { ...sizes, out: 100, back: 100 }, up).remedy).toContain('at least 576')
  })
})

describe('what the system says', () => {
  test('an interface by its flags', async () => {
    const at = (flags: string) =>
      readInterface(
        'eth0',
        files({ '/sys/class/net/eth0/flags': flags, '/sys/class/net/eth0/mtu': '9000\n' }),
      )
    expect(await at('0x1003\n')).toEqual({ isUp: true, hasMulticast: true, mtu: 9000 })
    expect(await at('0x3\n')).toEqual({ isUp: true, hasMulticast: false, mtu: 9000 })
    expect(await at('0x1002\n')).toMatchObject({ isUp: false })
    expect(await readInterface('eth0', files({}))).toBeNull()
  })

  test('routes that carry multicast', async () => {
    const head = 'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n'
    const has = (line: string) => hasMulticastRoute(files({ '/proc/net/route': head + line }))
    expect(await has('eth0 00000000 0102A8C0 0003 0 0 0 00000000 0 0 0\n')).toBe(true)
    expect(await has('eth0 000000E0 00000000 0001 0 0 0 000000F0 0 0 0\n')).toBe(true)
    expect(await has('eth0 0000630A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n')).toBe(false)
    expect(await hasMulticastRoute(files({}))).toBeNull()
  })

  test('neighbours that did not answer', async () => {
    const arp =
      'IP address HW type Flags HW address Mask Device\n10.0.0.1 0x1 0x0 00 * e\n10.0.0.2 0x1 0x2 02 * e\n'
    const lacks = (address: string) => lacksArp(address, files({ '/proc/net/arp': arp }))
    expect([await lacks('10.0.0.1'), await lacks('10.0.0.2'), await lacks('10.0.0.3')]).toEqual([
      true,
      false,
      null,
    ])
  })

  test('networks', () => {
    expect(networkText({ address: '10.99.7.1', netmask: '255.255.252.0' })).toBe('10.99.4.0/22')
    expect(isNeighbour({ address: '10.99.7.1', netmask: '255.255.252.0' }, '10.99.4.9')).toBe(true)
    expect(isNeighbour({ address: '10.99.7.1', netmask: '255.255.252.0' }, '10.99.8.1')).toBe(false)
    expect(isNeighbour({ address: '10.99.7.1', netmask: null }, '10.99.7.2')).toBe(false)
  })
})
