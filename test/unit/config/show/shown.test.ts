import { checkNetworkText } from '../../../../src/config/check.js'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import {
  chooseInterface,
  effectiveNetwork,
  identityOf,
  leaseOrigin,
  originText,
  shownGroups,
  shownNetwork,
  type Host,
  type ShownEntity,
  type ShownKey,
} from '../../../../src/config/index.js'
import { keysOf } from '../../../../src/config/model/groups-keys.js'
import { networkKeys } from '../../../../src/config/model/network-keys.js'

const three = 'bindnetaddr: 10.0.0.0\nmcastaddr: 226.94.1.1\nmcastport: 6000\n'
const host: Host = {
  hostName: 'alpha',
  stateDirectory: { path: '/home/a/state/ais', variable: 'XDG_STATE_HOME' },
  socket: { path: '/run/ais/ais.sock', variable: null },
}
const interfaces = [{ name: 'eth0', address: '10.0.0.7', netmask: '255.255.255.0', loopback: false }]

function network(text: string) {
  const checked = checkNetworkText(text)
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics))
  return { path: '/n.conf', ...checked }
}

function groups(text: string) {
  const checked = checkGroupsText(text)
  if (!checked.ok) throw new Error(JSON.stringify(checked.diagnostics))
  return { path: '/g.conf', ...checked }
}

function effective(text: string, groupsText = ''): ShownKey[] {
  const file = network(text)
  const chosen = chooseInterface(file.config, interfaces)
  if (!chosen.ok) throw new Error(chosen.diagnostic.message)
  const { choice } = chosen
  const group = groups(groupsText)
  const identity = identityOf(file.config, group.config, choice, host)
  return effectiveNetwork(file, { choice, host, identity, leaseOrigin: leaseOrigin(group) })
}

/** 'VALUE, ORIGIN' of a key. */
function line(keys: readonly ShownKey[], name: string): string {
  const found = keys.filter(({ key }) => key === name)
  expect([name, found.length]).toEqual([name, 1])
  const [{ value, unit, origin }] = found as [ShownKey]
  return `${String(value)}${unit === '' ? '' : ` ${unit}`}, ${originText(origin)}`
}

function entity(root: ShownEntity, ...names: readonly string[]): ShownEntity {
  return names.reduce((outer, name) => {
    const found = outer.entities.find((one) => `${one.kind} ${one.name}` === name)
    if (found === undefined) throw new Error(`no ${name} in ${outer.kind} ${outer.name}`)
    return found
  }, root)
}

describe('network.conf', () => {
  test('every key once, in the order of the documentation', () => {
    const names = networkKeys.map(({ name }) => name)
    expect(shownNetwork(network(three)).map(({ key }) => key)).toEqual(names)
    expect(
      effective(three)
        .map(({ key }) => key)
        .filter((key) => names.includes(key)),
    ).toEqual(names)
  })

  test('what the file says with its line, and what the defaults are', () => {
    const keys = shownNetwork(network(`${three}# comment\ntoken: 2000\nnodename: node1\n`))
    expect(line(keys, 'mcastport')).toBe('6000, /n.conf:3')
    expect(line(keys, 'token')).toBe('2000 ms, /n.conf:5')
    expect(line(keys, 'nodename')).toBe('node1, /n.conf:6')
    expect(line(keys, 'netmtu')).toBe('1500 octets, default')
    expect(line(keys, 'nodeid')).toBe('null, default: the IPv4 address as a number')
    expect(line(keys, 'wait-for-all')).toBe('null, default: no; yes with two-node: yes')
  })

  test('of a key of the original that is given twice the line that counts', () => {
    const keys = shownNetwork(network(`mcastport: 5000\n${three}`))
    expect(line(keys, 'mcastport')).toBe('6000, /n.conf:4')
  })

  test('what the executive goes by on this machine', () => {
    const keys = effective(`${three}token: 2000\n`)
    expect(line(keys, 'interface')).toMatch(/^eth0, from bindnetaddr 10\.0\.0\.0 is the network of/)
    expect(line(keys, 'address')).toBe('10.0.0.7, from the interface')
    expect(line(keys, 'unicastport')).toBe('5999, from mcastport, one below')
    expect(line(keys, 'nodeid')).toBe('167772167, from the address, as a number')
    expect(line(keys, 'nodename')).toBe('alpha, from the host name, alpha')
    expect(line(keys, 'statedir')).toBe('/home/a/state/ais, $XDG_STATE_HOME')
    expect(line(keys, 'socket')).toBe('/run/ais/ais.sock, default')
    expect(line(keys, 'lease')).toBe('1000 ms, from token: half of it')
    expect(line(keys, 'expected-votes')).toBe('null nodes, from quorum: off')
    expect(line(keys, 'wait-for-all')).toBe('no, default')
  })

  test('what the file says goes before what the machine says', () => {
    const keys = effective(`${three}nodeid: 5\nnodename: beta\nstatedir: /s\nsocket: /x\n`, 'lease=80ms\n')
    expect(line(keys, 'nodeid')).toBe('5, /n.conf:4')
    expect(line(keys, 'nodename')).toBe('beta, /n.conf:5')
    expect(line(keys, 'statedir')).toBe('/s, /n.conf:6')
    expect(line(keys, 'socket')).toBe('/x, /n.conf:7')
    expect(line(keys, 'lease')).toBe('80 ms, /g.conf:1')
  })

  test('keys of the quorum that have no effect, or follow from another', () => {
    const unused = `${three}two-node: yes\nexpected-votes: 3\n`
    expect(line(shownNetwork(network(unused)), 'two-node')).toBe('yes, /n.conf:4')
    expect(line(effective(unused), 'two-node')).toBe('no, from quorum: off')
    expect(line(effective(unused), 'expected-votes')).toBe('null nodes, from quorum: off')
    const two = effective(`${three}quorum: majority\nexpected-votes: 2\ntwo-node: yes\n`)
    expect(line(two, 'wait-for-all')).toBe('yes, from two-node: yes')
    expect(line(two, 'two-node')).toBe('yes, /n.conf:6')
  })
})

