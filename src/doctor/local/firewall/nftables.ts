import {
  addressType,
  isWithin,
  type Answer,
  type Chain,
  type Condition,
  type Packet,
  type Rule,
  type Verdict,
} from './filter.js'

type Json = Readonly<Record<string, unknown>>

const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What a packet has where an expression looks; undefined: such a place is not known here. */
function fieldOf(left: Json, packet: Packet): string | number | null | undefined {
  const payload = object(left['payload'])
  const isInput = packet.direction === 'input'
  if (payload !== null) {
    const place = `${textOf(payload['protocol'])} ${textOf(payload['field'])}`
    if (place === 'udp dport' || place === 'th dport') return packet.port
    if (place === 'ip daddr') return packet.destination
    if (place === 'ip saddr') return packet.source
    if (place === 'ip protocol') return 'udp'
    return place === 'ether type' ? 'ip' : undefined
  }
  const fib = object(left['fib'])
  if (fib !== null) return typeByRoutes(fib, packet)
  switch (textOf(object(left['meta'])?.['key'])) {
    case 'iifname':
    case 'iif':
      return isInput ? packet.interface : ''
    case 'oifname':
    case 'oif':
      return isInput ? '' : packet.interface
    case 'l4proto':
      return 'udp'
    case 'nfproto':
      return 'ipv4'
    case 'protocol':
      return 'ip'
    case 'pkttype':
      if (!isInput) return undefined
      return addressType(packet, 'destination') === 'multicast' ? 'multicast' : 'host'
  }
  return ofConnection(textOf(object(left['ct'])?.['key']))
}

/** The first frame begins a connection, and nothing of it is translated. */
function ofConnection(key: string): string | undefined {
  if (key === 'state') return 'new'
  return key === 'status' ? '' : undefined
}

/** `fib daddr type`, and the like. */
function typeByRoutes(fib: Json, packet: Packet): string | null | undefined {
  const flags = Array.isArray(fib['flags']) ? (fib['flags'] as unknown[]) : []
  if (fib['result'] !== 'type') return undefined
  if (flags.includes('daddr')) return addressType(packet, 'destination')
  return flags.includes('saddr') ? addressType(packet, 'source') : undefined
}

/** Is a value one that the right side of a match names? */
function isAmong(value: string | number, right: unknown, sets: ReadonlyMap<string, unknown>): Answer {
  if (typeof right === 'string' && right.startsWith('@')) {
    const elements = sets.get(right.slice(1))
    return elements === undefined ? null : isAmong(value, elements, sets)
  }
  if (Array.isArray(right)) return anyOf(right.map((one) => isAmong(value, one, sets)))
  const { set, range, prefix } = object(right) ?? {}
  if (set !== undefined) return isAmong(value, set, sets)
  if (Array.isArray(range)) {
    const [from, to] = range as unknown[]
    return typeof value === 'number' && typeof from === 'number' && typeof to === 'number'
      ? value >= from && value <= to
      : null
  }
  const { addr, len } = object(prefix) ?? {}
  if (typeof addr === 'string' && typeof len === 'number') return isWithin(String(value), addr, len)
  if (typeof right === 'string' && right.endsWith('*')) return String(value).startsWith(right.slice(0, -1))
  return typeof right === 'string' || typeof right === 'number' ? String(right) === String(value) : null
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true
  return answers.includes(null) ? null : false
}

function conditionOf(match: Json, sets: ReadonlyMap<string, unknown>): Condition {
  const left = object(match['left']) ?? {}
  // A match on another protocol's header holds for packets of that protocol alone.
  const protocol = textOf(object(left['payload'])?.['protocol'])
  if (['tcp', 'icmp', 'icmpv6', 'ip6', 'sctp', 'dccp', 'udplite', 'esp', 'ah'].includes(protocol)) {
    return () => false
  }
  return (packet) => {
    const among = isFieldAmong(left, match['right'], sets, packet)
    return among !== null && match['op'] === '!=' ? !among : among
  }
}

function isFieldAmong(
  left: Json,
  right: unknown,
  sets: ReadonlyMap<string, unknown>,
  packet: Packet,
): Answer {
  const value = fieldOf(left, packet)
  return value === undefined || value === null ? null : isAmong(value, right, sets)
}

/** A map from values to verdicts: a rule of its own for each. @returns null: one that is not known here */
function mappedRules(
  map: Json,
  sets: ReadonlyMap<string, unknown>,
): Pick<Rule, 'conditions' | 'verdict'>[] | null {
  const key = object(map['key'])
  const name = map['data']
  const isNamed = typeof name === 'string' && name.startsWith('@')
  const data = isNamed ? sets.get(name.slice(1)) : object(name)?.['set']
  if (key === null || !Array.isArray(data)) return null
  return data.map((pair) => {
    const [element, verdict] = Array.isArray(pair) ? (pair as unknown[]) : []
    const found = verdictOf(object(verdict) ?? {})
    return {
      conditions: [(packet: Packet) => isFieldAmong(key, element, sets, packet)],
      verdict: found === undefined ? 'unknown' : found,
    }
  })
}

