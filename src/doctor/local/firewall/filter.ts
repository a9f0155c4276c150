/** A datagram of the cluster, as a packet filter sees it. null: not known beforehand. */
export interface Packet {
  readonly direction: 'input' | 'output'
  readonly source: string | null
  readonly destination: string | null
  readonly port: number
  readonly interface: string
}

/** null: depends on what is not known, or the condition is of a kind that is not. */
export type Answer = boolean | null

export type Condition = (packet: Packet) => Answer

/** Of a destination or a source, as filters call it: 'multicast', 'local', 'unicast'; null: not known. */
export function addressType(packet: Packet, end: 'source' | 'destination'): string | null {
  const address = packet[end]
  if (end === 'destination' && address !== null && isWithin(address, '224.0.0.0', 4)) return 'multicast'
  return (end === 'destination') === (packet.direction === 'input') ? 'local' : 'unicast'
}

/** 'unknown': it decides, but in a way that is not known here. */
export type Verdict =
  'accept' | 'drop' | 'return' | 'unknown' | { readonly jump: string; readonly isGoto: boolean }

export interface Rule {
  readonly conditions: readonly Condition[]
  /** null: it only counts, or logs. */
  readonly verdict: Verdict | null
  /** How people find it. */
  readonly text: string
}

export interface Chain {
  readonly rules: readonly Rule[]
  /** Where packets enter it; null: other chains lead to it. */
  readonly hook: Packet['direction'] | null
  /** What becomes of a packet that no rule has decided about. */
  readonly policy: 'accept' | 'drop'
  readonly text: string
  /** Whether packets enter it that are as its hook says; not given: all of them. */
  readonly enters?: Condition
  /** The command that puts a rule at its head which lets these UDP ports through. */
  readonly letThrough: (from: number, to: number) => string
}

/** By a name that is unique among all tables. */
export type Chains = ReadonlyMap<string, Chain>

export interface Decision {
  readonly outcome: 'accept' | 'drop' | 'unknown'
  /** The rule or policy that decides; null: nothing stands in the way. */
  readonly by: string | null
  /** Where it enters the filter; null: nothing stands in the way. */
  readonly chain: Chain | null
}

/** Chains that lead to each other without end are refused by the kernel; this bounds it here too. */
const DEPTH_MAX = 32

type Step = Omit<Decision, 'chain'>
type Walked = Step | null

/** Is every condition met? */
function isMet({ conditions }: Rule, packet: Packet): Answer {
  let answer: Answer = true
  for (const condition of conditions) {
    const one = condition(packet)
    if (one === false) return false
    answer = one === null ? null : answer
  }
  return answer
}

class Walk {
  /** A rule that may have accepted it before. */
  private maybe: string | null = null

  constructor(
    private readonly chains: Chains,
    private readonly packet: Packet,
  ) {}

  /** @returns null: nothing in the chain decides */
  through(rules: readonly Rule[], depth: number): Walked {
    if (depth > DEPTH_MAX) return { outcome: 'unknown', by: 'chains that lead to chains' }
    for (const rule of rules) {
      const met = isMet(rule, this.packet)
      if (met === false || rule.verdict === null) continue
      if (rule.verdict === 'return') {
        if (met === null) return { outcome: 'unknown', by: rule.text }
        return null
      }
      const decision = this.decided(rule, met, depth)
      if (decision !== null) return decision
      if (met && typeof rule.verdict === 'object' && rule.verdict.isGoto) return null
    }
    return null
  }

  private decided({ verdict, text }: Rule, met: Answer, depth: number): Walked {
    if (typeof verdict === 'object' && verdict !== null) {
      const chain = this.chains.get(verdict.jump)
      if (chain === undefined) return { outcome: 'unknown', by: text }
      const inner = this.through(chain.rules, depth + 1)
      return inner === null || met === true ? inner : this.doubtful(inner.outcome, inner.by ?? text)
    }
    if (verdict === 'unknown') return { outcome: 'unknown', by: text }
    if (verdict !== 'accept' && verdict !== 'drop') return null
    return met === true ? this.certain(verdict, text) : this.doubtful(verdict, text)
  }

  certain(outcome: 'accept' | 'drop', by: string): Step {
    if (outcome === 'drop' && this.maybe !== null) return { outcome: 'unknown', by: this.maybe }
    return { outcome, by }
  }

  private doubtful(outcome: Decision['outcome'], by: string): Walked {
    if (outcome !== 'accept') return { outcome: 'unknown', by }
    this.maybe ??= by
    return null
  }
}

/** What each chain that a packet enters says of it, unless it accepts. */
export function obstacles(chains: Chains, packet: Packet): Decision[] {
  const found: Decision[] = []
  for (const chain of chains.values()) {
    const enters = chain.enters?.(packet) ?? (chain.enters === undefined ? true : null)
    if (chain.hook !== packet.direction || enters === false) continue
    const walk = new Walk(chains, packet)
    const { outcome, by } = walk.through(chain.rules, 0) ?? walk.certain(chain.policy, chain.text)
    if (outcome !== 'accept') found.push({ outcome: enters === null ? 'unknown' : outcome, by, chain })
  }
  return found
}

/** What becomes of a packet: every chain that it enters has to accept it. */
export function decide(chains: Chains, packet: Packet): Decision {
  const found = obstacles(chains, packet)
  const worst = found.find(({ outcome }) => outcome === 'drop') ?? found[0]
  return worst ?? { outcome: 'accept', by: null, chain: null }
}

function numberOf(address: string): number | null {
  const octets = address.split('.').map(Number)
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return null
  return octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

/** Does an address lie in NETWORK/LENGTH? null: one of them cannot be read. */
export function isWithin(address: string | null, network: string, length: number): Answer {
  const [number, base] = [address === null ? null : numberOf(address), numberOf(network)]
  if (number === null || base === null) return null
  const size = 2 ** (32 - length)
  return Math.floor(number / size) === Math.floor(base / size)
}
