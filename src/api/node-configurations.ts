import { AisError, LOCAL_NODE_ID } from '../base/index.js'
import { arrayOf, fieldsOf, numberOf, strange, textOf, textOrNull, type Fields } from './documents.js'
import {
  checkedTimeoutMs,
  connect,
  Lifetime,
  type ServiceConnection,
  type ServiceOptions,
} from './service-object.js'

/** One of the files an executive was started from. */
export interface ConfigurationFile {
  /** Absolute, on that node. */
  readonly path: string
  /** Of its octets when the executive was started, in hexadecimal; null: there was no file. */
  readonly startDigest: string | null
  /** Of its octets now; null: there is none, or the executive cannot read it. */
  readonly digest: string | null
}

/** A key of network.conf, or what follows from several, and what the executive makes of it; null: nothing. */
export interface EffectiveNetworkKey {
  readonly key: string
  readonly value: string | number | null
}

/** What the executive of one node runs with. */
export interface NodeConfiguration {
  readonly nodeId: number
  /** Of the executive: '0.1.0'. */
  readonly version: string
  readonly network: ConfigurationFile & { readonly keys: readonly EffectiveNetworkKey[] }
  /**
   * `meaning` is the same for nodes whose groups.conf mean the same. `text` is what it comes to, as one line
   * of JSON; null: it was not asked for.
   */
  readonly groups: ConfigurationFile & { readonly meaning: string; readonly text: string | null }
}

function readFile(value: Fields): ConfigurationFile {
  return {
    path: textOf(value, 'path'),
    startDigest: textOrNull(value, 'startDigest'),
    digest: textOrNull(value, 'digest'),
  }
}

function readKey(value: unknown): EffectiveNetworkKey {
  const fields = fieldsOf(value, 'key')
  const key = textOf(fields, 'key')
  const content = fields.value
  if (content === null || typeof content === 'string') return { key, value: content }
  if (typeof content === 'number' || typeof content === 'bigint') return { key, value: Number(content) }
  throw strange('value', content)
}

/** @throws AisError ERR_LIBRARY for anything that is no configuration of a node */
function readNodeConfiguration(value: unknown): NodeConfiguration {
  const fields = fieldsOf(value, 'configuration')
  const network = fieldsOf(fields.network, 'network')
  const groups = fieldsOf(fields.groups, 'groups')
  return {
    nodeId: numberOf(fields, 'nodeId'),
    version: textOf(fields, 'version'),
    network: { ...readFile(network), keys: arrayOf(network.keys, 'keys').map(readKey) },
    groups: {
      ...readFile(groups),
      meaning: textOf(groups, 'meaning'),
      text: textOrNull(fields, 'groupsText'),
    },
  }
}

/** Which configurations the nodes of a cluster run with: what `ais config diff` compares. */
export class NodeConfigurations {
  readonly #life = new Lifetime('NodeConfigurations')

  private constructor(private readonly connection: ServiceConnection) {}

  /**
   * Connect to the executive of this node.
   * @throws AisError as Clm.initialize does
   */
  static async initialize(options: ServiceOptions = {}): Promise<NodeConfigurations> {
    return new NodeConfigurations((await connect('NodeConfigurations', options)).connection)
  }

  /**
   * What the executive of a member was started with.
   * @param nodeId LOCAL_NODE_ID for the node this runs on
   * @param options groups: with the text of what its groups.conf comes to; timeoutMs: for the answer, 0
   * stands for the default of 10 s
   * @throws AisError ERR_NOT_EXIST: no member has this id, or it left before it answered; ERR_INVALID_PARAM:
   * the id is none, or the timeout is no time; ERR_TRY_AGAIN: the executive has just started or is gone, the
   * member was started again, or too many are asked at once; ERR_TIMEOUT: the member did not answer within
   * 5 s (its version may not know the question), or the executive not in time; ERR_NOT_SUPPORTED: one of
   * the two executives does not know this; ERR_BAD_HANDLE: after `finalize`
   */
  async get(
    nodeId: number,
    { groups = false, timeoutMs = 0 }: { readonly groups?: boolean; readonly timeoutMs?: number } = {},
  ): Promise<NodeConfiguration> {
    this.#life.check('get')
    if (!Number.isInteger(nodeId) || nodeId < 1 || nodeId > LOCAL_NODE_ID) {
      throw new AisError('ERR_INVALID_PARAM', `get: nodeId ${String(nodeId)} is no node id`)
    }
    const limitMs = checkedTimeoutMs('get', timeoutMs)
    const answer = this.connection.call('conf.configurationGet', { nodeId, groups }, limitMs)
    return readNodeConfiguration(await this.#life.unlessOver('get', answer))
  }

  /**
   * Close the connection; calls that wait fail.
   * @throws AisError ERR_BAD_HANDLE: it was called before
   */
  async finalize(): Promise<void> {
    this.#life.check('finalize')
    this.#life.end()
    this.connection.close()
  }
}
