import {
  addressType,
  isWithin,
  type Answer,
  type Chain,
  type Condition,
  type Rule,
  type Verdict,
} from './filter.js'

/** Words of a line; what stands in quotes is one. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
}

function isInNetwork(address: string | null, network: string): Answer {
  const [base, length = '32'] = network.split('/')
  return isWithin(address, base, Number(length))
}

/** 6000, 6000:6010, or several with commas. */
function isPortAmong(port: number, ports: string): boolean {
  return ports.split(',').some((part) => {
    const [from, to = from] = part.split(':').map(Number)
    return port >= from && port <= to
  })
}

function isInterface(name: string, pattern: string): boolean {
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

function isType(type: string | null, names: string): Answer {
  return type === null ? null : names.toLowerCase().split(',').includes(type)
}

/** Conditions of one value each, by their flag. */
const conditions: Readonly<Record<string, (value: string) => Condition>> = {
  '-p': (value) => () => value === 'udp' || value === 'all',
  '-s':
    (value) =>
    ({ source }) =>
      isInNetwork(source, value),
  '-d':
    (value) =>
    ({ destination }) =>
      isInNetwork(destination, value),
  '-i':
    (value) =>
    ({ direction, interface: name }) =>
      direction === 'input' && isInterface(name, value),
  '-o':
    (value) =>
    ({ direction, interface: name }) =>
      direction === 'output' && isInterface(name, value),
  '--dport':
    (value) =>
    ({ port }) =>
      isPortAmong(port, value),
  '--dports':
    (value) =>
    ({ port }) =>
      isPortAmong(port, value),
  '--ctstate': (value) => () => value.split(',').includes('NEW'),
  '--state': (value) => () => value.split(',').includes('NEW'),
  '--comment': () => () => true,
  '--dst-type': (value) => (packet) => isType(addressType(packet, 'destination'), value),
  '--src-type': (value) => (packet) => isType(addressType(packet, 'source'), value),
  '--pkt-type': (value) => (packet) => {
    if (packet.direction === 'output') return null
    return isType(addressType(packet, 'destination') === 'multicast' ? 'multicast' : 'unicast', value)
  },
}

const modules = new Set(['udp', 'multiport', 'comment', 'conntrack', 'state', 'addrtype', 'pkttype'])

function verdictOf(target: string, isGoto: boolean, table: string): Verdict | null {
  if (target === 'ACCEPT') return 'accept'
  if (target === 'DROP' || target === 'REJECT') return 'drop'
  if (target === 'RETURN') return 'return'
  if (['LOG', 'NFLOG', 'MARK', 'CONNMARK', 'CT', 'CHECKSUM', 'TTL'].includes(target)) return null
  return { jump: `${table} ${target}`, isGoto }
}

/** @param words of a line that begins with -A CHAIN */
function ruleOf(words: readonly string[], table: string, text: string): Rule {
  const met: Condition[] = []
  let verdict: Verdict | null = null
  let isNegated = false
  for (let at = 2; at < words.length; at++) {
    const word = words[at]
    const value = words[at + 1] ?? ''
    if (word === '!') {
      isNegated = true
      continue
    }
    if (word === '-j' || word === '-g') {
      verdict = verdictOf(value, word === '-g', table)
      break
    }
    if (word === '-m' && !modules.has(value))
      met.push(value === 'tcp' || value === 'icmp' ? () => false : () => null)
    else if (conditions[word] !== undefined) met.push(negated(conditions[word](value), isNegated))
    else if (word.startsWith('-') && word !== '-m') met.push(() => null)
    isNegated = false
    if (!value.startsWith('-') && value !== '!') at++
  }
  return { conditions: met, verdict, text }
}

function negated(condition: Condition, isNegated: boolean): Condition {
  if (!isNegated) return condition
  return (packet) => {
    const answer = condition(packet)
    return answer === null ? null : !answer
  }
}

/** Where packets come by on their way in, and on their way out. */
const hooks: Readonly<Record<string, Chain['hook']>> = {
  PREROUTING: 'input',
  INPUT: 'input',
  OUTPUT: 'output',
  POSTROUTING: 'output',
}

/**
 * The chains of `iptables-save`, but those that translate addresses.
 * @param program which the text is of: iptables, or iptables-legacy
 */
export function readIptables(text: string, program = 'iptables'): Map<string, Chain> {
  const chains = new Map<string, Chain & { readonly rules: Rule[] }>()
  let table = ''
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = `${program} ${line.slice(1).trim()}`
    if (table.endsWith(' nat')) continue
    const words = wordsOf(line)
    if (line.startsWith(':')) {
      const name = words[0].slice(1)
      const command = `${program} -t ${table.split(' ')[1]}`
      const policy = words[1] === 'DROP' ? 'drop' : 'accept'
      chains.set(`${table} ${name}`, {
        rules: [],
        hook: hooks[name] ?? null,
        policy,
        text: `the policy of chain ${name} (${command} -S ${name})`,
        letThrough: (from, to) => `${command} -I ${name} -p udp --dport ${from}:${to} -j ACCEPT`,
      })
    } else if (words[0] === '-A') {
      chains
        .get(`${table} ${words[1] ?? ''}`)
        ?.rules.push(ruleOf(words, table, `"${program} ${line.trim()}"`))
    }
  }
  return chains
}

/**
 * Tables of nftables, by "FAMILY NAME", of which `iptables-save` tells: what iptables keeps there is told
 * whole by it alone. Tables that it says it cannot show are not among them.
 */
export function tablesToldBy(text: string): Set<string> {
  const told = [...text.matchAll(/^\*(\w+)/gm)].map(([, name]) => name)
  return new Set(
    told.filter((name) => !text.includes(`Table \`${name}' is incompatible`)).map((name) => `ip ${name}`),
  )
}
