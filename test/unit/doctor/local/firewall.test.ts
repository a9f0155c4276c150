import { readFileSync } from 'node:fs'
import { decide, type Chains, type Packet } from '../../../../src/doctor/local/firewall/filter.js'
import { judgeFirewall } from '../../../../src/doctor/local/firewall/firewall.js'
import { readIptables, tablesToldBy } from '../../../../src/doctor/local/firewall/iptables.js'
import { readNftables } from '../../../../src/doctor/local/firewall/nftables.js'

const packet = (rest: Partial<Packet> = {}): Packet => ({
  direction: 'input',
  source: null,
  destination: '239.192.1.1',
  port: 6000,
  interface: 'eth0',
  ...rest,
})

const saved = (...rules: readonly string[]): Chains =>
  readIptables(['*filter', ':INPUT ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n'))

describe('rules of nftables, as nft printed them of ruleset.nft', () => {
  const text = readFileSync(new URL('../../../testdata/doctor/ruleset.json', import.meta.url), 'utf8')
  const chains = readNftables(text, new Set())!

  test.each<[string, Partial<Packet>, string]>([
    ['a port in a set of the rule', { port: 5405 }, 'accept'],
    ['a port in a range of a set', { port: 6101 }, 'accept'],
    ['the loopback interface', { interface: 'lo', port: 1 }, 'accept'],
    ['the group, by a chain that is jumped to', {}, 'accept'],
    ['what a rule drops for some sources, from one of them', { port: 7000, source: '10.1.2.3' }, 'drop'],
    ['the same where the source is not known', { port: 7000 }, 'unknown'],
    [
      'what only a limited rule accepts before all is rejected',
      { port: 9, destination: '10.0.0.1' },
      'unknown',
    ],
    ['what is multicast', { port: 9000 }, 'accept'],
    ['nothing stands in the way out', { direction: 'output' }, 'accept'],
  ])('%s', (_name, rest, outcome) => {
    expect(decide(chains, packet(rest)).outcome).toBe(outcome)
  })

  test('a set that is named is looked into', () => {
    const named = text.replaceAll('"tcp", "field": "dport"', '"udp", "field": "dport"')
    expect(decide(readNftables(named, new Set())!, packet({ port: 85 })).outcome).toBe('accept')
  })

  const withRules = (...expr: readonly unknown[][]): Chains => {
    const chain = { family: 'inet', table: 'own', name: 'in', type: 'filter', hook: 'prerouting' }
    const rules = expr.map((one, handle) => ({
      rule: { family: 'inet', table: 'own', chain: 'in', handle, expr: one },
    }))
    return readNftables(JSON.stringify({ nftables: [{ chain }, ...rules] }), new Set())!
  }
  const dport = { payload: { protocol: 'udp', field: 'dport' } }

  test('a map of verdicts is looked into', () => {
    const set = [
      [5404, { accept: null }],
      [{ range: [6000, 6001] }, { drop: null }],
    ]
    const chains = withRules([{ vmap: { key: dport, data: { set } } }])
    expect(decide(chains, packet()).outcome).toBe('drop')
    expect(decide(chains, packet({ port: 5404 })).outcome).toBe('accept')
    const states = [
      ['established', { accept: null }],
      ['invalid', { drop: null }],
    ]
    const byState = withRules([{ vmap: { key: { ct: { key: 'state' } }, data: { set: states } } }])
    expect(decide(byState, packet()).outcome).toBe('accept')
  })

  test('what is not known decides nothing, and is not passed over', () => {
    expect(decide(withRules([{ vmap: { key: dport, data: '@named' } }]), packet()).outcome).toBe('unknown')
    expect(decide(withRules([{ queue: { num: 1 } }]), packet()).outcome).toBe('unknown')
    expect(decide(withRules([{ jump: { target: 'nowhere' } }]), packet()).outcome).toBe('unknown')
  })

  const match = (left: unknown, right: unknown, op = '=='): unknown => ({ match: { op, left, right } })

  test.each<[string, unknown, string]>([
    ['type of packet', match({ meta: { key: 'pkttype' } }, 'multicast'), 'drop'],
    ['another type of packet', match({ meta: { key: 'pkttype' } }, 'host'), 'accept'],
    ['type of address', match({ fib: { result: 'type', flags: ['daddr'] } }, 'multicast'), 'drop'],
    ['another type', match({ fib: { result: 'type', flags: ['daddr', 'iif'] } }, 'local'), 'accept'],
    ['a way back', match({ fib: { result: 'oif', flags: ['saddr'] } }, 0), 'unknown'],
    ['what is translated', match({ ct: { key: 'status' } }, 'dnat', 'in'), 'accept'],
  ])('the %s', (_name, condition, outcome) => {
    expect(decide(withRules([condition, { drop: null }]), packet()).outcome).toBe(outcome)
  })

  test('a map that has a name is looked into', () => {
    const own = { family: 'inet', table: 'own' }
    const map = { ...own, name: 'ports', map: 'verdict', elem: [[6000, { drop: null }]] }
    const chain = { ...own, name: 'in', type: 'filter', hook: 'input' }
    const rule = { ...own, chain: 'in', handle: 3, expr: [{ vmap: { key: dport, data: '@ports' } }] }
    const chains = readNftables(JSON.stringify({ nftables: [{ map }, { chain }, { rule }] }), new Set())!
    expect(decide(chains, packet()).outcome).toBe('drop')
    expect(decide(chains, packet({ port: 5999 })).outcome).toBe('accept')
  })

  test.each([
    ['eth0', 'drop'],
    [['eth1', 'eth0'], 'drop'],
    ['eth1', 'accept'],
    [undefined, 'unknown'], // nft 1.0.6 does not say
  ])('a chain at the device %j', (dev, outcome) => {
    const place = { family: 'netdev', table: 'x' }
    const chain = { ...place, name: 'in', type: 'filter', hook: 'ingress', policy: 'drop', dev }
    const chains = readNftables(JSON.stringify({ nftables: [{ chain }] }), new Set())!
    expect(decide(chains, packet()).outcome).toBe(outcome)
  })

  test('the command that mends it names family, table and chain', () => {
    const { chain } = decide(withRules([{ drop: null }]), packet())
    expect(chain!.letThrough(5999, 6000)).toBe('nft insert rule inet own in udp dport 5999-6000 accept')
  })

  test('a table that iptables tells of is left to it', () => {
    expect(readNftables(text, new Set(['inet filter']))!.size).toBe(0)
  })

  test('what is not a ruleset is nothing', () => {
    for (const other of ['', '{}', '[]', '{"nftables":3}', 'Operation not permitted']) {
      expect(readNftables(other, new Set())).toBeNull()
    }
    expect(readNftables('{"nftables":[null,3,{"chain":7},{"rule":{"expr":3}}]}', new Set())!.size).toBe(0)
  })
})