function verdictOf(expression: Json): Verdict | null | undefined {
  if ('accept' in expression) return 'accept'
  if ('drop' in expression || 'reject' in expression) return 'drop'
  if ('return' in expression) return 'return'
  const jump = object(expression['jump']) ?? object(expression['goto'])
  if (jump !== null) return { jump: textOf(jump['target']), isGoto: 'goto' in expression }
  // These decide nothing.
  const harmless = ['counter', 'log', 'comment', 'mangle', 'notrack', 'set']
  return harmless.some((name) => name in expression) ? null : undefined
}

const inTable = (verdict: Verdict | null, table: string): Verdict | null =>
  typeof verdict === 'object' && verdict !== null ? { ...verdict, jump: `${table} ${verdict.jump}` } : verdict

/** One rule, or as many as its map has values. */
function rulesOf(rule: Json, sets: ReadonlyMap<string, unknown>, table: string): Rule[] {
  const conditions: Condition[] = []
  let verdict: Verdict | null = null
  let mapped: Pick<Rule, 'conditions' | 'verdict'>[] = []
  const where = `${table} ${textOf(rule['chain'])}`
  const text = `rule ${String(rule['handle'])} of chain ${where} (nft -a list ruleset)`
  for (const one of Array.isArray(rule['expr']) ? (rule['expr'] as unknown[]) : []) {
    const expression = object(one) ?? {}
    const match = object(expression['match'])
    const map = object(expression['vmap'])
    const found = verdictOf(expression)
    if (match !== null) conditions.push(conditionOf(match, sets))
    else if (map !== null) mapped = mappedRules(map, sets) ?? [{ conditions: [], verdict: 'unknown' }]
    else if ('limit' in expression || 'xt' in expression) conditions.push(() => null)
    else if (found === undefined) verdict = 'unknown'
    else verdict = found ?? verdict
  }
  const all = mapped.length > 0 ? mapped : [{ conditions: [], verdict }]
  return all.map((part) => ({
    conditions: [...conditions, ...part.conditions],
    verdict: inTable(part.verdict, table),
    text,
  }))
}

/** Where packets come by on their way in, and on their way out. */
const hooks: Readonly<Record<string, Packet['direction']>> = {
  prerouting: 'input',
  input: 'input',
  output: 'output',
  postrouting: 'output',
  ingress: 'input',
  egress: 'output',
}

/** Chains at a device; nft before 1.0.7 does not say which. */
function atDevice({ dev, hook }: Json): Condition | undefined {
  if (!['ingress', 'egress'].includes(textOf(hook))) return undefined
  const devices = [dev].flat().filter((one) => typeof one === 'string')
  return (packet) => (devices.length === 0 ? null : devices.includes(packet.interface))
}

/**
 * The chains of `nft -j list ruleset`.
 * @param skipped tables that somebody else tells of, by "FAMILY NAME"
 * @returns null: it is not that
 */
export function readNftables(text: string, skipped: ReadonlySet<string>): Map<string, Chain> | null {
  let ruleset: unknown
  try {
    ruleset = object(JSON.parse(text))?.['nftables']
  } catch {
    return null
  }
  if (!Array.isArray(ruleset)) return null
  const all = ruleset.map((one) => object(one) ?? {})
  const tableOf = (one: Json): string => `${textOf(one['family'])} ${textOf(one['table'])}`
  const isOurs = (one: Json | null): one is Json => {
    return (
      one !== null && ['ip', 'inet', 'netdev'].includes(textOf(one['family'])) && !skipped.has(tableOf(one))
    )
  }
  const named = (kind: string): Json[] => all.map((one) => object(one[kind])).filter(isOurs)
  const chains = new Map<string, Chain>()
  for (const chain of named('chain')) {
    const table = tableOf(chain)
    const sets = new Map(
      [...named('set'), ...named('map')]
        .filter((set) => tableOf(set) === table)
        .map((set) => [textOf(set['name']), set['elem'] ?? []]),
    )
    const rules = named('rule').filter((rule) => {
      return tableOf(rule) === table && rule['chain'] === chain['name']
    })
    // Chains that translate addresses decide nothing about what is let through.
    const hook = chain['type'] === 'nat' ? undefined : hooks[textOf(chain['hook'])]
    const name = `${table} ${textOf(chain['name'])}`
    const enters = atDevice(chain)
    chains.set(name, {
      rules: rules.flatMap((rule) => rulesOf(rule, sets, table)),
      hook: hook ?? null,
      ...(enters === undefined ? {} : { enters }),
      policy: chain['policy'] === 'drop' ? 'drop' : 'accept',
      text: `the policy of chain ${name} (nft list ruleset)`,
      letThrough: (from, to) => `nft insert rule ${name} udp dport ${from}-${to} accept`,
    })
  }
  return chains
}
