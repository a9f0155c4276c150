import { jest } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { Cluster } from '../helpers/cluster/cluster.mjs'
import { DoctorRuns, type Visit } from '../helpers/cluster/doctor-runs.js'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'

// What goes wrong in networks, made of namespaces on a bridge; `ais doctor` has to find and name it.

jest.setTimeout(90_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: the doctor's network checks: ${unavailable}\n`)

const hasFilters = unavailable === undefined && spawnSync('nft', ['--version']).status === 0
if (!hasFilters)
  process.stderr.write('skipped: a packet filter drops multicast: there is no nft (nftables)\n')
const testWithFilters = hasFilters ? test : test.skip

const describeWhereAvailable = unavailable === undefined ? describe : describe.skip

const [PORT, LOW_PORT] = [6000, 5999]
// A long token timeout: how long a busy machine takes to answer is not what is tried here.
const network = { mcastaddr: '239.192.77.1', mcastport: PORT, clustername: 'test', token: 20_000 }
const networkIds = ['multicast', 'unicast-port', 'other-cluster']
const peerIds = ['peer', 'sizes', 'loss', 'round-trip', 'clock']

describeWhereAvailable('the doctor on hosts of a bridge', () => {
  let hosts: Namespaces
  let doctors: DoctorRuns
  const mend: (() => unknown)[] = []
  const configs: string[] = []
  const [one, two] = ['10.99.0.1', '10.99.0.2']

  beforeAll(() => {
    hosts = new Namespaces(2)
    doctors = new DoctorRuns(hosts.hosts, network)
  })

  beforeEach(() => {
    configs.splice(0, 2, doctors.configure(0), doctors.configure(1))
  })

  afterEach(async () => {
    for (const step of mend.splice(0).reverse()) await step()
    await doctors.endAll()
  })

  afterAll(async () => {
    await doctors.close()
    hosts.close()
  })

  /** Waiting for checks that a test does not look at would be most of its time. */
  const only = (...ids: readonly string[]): string[] => ids.flatMap((id) => ['--only', id])

  const expectWell = ({ of }: Visit): void => {
    for (const id of [...networkIds, ...peerIds]) {
      expect(of(id)).toMatchObject({ status: 'ok', remedy: null })
    }
  }

  /** The first host's doctor, with another one listening on the second host. */
  const visitBoth = async (...ids: readonly string[]) => {
    await doctors.listen(1, configs[1]!)
    return doctors.visit(0, configs[0]!, '--peer', two, ...only(...ids))
  }

  test('healthy, with executives that run on both: all is well, and their ring stays as it is', async () => {
    const cluster = await Cluster.create({ hosts: hosts.hosts, network })
    mend.push(() => cluster.close())
    await cluster.startAll()
    const { ringId } = await cluster.formed([0, 1])
    const seen = [0, 1].map((index) => cluster.node(index).configurations.length)
    await doctors.listen(1, cluster.configDir(1))
    const visit = await doctors.visit(0, cluster.configDir(0), '--peer', two, '--skip', 'event-loop')
    expectWell(visit)
    expect(visit.of('unicast-port').message).toContain('held by the executive of this configuration')
    expect(visit.of('other-cluster').message).toContain('of this cluster: node-1 (10.99.0.1)')
    expect(visit.of('peer').details).toMatchObject({ answersOnPort: PORT, unicastPortHeldThere: true })
    expect(visit.of('multicast').message).toContain('there is no default route, and none is needed')
    expect([0, 1].map((index) => cluster.node(index).configurations.length)).toEqual(seen)
    expect(cluster.node(0).last!.ringId).toEqual(ringId)
    const logs = [0, 1].flatMap((index) => cluster.node(index).log)
    expect(logs.filter((line) => / (warning|error) /.test(line))).toEqual([])
  })

  test('healthy, before any executive is started: all is well, by the executive’s ports', async () => {
    const visit = await visitBoth(...networkIds, ...peerIds)
    expectWell(visit)
    expect(visit.of('peer').details).toMatchObject({ answersOnPort: LOW_PORT, backArrived: 3 })
    expect(visit.of('sizes').details).toMatchObject({ largestPacketOut: 1500, largestPacketByGroup: 1500 })
  })

  test('no multicast: the bridge passes none to the peer', async () => {
    hosts.setMulticastFlood(1, false)
    mend.push(() => hosts.setMulticastFlood(1, true))
    const visit = await visitBoth('multicast', 'peer')
    expect(visit.code).toBe(1)
    expect(visit.of('multicast')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining(`comes back to this machine alone: it does not reach ${two}`),
      remedy: expect.stringContaining('IGMP snooping needs a querier'),
    })
    expect(visit.of('peer').status).toBe('ok')
  })

  test('no multicast: the bridge passes none back', async () => {
    hosts.setMulticastFlood(0, false)
    mend.push(() => hosts.setMulticastFlood(0, true))
    const { status, message } = (await visitBoth('multicast')).of('multicast')
    expect([status, message]).toEqual([
      'fail',
      expect.stringContaining(`what ${two} multicasts does not arrive`),
    ])
  })

  test('no multicast: the interface has it switched off', async () => {
    hosts.atHost(0, 'link', 'set', 'eth0', 'multicast', 'off')
    mend.push(() => hosts.atHost(0, 'link', 'set', 'eth0', 'multicast', 'on'))
    const visit = await doctors.visit(0, configs[0]!, ...only('multicast'))
    expect(visit.of('multicast')).toMatchObject({ status: 'warn', remedy: 'ip link set eth0 multicast on' })
  })

  test('wrong subnet: the peer has an address of another one', async () => {
    hosts.atHost(1, 'address', 'add', '10.98.0.2/24', 'dev', 'eth0')
    mend.push(() => hosts.atHost(1, 'address', 'del', '10.98.0.2/24', 'dev', 'eth0'))
    await doctors.listen(1, doctors.configure(1, { bindnetaddr: '10.98.0.2' }))
    const visit = await doctors.visit(0, configs[0]!, '--peer', '10.98.0.2', ...only(...peerIds))
    expect(visit.code).toBe(1)
    expect(visit.of('peer')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('10.98.0.2 is not in the network of eth0, 10.99.0.0/24'),
      remedy: expect.stringContaining('the same network'),
    })
    for (const id of peerIds.slice(1)) expect(visit.of(id).status).toBe('skip')
  })

  test('wrong subnet: bindnetaddr matches no interface', async () => {
    const visit = await doctors.visit(
      0,
      doctors.configure(0, { bindnetaddr: '10.97.0.0' }),
      '--skip',
      'event-loop',
    )
    expect(visit.code).toBe(1)
    expect(visit.of('interface')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('matches no interface'),
      remedy: expect.stringContaining('10.99.0.1'),
    })
    for (const id of networkIds) expect(visit.of(id).status).toBe('skip')
  })

  /** Drop what comes for a UDP port, without a word. */
  const block = (index: number, port: number): void => {
    const what = ['iif', 'eth0', 'ipproto', 'udp', 'dport', String(port)]
    // Local addresses are looked up first of all, unless that rule goes behind this one.
    hosts.atHost(index, 'rule', 'add', 'pref', '100', 'lookup', 'local')
    hosts.atHost(index, 'rule', 'del', 'pref', '0')
    hosts.atHost(index, 'rule', 'add', 'pref', '50', ...what, 'blackhole')
    mend.push(() => {
      hosts.atHost(index, 'rule', 'del', 'pref', '50')
      hosts.atHost(index, 'rule', 'add', 'pref', '0', 'lookup', 'local')
      hosts.atHost(index, 'rule', 'del', 'pref', '100')
    })
  }

  test('blocked port: the peer’s port of unicast frames', async () => {
    block(1, LOW_PORT)
    const visit = await visitBoth('multicast', 'peer')
    expect(visit.of('peer')).toMatchObject({
      status: 'fail',
      message: `${two} answers on UDP port ${PORT}, not on ${LOW_PORT}, the port of unicast frames`,
      remedy: expect.stringContaining(`let UDP to port ${LOW_PORT} in on ${two}`),
    })
    expect([visit.of('multicast').status, visit.code]).toEqual(['ok', 1])
  })

  test('blocked port: our own', async () => {
    block(0, LOW_PORT)
    const { status, remedy } = (await visitBoth('peer')).of('peer')
    expect([status, remedy]).toEqual([
      'fail',
      expect.stringContaining(`on this machine let UDP to port ${LOW_PORT}`),
    ])
  })

  testWithFilters('blocked port: a packet filter of this machine drops what is for the group', async () => {
    const filter = (...args: string[]): void => {
      const [program, ...rest] = [...hosts.hosts[0]!.prefix, 'nft', ...args]
      const { status, stderr } = spawnSync(program!, rest, { encoding: 'utf8' })
      if (status !== 0) throw new Error(`nft ${args.join(' ')}: ${stderr}`)
    }
    filter('add', 'table', 'ip', 'doctor')
    mend.push(() => filter('delete', 'table', 'ip', 'doctor'))
    filter('add', 'chain', 'ip', 'doctor', 'input', '{ type filter hook input priority 0; }')
    filter('add', 'rule', 'ip', 'doctor', 'input', 'udp', 'dport', String(PORT), 'drop')
    const visit = await doctors.visit(0, configs[0]!, '--only', 'multicast')
    const remedy = `nft insert rule ip doctor input udp dport ${LOW_PORT}-${PORT} accept`
    expect(visit.of('multicast')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('does not come back to this machine'),
      remedy,
    })
    filter(...remedy.split(' ').slice(1))
    expect((await doctors.visit(0, configs[0]!, '--only', 'multicast')).code).toBe(0)
  })

  test('a port that another program has is named with that program', async () => {
    const { pid } = await doctors.holdPort(0, LOW_PORT)
    const visit = await doctors.visit(0, configs[0]!, ...only('unicast-port'))
    expect(visit.of('unicast-port')).toMatchObject({
      status: 'fail',
      details: { pid, program: expect.any(String) },
    })
    expect(visit.of('unicast-port').message).toContain(`is held by pid ${pid} (`)
  })

  test('small MTU: large frames vanish on the way, and the netmtu that passes is told', async () => {
    hosts.atSwitch('link', 'set', 'port2', 'mtu', '1000')
    mend.push(() => hosts.atSwitch('link', 'set', 'port2', 'mtu', '1500'))
    const visit = await visitBoth('peer', 'sizes', 'loss')
    expect(visit.of('sizes')).toMatchObject({
      status: 'fail',
      message: `packets of more than 1000 octets vanish on the way to ${two}; netmtu is 1500`,
      remedy: expect.stringContaining('netmtu: 1000 on all nodes'),
      details: { largestPacketOut: 1000, largestPacketByGroup: 1000, interfaceMtu: 1500 },
    })
    expect([visit.of('peer').status, visit.of('loss').status, visit.code]).toEqual(['ok', 'ok', 1])
  })

  test('second cluster: an executive of another name on the same group and port', async () => {
    const other = await Cluster.create({ hosts: hosts.hosts, network: { ...network, clustername: 'blue' } })
    mend.push(() => other.close())
    await other.start(1)
    await other.formed([1])
    const visit = await doctors.visit(0, configs[0]!, ...only('other-cluster'))
    expect(visit.of('other-cluster')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('node-2 (10.99.0.2), a cluster with the clustername of hash 0x'),
      remedy: expect.stringContaining('clustername (here "test")'),
    })
  })

  test('no route: multicast needs none, unicast does', async () => {
    hosts.atHost(0, 'route', 'flush', 'table', 'main')
    mend.push(() => hosts.atHost(0, 'route', 'add', '10.99.0.0/24', 'dev', 'eth0', 'src', one))
    const visit = await visitBoth('multicast', 'peer')
    expect(visit.of('multicast')).toMatchObject({ status: 'ok', details: { received: true, route: false } })
    expect(visit.of('peer')).toMatchObject({
      status: 'fail',
      message: `there is no route to ${two} (ENETUNREACH)`,
      remedy: 'ip route add 10.99.0.0/24 dev eth0',
    })
  })

  test('a peer without a doctor is told what to run there: nobody, an executive, no machine', async () => {
    const nobody = await doctors.visit(0, configs[0]!, '--peer', two, ...only('peer'))
    expect(nobody.of('peer')).toMatchObject({ status: 'fail', remedy: 'run there: ais doctor --listen' })
    const cluster = await Cluster.create({ hosts: hosts.hosts, network })
    mend.push(() => cluster.close())
    await cluster.start(1)
    await cluster.formed([1])
    const executive = await doctors.visit(0, configs[0]!, '--peer', two, ...only('other-cluster', 'peer'))
    expect(executive.of('other-cluster').message).toContain('of this cluster: node-2 (10.99.0.2)')
    expect(executive.of('peer')).toMatchObject({
      status: 'fail',
      remedy: expect.stringContaining('ais doctor --listen'),
    })
    const absent = await doctors.visit(0, configs[0]!, '--peer', '10.99.0.77', ...only('peer'))
    expect(absent.of('peer').message).toContain('10.99.0.77 does not answer ARP on eth0')
  })
})