describe('rules of iptables', () => {
  test.each<[string, string[], Partial<Packet>, string]>([
    ['a port', ['-A INPUT -p udp -m udp --dport 6000 -j DROP'], {}, 'drop'],
    ['another port', ['-A INPUT -p udp -m udp --dport 7000 -j DROP'], {}, 'accept'],
    ['a range', ['-A INPUT -p udp -m udp --dport 5000:6100 -j DROP'], {}, 'drop'],
    [
      'several ports',
      ['-A INPUT -p udp -m multiport --dports 22,6000 -m comment --comment "a b" -j DROP'],
      {},
      'drop',
    ],
    ['another protocol', ['-A INPUT -p tcp -m tcp --dport 6000 -j DROP'], {}, 'accept'],
    ['an interface', ['-A INPUT -i eth+ -j DROP'], {}, 'drop'],
    ['another interface', ['-A INPUT ! -i eth0 -j DROP'], {}, 'accept'],
    ['a network', ['-A INPUT -d 239.0.0.0/8 -j REJECT --reject-with icmp-port-unreachable'], {}, 'drop'],
    ['accepted first', ['-A INPUT -p udp --dport 6000 -j ACCEPT', '-A INPUT -j DROP'], {}, 'accept'],
    [
      'a state of running connections',
      ['-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-A INPUT -j DROP'],
      {},
      'drop',
    ],
    ['a chain of its own', [':mine - [0:0]', '-A INPUT -j mine', '-A mine -p udp -j DROP'], {}, 'drop'],
    [
      'a chain that returns',
      [':mine - [0:0]', '-A INPUT -j mine', '-A mine -p udp -j RETURN', '-A mine -j DROP'],
      {},
      'accept',
    ],
    ['a match that is not known', ['-A INPUT -m owner --uid-owner 7 -j DROP'], {}, 'unknown'],
    ['a type of address', ['-A INPUT -m addrtype --dst-type LOCAL,MULTICAST -j DROP'], {}, 'drop'],
    ['another type of address', ['-A INPUT -m addrtype --dst-type BROADCAST -j DROP'], {}, 'accept'],
    ['a type of packet', ['-A INPUT -m pkttype --pkt-type multicast -j DROP'], {}, 'drop'],
    ['a target that is not known', ['-A INPUT -j NFQUEUE --queue-num 1'], {}, 'unknown'],
    ['a log', ['-A INPUT -j LOG --log-prefix "in: "'], {}, 'accept'],
    ['a source that is not known', ['-A INPUT -s 10.0.0.0/8 -j DROP'], {}, 'unknown'],
  ])('%s', (_name, rules, rest, outcome) => {
    expect(decide(saved(...rules), packet(rest)).outcome).toBe(outcome)
  })

  test('a policy of DROP drops what no rule accepts', () => {
    const chains = readIptables('*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n')
    expect(decide(chains, packet())).toMatchObject({ outcome: 'drop', by: expect.stringContaining('INPUT') })
  })

  test('addresses that are translated decide nothing', () => {
    expect(readIptables('*nat\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n').size).toBe(0)
  })

  test('tables that it cannot show are left to nft', () => {
    const text = "# Table `mangle' is incompatible, use 'nft' tool.\n*filter\nCOMMIT\n*mangle\nCOMMIT\n"
    expect([...tablesToldBy(text)]).toEqual(['ip filter'])
  })
})

