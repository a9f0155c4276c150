import fc from 'fast-check'
import { chooseInterface } from '../../../src/config/choose-interface.js'
import { checkNetworkText } from '../../../src/config/check.js'
import { ipv4ToNumber, ipv4ToText } from '../../../src/config/ipv4.js'
import type { InterfaceAddress } from '../../../src/config/model/network-config.js'

const lo: InterfaceAddress = { name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0', loopback: true }
const on = (name: string, address: string, netmask = '255.255.255.0'): InterfaceAddress => ({
  name,
  address,
  netmask,
  loopback: false,
})

/** The chosen address, or what the refusal says. */
function choose(bindnetaddr: string, interfaces: readonly InterfaceAddress[]): string {
  const checked = checkNetworkText(`bindnetaddr: ${bindnetaddr}\nmcastaddr: 226.94.1.1\nmcastport: 6000\n`)
  if (!checked.ok) throw new Error(checked.diagnostics[0].message)
  const result = chooseInterface(checked.config, interfaces)
  if (result.ok) return `${result.choice.address} ${result.choice.interface}: ${result.choice.reason}`
  const { code, message, expected, line, column } = result.diagnostic
  expect([line, column]).toEqual([1, 14])
  return `${code}: ${message}; expected ${expected}`
}

const two = [lo, on('eth0', '192.168.1.7'), on('eth1', '10.1.2.3', '255.255.0.0')]

describe('chooseInterface', () => {
  test.each([
    ['192.168.1.0', '192.168.1.7 eth0: bindnetaddr 192.168.1.0 is the network of 192.168.1.7/24 (eth0)'],
    ['192.168.1.77', '192.168.1.7 eth0: bindnetaddr 192.168.1.77 is the network of 192.168.1.7/24 (eth0)'],
    ['192.168.1.7', '192.168.1.7 eth0: bindnetaddr 192.168.1.7 is the address 192.168.1.7/24 (eth0)'],
    ['10.1.0.0', '10.1.2.3 eth1: bindnetaddr 10.1.0.0 is the network of 10.1.2.3/16 (eth1)'],
    ['10.1.2.0', '10.1.2.3 eth1: bindnetaddr 10.1.2.0 is the network of 10.1.2.3/16 (eth1)'],
    ['10.0.0.0/8', '10.1.2.3 eth1: bindnetaddr 10.0.0.0/8 is the network of 10.1.2.3/16 (eth1)'],
    ['eth1', '10.1.2.3 eth1: bindnetaddr eth1 names the interface of 10.1.2.3/16 (eth1)'],
    ['127.0.0.1', '127.0.0.1 lo: bindnetaddr 127.0.0.1 is an address of the loopback interface lo'],
    ['127.0.0.2', '127.0.0.2 lo: bindnetaddr 127.0.0.2 is an address of the loopback interface lo'],
    ['127.0.0.0', '127.0.0.1 lo: bindnetaddr 127.0.0.0 is the network of '],
    ['127.0.0.0/8', '127.0.0.1 lo: bindnetaddr 127.0.0.0/8 is the network of '],
    ['127.0.0.3/8', '127.0.0.3 lo: bindnetaddr 127.0.0.3/8 is an address of the loopback interface lo'],
  ])('%s', (bindnetaddr, expected) => expect(choose(bindnetaddr, two)).toContain(expected))

  test('an own address wins over the networks it lies in', () => {
    const both = [on('eth0', '192.168.1.7'), on('eth1', '192.168.1.8')]
    expect(choose('192.168.1.8', both)).toMatch(/^192\.168\.1\.8 eth1/)
    expect(choose('192.168.1.8/24', both)).toMatch(/^192\.168\.1\.8 eth1/)
  })

  test('none matching lists the candidates', () => {
    expect(choose('172.16.0.0', two)).toBe(
      'interface-none: bindnetaddr 172.16.0.0 matches no interface of this machine; candidates: ' +
        '127.0.0.1/8 (lo, loopback: only when asked for by a 127.x value), 192.168.1.7/24 (eth0), ' +
        '10.1.2.3/16 (eth1); expected bindnetaddr: 192.168.1.7 or 10.1.2.3',
    )
    expect(choose('eth7', two)).toMatch(/^interface-none: bindnetaddr eth7 names no interface .*eth0.*eth1/)
  })

  test('none matching suggests the one whose first three octets agree', () => {
    const narrow = [lo, on('eth0', '192.168.1.200', '255.255.255.192'), on('eth1', '10.1.2.3')]
    expect(choose('192.168.1.0', narrow)).toMatch(
      /^interface-none: .*expected bindnetaddr: 192\.168\.1\.200 \(eth0\)/,
    )
  })

  test('several matching lists them', () => {
    const both = [lo, on('eth0', '192.168.1.7'), on('eth1', '192.168.1.8')]
    expect(choose('192.168.1.0', both)).toBe(
      'interface-several: bindnetaddr 192.168.1.0 matches several addresses: 192.168.1.7/24 (eth0), ' +
        '192.168.1.8/24 (eth1); expected bindnetaddr: 192.168.1.7 or 192.168.1.8',
    )
    const wide = [on('eth0', '10.1.2.3', '255.255.0.0'), on('eth1', '10.1.3.3', '255.255.0.0')]
    expect(choose('10.1.2.0', wide)).toMatch(
      /^interface-several: .*expected bindnetaddr: 10\.1\.2\.3 \(eth0\)/,
    )
    const aliases = [on('eth0', '192.168.1.7'), on('eth0', '10.0.0.7')]
    expect(choose('eth0', aliases)).toMatch(/^interface-several: /)
  })

  test('the loopback interface is never a fallback', () => {
    expect(choose('192.168.1.0', [lo])).toMatch(/^interface-none: /)
    expect(choose('eth0', [lo])).toMatch(/^interface-none: /)
    const dummy = { ...lo, address: '10.9.9.9', netmask: '255.255.255.255' }
    expect(choose('10.9.9.9', [lo, dummy])).toMatch(/^interface-loopback: /)
    expect(choose('10.9.9.0/24', [lo, dummy])).toMatch(/^interface-none: /)
    expect(choose('loop', [{ ...lo, name: 'loop' }])).toMatch(/^interface-loopback: /)
    expect(choose('127.0.0.1', [on('eth0', '192.168.1.7')])).toMatch(/^interface-none: .*none is up/)
    expect(choose('127.255.255.255', two)).toMatch(/^interface-none: .*broadcast/)
    expect(choose('127.1.0.0/16', two)).toMatch(/^interface-none: /)
  })

  test('whatever is chosen lies where it was asked for', () => {
    const number = fc.nat({ max: 0xffff_ffff })
    const address = fc
      .oneof(
        number,
        fc.nat({ max: 0xffff }).map((low) => 0x0a00_0000 + low),
      )
      .map(ipv4ToText)
    const mask = fc.constantFrom(
      '255.0.0.0',
      '255.255.0.0',
      '255.255.255.0',
      '255.255.255.192',
      '255.255.255.255',
    )
    const one = fc.tuple(fc.constantFrom('eth0', 'eth1', 'wlan0'), address, mask)
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), address, (list, asked) => {
        const interfaces = list.map(([name, own, netmask]) => on(name, own, netmask))
        const bind = { kind: 'address', text: asked, address: ipv4ToNumber(asked) ?? 0 } as const
        const bindPosition = { line: 1, column: 14, length: 1, source: '' }
        const result = chooseInterface({ bindTarget: bind, bindPosition }, interfaces)
        if (!result.ok) return
        // One address may be there with several netmasks: one of them has to fit.
        const chosen = interfaces.filter((candidate) => candidate.address === result.choice.address)
        const lies = ({ address: own, netmask }: InterfaceAddress): boolean => {
          const mask = ipv4ToNumber(netmask)!
          return ((bind.address ^ ipv4ToNumber(own)!) & mask) === 0
        }
        expect(chosen.some(lies)).toBe(true)
      }),
    )
  })
})
