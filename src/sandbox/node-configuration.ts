import { dirname, join } from 'node:path'
import { formatDiagnostic, loadNetworkOctets } from '../config/index.js'
import { SandboxConfigurationError, SandboxError } from './sandbox-error.js'
import type { SandboxNode } from './sandbox-file.js'

/** Multicast group of all sandboxes: their ports tell them apart. */
export const MCAST_GROUP = '239.192.77.64'

/** Keys of network.conf that make a node of the sandbox what it is. */
const OWN_KEYS = ['bindnetaddr', 'mcastaddr', 'mcastport', 'nodeid', 'nodename', 'statedir', 'socket']

/** What findings are about, as the user knows it. */
const SOURCE = '--conf'

/** More nodes than this get less of the processors than the default times ask for. */
const CROWD_NODES = 16
const crowdLines: readonly AddedLine[] = [
  { key: 'token', value: '3000' },
  { key: 'consensus', value: '1000' },
  { key: 'join', value: '200' },
]

/** A line that the user adds to the network.conf of every node. */
export interface AddedLine {
  readonly key: string
  readonly value: string
}

/** What is the same for all nodes of one sandbox. */
export interface CommonConfiguration {
  readonly added: readonly AddedLine[]
  readonly clusterName: string
  readonly mcastPort: number
  /** Nodes in all. */
  readonly count: number
}

/** @throws SandboxError for what is not KEY=VALUE, or a key that the sandbox sets itself */
export function parseAdded(text: string): AddedLine {
  const match = /^\s*([A-Za-z][\w-]*)\s*[=:]\s*([^\r\n]*)$/.exec(text)
  if (match === null) throw new SandboxError(`--conf ${JSON.stringify(text)} is not KEY=VALUE`, [], 'usage')
  const [, key, value] = match
  if (OWN_KEYS.includes(key)) {
    throw new SandboxError(`--conf cannot set ${key}: the sandbox sets it for each node`, [], 'usage')
  }
  return { key, value: value.trim() }
}

/** The network.conf of one node. What the user added comes first, so that its lines are numbered as given. */
export function nodeConfiguration(
  node: Pick<SandboxNode, 'name' | 'nodeId' | 'address' | 'socket'>,
  common: CommonConfiguration,
): string {
  const { added, clusterName, mcastPort, count } = common
  const has = (key: string): boolean => added.some((line) => line.key === key)
  const crowd = count > CROWD_NODES ? crowdLines.filter(({ key }) => !has(key)) : []
  const lines: [string, string | number][] = [
    ...[...added, ...crowd].map(({ key, value }): [string, string] => [key, value]),
    ['bindnetaddr', node.address],
    ['mcastaddr', MCAST_GROUP],
    ['mcastport', mcastPort],
    ['nodeid', node.nodeId],
    ['nodename', node.name],
    ['statedir', join(dirname(node.socket), 'state')],
    ['socket', node.socket],
  ]
  if (!has('clustername')) lines.push(['clustername', clusterName])
  const isMajority = added.some(({ key, value }) => key === 'quorum' && value === 'majority')
  if (isMajority && !has('expected-votes')) lines.push(['expected-votes', count])
  return lines.map(([key, value]) => `${key}: ${value}\n`).join('')
}

/**
 * The daemon's own check of what it is going to read.
 * @returns warnings, for people
 * @throws SandboxConfigurationError with every finding
 */
export function checkConfiguration(text: string): string[] {
  const { ok, diagnostics } = loadNetworkOctets(SOURCE, Buffer.from(text))
  if (!ok) throw new SandboxConfigurationError(SOURCE, diagnostics)
  return diagnostics.map((diagnostic) => formatDiagnostic(SOURCE, diagnostic))
}
