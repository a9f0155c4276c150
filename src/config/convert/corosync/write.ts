import { quoted, valuePosition, type CheckContext } from '../../check-context.js'
import { ipv4ToNumber, ipv4ToText, prefixMask } from '../../ipv4.js'
import type { NetworkConfig } from '../../model/network-config.js'
import type { ParsedText } from '../../parse.js'
import type { Convertible, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { reportAssumed, reportCurtailed, reportLost } from '../lost.js'
import { entryOf } from '../own-keys.js'

const TARGET = 'corosync.conf'

/** The shortest time corosync takes for anything. */
const MINIMUM_MS = 30
const HOLD_MS = 8
const ACCELERATED_WINDOW = 20

/** A line of the file; `note` stands above it. */
interface Line {
  readonly key: string
  readonly value: string | number
  readonly note?: string
}

class CorosyncWriter {
  constructor(
    private readonly parsed: ParsedText,
    private readonly config: NetworkConfig,
    private readonly options: WriteOptions,
    private readonly context: CheckContext,
  ) {}

  text(): string {
    this.reportLost()
    const { quorumMode } = this.config
    const lines = [
      ...headLines(this.options).map((line) => `# ${line}`),
      'totem {',
      ...indented([...this.totem(), ...section('interface', this.link())]),
      '}',
      ...this.nodelist(),
      ...(quorumMode === 'off' ? [] : section('quorum', this.quorum())),
    ]
    return `${lines.join('\n')}\n`
  }

  private lost(key: string, why: string): void {
    const entry = entryOf(key, this.parsed)
    if (entry !== undefined) reportLost(entry, TARGET, why, this.context)
  }

  /** A time as corosync takes it. */
  private time(key: string, ours: string, valueMs: number, leastMs = MINIMUM_MS): Line {
    if (valueMs >= leastMs) return { key, value: valueMs }
    const entry = entryOf(ours, this.parsed)
    const why = `corosync takes ${leastMs} ms at the least, which is written`
    if (entry !== undefined) reportCurtailed(entry, TARGET, why, this.context)
    return { key, value: leastMs, note: `assumed: ${valueMs} is too short for corosync` }
  }

  private reportLost(): void {
    const { config } = this
    const accelerated = Math.min(ACCELERATED_WINDOW, config.maxMessagesPerVisit)
    if (config.acceleratedWindowFrames !== accelerated) {
      this.lost('accelerated-window', 'corosync sends nothing after the token')
    }
    if (config.holdMs !== HOLD_MS) this.lost('hold', 'corosync derives how long an idle token is kept')
    this.lost('statedir', 'corosync has a directory of its own (system.state_dir)')
    this.lost('socket', 'corosync has sockets of its own')
    const own = this.ownMember()
    if (own === undefined) {
      const why = 'nodes are named in the nodelist: --member NAME=ADDRESS for each of them'
      this.lost('nodename', why)
      this.lost('nodeid', config.nodeName === null ? `${why}, and a nodename` : why)
    } else if (config.nodeId !== null && own.nodeId !== config.nodeId) {
      this.context.error(entryOf('nodeid', this.parsed)!, {
        code: 'value-conflict',
        message: `--member gives ${quoted(own.name)} another nodeid than ${config.nodeId}`,
        expected: `--member ${own.name}=${own.address},${config.nodeId}`,
      })
    }
  }

  /** This very node, if it is among those that the user gives. */
  private ownMember(): WriteOptions['members'][number] | undefined {
    return this.options.members.find(({ name }) => name === this.config.nodeName)
  }

  private totem(): Line[] {
    const { config } = this
    const join = this.time('join', 'join', config.joinIntervalMs)
    return [
      { key: 'version', value: 2 },
      { key: 'cluster_name', value: this.clusterName() },
      { key: 'transport', value: 'udp', note: 'Multicast; corosync 3 recommends knet, which has none.' },
      { key: 'crypto_cipher', value: 'none', note: 'Nothing is encrypted; newer builds may refuse that.' },
      { key: 'crypto_hash', value: 'none' },
      { key: 'token', value: config.tokenTimeoutMs },
      {
        key: 'token_coefficient',
        value: 0,
        note: 'The token timeout is the same for every number of nodes.',
      },
      this.time('token_retransmit', 'retransmit', config.retransmitMaxMs),
      this.consensus(Number(join.value)),
      join,
      this.time('merge', 'merge', config.mergeIntervalMs),
      { key: 'window_size', value: config.windowFrames },
      { key: 'max_messages', value: config.maxMessagesPerVisit },
      { key: 'netmtu', value: config.netmtu },
    ]
  }

  private consensus(joinMs: number): Line {
    const { consensusTimeoutMs, tokenTimeoutMs } = this.config
    const line = this.time('consensus', 'consensus', consensusTimeoutMs, Math.max(MINIMUM_MS, joinMs + 1))
    if (line.note !== undefined || consensusTimeoutMs >= 1.2 * tokenTimeoutMs) return line
    return {
      ...line,
      note: `corosync recommends 1.2 times token, ${Math.ceil(1.2 * tokenTimeoutMs)}, or more.`,
    }
  }

  private clusterName(): string {
    const { clusterName } = this.config
    if (clusterName.includes('{')) {
      const entry = entryOf('clustername', this.parsed)!
      this.context.error(entry, {
        code: 'not-convertible',
        message: `corosync takes a line with a { for a section: clustername ${quoted(clusterName)}`,
        expected: 'a clustername without {',
      })
    }
    return clusterName
  }

  private link(): Line[] {
    const bind = this.bindAddress()
    return [
      { key: 'linknumber', value: 0 },
      ...(bind === null ? [] : [{ key: 'bindnetaddr', value: bind }]),
      { key: 'mcastaddr', value: this.config.mcastAddress },
      { key: 'mcastport', value: this.config.mcastPort },
      { key: 'ttl', value: this.config.ttl },
    ]
  }

  /** null: the address of the node in the nodelist. */
  private bindAddress(): string | null {
    const { bindTarget: target } = this.config
    const entry = entryOf('bindnetaddr', this.parsed)!
    if (target.kind === 'address') return ipv4ToText(target.address)
    if (target.kind === 'cidr') {
      reportCurtailed(entry, TARGET, 'the prefix length is that of the interface', this.context)
      return ipv4ToText((target.address & prefixMask(target.prefixLength)) >>> 0)
    }
    const why = 'corosync names no interfaces'
    if (this.options.members.length > 0) reportCurtailed(entry, TARGET, why, this.context)
    else {
      const message = `bindnetaddr ${quoted(target.text)} is an interface, and ${why}`
      const expected = 'the address of the network, or --member NAME=ADDRESS for each node'
      this.context.error(entry, { code: 'not-convertible', message, expected })
    }
    return null
  }

  private nodelist(): string[] {
    const { members } = this.options
    if (members.length === 0) {
      const entry = entryOf('bindnetaddr', this.parsed)!
      const message =
        'corosync 3 needs a nodelist, and a network.conf names no nodes: --member NAME=ADDRESS for each'
      reportAssumed('bindnetaddr', valuePosition(entry), message, this.context)
      return ['# corosync 3 wants a nodelist { node { … } } of all nodes here; corosync 2 does without.']
    }
    const nodes = members.flatMap(({ name, address, nodeId }) =>
      section('node', [
        { key: 'name', value: name },
        { key: 'nodeid', value: nodeId ?? ipv4ToNumber(address)! },
        { key: 'ring0_addr', value: address },
      ]),
    )
    return ['nodelist {', ...indented(nodes), '}']
  }

  private quorum(): Line[] {
    const { expectedVotes, twoNode, waitForAll } = this.config
    const { members } = this.options
    if (members.length > 0 && members.length !== expectedVotes) {
      this.context.error(entryOf('expected-votes', this.parsed)!, {
        code: 'value-conflict',
        message: `expected-votes is ${expectedVotes}, and --member gives ${members.length} nodes`,
      })
    }
    return [
      { key: 'provider', value: 'corosync_votequorum' },
      { key: 'expected_votes', value: expectedVotes! },
      { key: 'two_node', value: twoNode ? 1 : 0 },
      { key: 'wait_for_all', value: waitForAll ? 1 : 0 },
    ]
  }
}

function indented(lines: readonly (string | Line)[]): string[] {
  const texts = lines.flatMap((line) => {
    if (typeof line === 'string') return [line]
    const note = line.note === undefined ? [] : [`# ${line.note}`]
    return [...note, `${line.key}: ${line.value}`]
  })
  return texts.map((text) => `  ${text}`)
}

function section(name: string, lines: readonly (string | Line)[]): string[] {
  return [`${name} {`, ...indented(lines), '}']
}

/** A network.conf as the corosync.conf of corosync 3. */
export function writeCorosync(
  { parsed, config }: Extract<Convertible, { kind: 'network' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  return new CorosyncWriter(parsed, config, options, context).text()
}