const text = `lease=200
group {
  name=g
  model=2n
  callback-timeout=2s
  max-active-instances=4
  unit {
    name=a
    node=alpha
    healthcheck-interval=50
    component {
      name=ca
      model=1_active_or_1_standby
    }
  }
  unit {
    name=b
    component {
      name=cb
      callback-timeout=3s
    }
  }
  protection {
    name=p
    member=ca
    member=cb
  }
}
`

describe('groups.conf', () => {
  const written = shownGroups(groups(text), null)
  const used = shownGroups(groups(text), 200)

  test('has every key of every block, but those that blocks only hand on', () => {
    const look = ({ kind, keys, entities }: ShownEntity): void => {
      const shown = keys.map(({ key }) => key)
      const known = [...keysOf(kind).keys()].filter((key) => key !== 'name')
      expect(known).toEqual(expect.arrayContaining(shown))
      const handedOn = ['group', 'unit'].includes(kind)
      const lacking = known.filter((key) => !shown.includes(key))
      if (!handedOn) expect([kind, lacking]).toEqual([kind, []])
      for (const inner of entities) look(inner)
    }
    look(written)
    expect(entity(written, 'group g', 'unit a').entities).toHaveLength(1)
  })

  test('values with their lines, inherited ones with those of the block around', () => {
    expect(line(written.keys, 'lease')).toBe('200 ms, /g.conf:1')
    expect(line(written.keys, 'takeover-delay')).toBe('20 ms, default')
    expect(line(entity(written, 'group g').keys, 'callback-timeout')).toBe('2000 ms, /g.conf:5')
    const { keys } = entity(written, 'group g', 'unit a', 'component ca')
    expect(line(keys, 'callback-timeout')).toBe('2000 ms, /g.conf:5')
    expect(line(keys, 'healthcheck-interval')).toBe('50 ms, /g.conf:10')
    expect(line(entity(written, 'group g', 'unit a').keys, 'node')).toBe('alpha, /g.conf:9')
    const other = entity(written, 'group g', 'unit b', 'component cb').keys
    expect(line(other, 'callback-timeout')).toBe('3000 ms, /g.conf:20')
    expect(line(other, 'healthcheck-interval')).toMatch(/^100 ms, from the group/)
    expect(line(other, 'recovery')).toBe('component-failover, default')
    expect(line(other, 'restart-timeout')).toBe('null ms, default: it is not restarted')
    expect(line(entity(written, 'group g', 'protection p').keys, 'member')).toBe('ca,cb, /g.conf:25')
  })

  test('what a model takes back is the file’s word, and effectively the model’s', () => {
    expect(line(entity(written, 'group g').keys, 'max-active-instances')).toBe('4, /g.conf:6')
    expect(line(entity(used, 'group g').keys, 'max-active-instances')).toMatch(/^1, from the group: no/)
    const path = ['group g', 'unit a', 'component ca'] as const
    expect(line(entity(written, ...path).keys, 'max-active-csis')).toBe('1, from model')
  })

  test('implied service instances are shown where they have effect', () => {
    const instances = (root: ShownEntity): string[] => {
      return entity(root, 'group g')
        .entities.filter(({ kind }) => kind === 'service-instance')
        .map(({ name }) => name)
    }
    expect(instances(written)).toEqual([])
    expect(instances(used)).toEqual(['g'])
    const { keys } = entity(used, 'group g', 'service-instance g', 'csi p')
    expect(line(keys, 'member')).toBe('ca,cb, from the protection')
  })

  test('written service instances', () => {
    const more = text.replace(
      /}\n$/,
      'service-instance {\nname=s\nrank=2\ncsi {\nname=x\nprotection=p\nattribute=k:v\n}\n}\n}\n',
    )
    const instance = entity(
      shownGroups(groups(more.replace('model=1_active_or_1_standby', '')), null),
      'group g',
    )
    const { keys } = entity(instance, 'service-instance s')
    expect(line(keys, 'rank')).toMatch(/^2, \/g\.conf:\d+$/)
    expect(line(keys, 'standby-assignments')).toBe('1, default')
    const csi = entity(instance, 'service-instance s', 'csi x').keys
    expect(line(csi, 'protection')).toMatch(/^p, \/g\.conf:\d+$/)
    expect(line(csi, 'attribute')).toMatch(/^k:v, \/g\.conf:\d+$/)
  })
})