describe('what is said', () => {
  const traffic = { group: '239.192.1.1', port: 6000, address: '10.0.0.1', interface: 'eth0' }

  test('a rule that drops is named, with what to do', () => {
    const finding = judgeFirewall(saved('-A INPUT -p udp --dport 5999 -j DROP'), traffic)
    expect(finding.status).toBe('fail')
    expect(finding.message).toContain('frames to one node (UDP port 5999) on their way in')
    expect(finding.message).toContain('-A INPUT -p udp --dport 5999 -j DROP')
    expect(finding.remedy).toBe('iptables -t filter -I INPUT -p udp --dport 5999:6000 -j ACCEPT')
  })

  test('every chain that drops is named, each with its command', () => {
    const chains = saved('-A INPUT -p udp -j DROP', '-A OUTPUT -p udp -j DROP')
    const { message, remedy } = judgeFirewall(chains, traffic)
    expect(message.split('\n')).toHaveLength(4)
    const commands = ['INPUT', 'OUTPUT'].map(
      (chain) => `iptables -t filter -I ${chain} -p udp --dport 5999:6000 -j ACCEPT`,
    )
    expect(remedy).toBe(commands.join(' && '))
  })

  test('what cannot be judged is said to be so', () => {
    const finding = judgeFirewall(saved('-A INPUT -m set --match-set x src -j DROP'), traffic)
    expect(finding.status).toBe('warn')
    expect(finding.remedy).toContain('iptables -t filter -I INPUT -p udp --dport 5999:6000 -j ACCEPT')
  })

  test('no rules, and rules about others, are well', () => {
    expect(judgeFirewall(new Map(), traffic)).toMatchObject({ status: 'ok', remedy: null })
    expect(judgeFirewall(saved('-A INPUT -p udp --dport 53 -j DROP'), traffic).status).toBe('ok')
  })
})
