import { AisError, type ClusterNode, type NodeConfiguration } from '../api/index.js'
import {
  compareGroups,
  compareNetworks,
  readGroupsText,
  type Difference,
  type GroupsConfig,
} from '../config/index.js'
import { changedFiles, type ChangedFile } from './config-files-now.js'

/** A node that has said what it runs with. */
export interface ComparedNode {
  readonly nodeId: number
  readonly nodeName: string
  readonly version: string
  readonly networkFile: string
  /** There may be none. */
  readonly groupsFile: string
}

/** A node that is not compared: it left the cluster, or it did not answer. */
export interface SilentNode {
  readonly nodeId: number
  readonly nodeName: string
  readonly reason: 'left' | 'unanswered'
  readonly message: string
}

/** What `ais config diff` has found. */
export interface ConfigurationComparison {
  readonly nodes: readonly ComparedNode[]
  readonly differences: readonly Difference[]
  readonly changedFiles: readonly ChangedFile[]
  readonly silent: readonly SilentNode[]
}

/** Ask a node: its configuration, with the text of its groups if wanted; or why it does not say it. */
export type AskNode = (nodeId: number, groups: boolean) => Promise<NodeConfiguration | AisError>

/** Nodes that are asked at the same time. */
const AT_A_TIME = 16

interface Told {
  readonly node: ClusterNode
  readonly configuration: NodeConfiguration
}

class Gathering {
  readonly told: Told[] = []
  readonly silent: SilentNode[] = []

  constructor(private readonly ask: AskNode) {}

  async askAll(nodes: readonly ClusterNode[]): Promise<void> {
    for (let at = 0; at < nodes.length; at += AT_A_TIME) {
      const some = nodes.slice(at, at + AT_A_TIME)
      const answers = await Promise.all(some.map((node) => this.tell(node, false)))
      for (const [index, configuration] of answers.entries()) {
        if (configuration !== null) this.told.push({ node: some[index]!, configuration })
      }
    }
  }

  /** Configurations of AMF by their meanings. What cannot be read is left out. */
  async groupsByMeaning(): Promise<Map<string, GroupsConfig>> {
    const found = new Map<string, GroupsConfig>()
    const meanings = new Set(this.told.map(({ configuration }) => configuration.groups.meaning))
    if (meanings.size < 2) return found
    for (const meaning of meanings) {
      const config = await this.groupsOf(meaning)
      if (config !== null) found.set(meaning, config)
    }
    return found
  }

  async textOf({ node }: Told): Promise<string | null> {
    return (await this.tell(node, true))?.groups.text ?? null
  }

  /** The first of those who have it and are still there tells it. */
  private async groupsOf(meaning: string): Promise<GroupsConfig | null> {
    for (const { node, configuration } of [...this.told]) {
      if (configuration.groups.meaning !== meaning) continue
      const answer = await this.tell(node, true)
      if (answer === null || answer.groups.meaning !== meaning || answer.groups.text === null) continue
      return readGroupsText(answer.groups.text)
    }
    return null
  }

  private async tell(node: ClusterNode, groups: boolean): Promise<NodeConfiguration | null> {
    const answer = await this.ask(node.nodeId, groups)
    if (!(answer instanceof AisError)) return answer
    const { nodeId, nodeName } = node
    const reason = answer.code === 'ERR_NOT_EXIST' ? 'left' : 'unanswered'
    if (!this.silent.some((other) => other.nodeId === nodeId)) {
      this.silent.push({ nodeId, nodeName, reason, message: answer.message })
    }
    // What it said before does not hold of a node that is gone.
    const at = this.told.findIndex((told) => told.node.nodeId === nodeId)
    if (at >= 0) this.told.splice(at, 1)
    return null
  }
}

/** Names as everybody knows them; ids too where two nodes have one name. */
function namesOf(nodes: readonly ClusterNode[]): ReadonlyMap<number, string> {
  const times = new Map<string, number>()
  for (const { nodeName } of nodes) times.set(nodeName, (times.get(nodeName) ?? 0) + 1)
  return new Map(
    nodes.map(({ nodeId, nodeName }) => {
      return [nodeId, times.get(nodeName) === 1 ? nodeName : `${nodeName} (${nodeId})`]
    }),
  )
}

function groupsDifferences(
  told: readonly Told[],
  meanings: ReadonlyMap<string, GroupsConfig>,
  nameOf: (told: Told) => string,
): Difference[] {
  const known = told.filter(({ configuration }) => meanings.has(configuration.groups.meaning))
  const differences = compareGroups(
    known.map((one) => ({ node: nameOf(one), config: meanings.get(one.configuration.groups.meaning)! })),
  )
  const asMeanings = new Map<string, string[]>()
  for (const one of told) {
    const { meaning } = one.configuration.groups
    asMeanings.set(meaning, [...(asMeanings.get(meaning) ?? []), nameOf(one)])
  }
  if (asMeanings.size < 2 || known.length === told.length) return differences
  // Of another version, whose configuration this one cannot take apart.
  const values = [...asMeanings].map(([value, nodes]) => ({ value, nodes }))
  return [...differences, { file: 'groups', path: [], key: 'meaning', unit: '', values }]
}

/**
 * Ask nodes which configurations they run with, and compare them by meaning.
 * @param ask gives an error that is about that node alone, and throws any other one
 * @param withOwn compare what names or places a node, too
 */
export async function diffConfigurations(
  nodes: readonly ClusterNode[],
  ask: AskNode,
  withOwn: boolean,
): Promise<ConfigurationComparison> {
  const gathering = new Gathering(ask)
  await gathering.askAll(nodes)
  const meanings = await gathering.groupsByMeaning()
  const names = namesOf(nodes)
  const nameOf = ({ node }: Told): string => names.get(node.nodeId)!
  const changed: ChangedFile[] = []
  for (const one of [...gathering.told]) {
    changed.push(...(await changedFiles(nameOf(one), one.configuration, () => gathering.textOf(one))))
  }
  const { told, silent } = gathering
  const networks = told.map((one) => ({ node: nameOf(one), keys: one.configuration.network.keys }))
  return {
    nodes: told.map(({ node, configuration }) => ({
      nodeId: node.nodeId,
      nodeName: node.nodeName,
      version: configuration.version,
      networkFile: configuration.network.path,
      groupsFile: configuration.groups.path,
    })),
    differences: [...compareNetworks(networks, withOwn), ...groupsDifferences(told, meanings, nameOf)],
    changedFiles: changed,
    silent,
  }
}
