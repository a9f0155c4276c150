import { EventEmitter } from 'node:events'
import { AisError, areTrackFlags, asksForChanges, LOCAL_NODE_ID, type ClusterNode } from '../base/index.js'
import { readNode } from './clm-documents.js'
import { ClusterTracker } from './cluster-tracker.js'
import type { ClusterNotificationBuffer } from './seen-cluster.js'
import {
  checkedTimeoutMs,
  checkInvocation,
  checkListener,
  connect,
  Lifetime,
  tellSafely,
  type ServiceConnection,
  type ServiceOptions,
} from './service-object.js'
import type { Version } from './version.js'

/** How to reach the executive, and what is expected of it. */
export type ClmOptions = ServiceOptions

/** The answer to a clusterNodeGetAsync (SaClmClusterNodeGetCallbackT). */
export interface NodeGetResult {
  /** As the application gave it. */
  readonly invocation: number | bigint
  /** null: there is an error. */
  readonly clusterNode: ClusterNode | null
  /** What clusterNodeGet would have failed with; null: there is a node. */
  readonly error: AisError | null
}

/** What an application is told, and with what: `clm.on('track', (buffer) => …)`. */
export interface ClmEvents {
  /** The cluster changed (SaClmClusterTrackCallbackT). */
  track: [buffer: ClusterNotificationBuffer]
  /** An answer to clusterNodeGetAsync (SaClmClusterNodeGetCallbackT). */
  nodeGet: [result: NodeGetResult]
  /**
   * The executive is gone: calls fail with ERR_TRY_AGAIN until it is back, and nothing is tracked
   * meanwhile.
   */
  lost: [error: AisError]
  /** The executive is back, and what was tracked is tracked again; a 'track' with what changed follows. */
  restored: []
}

/**
 * The Cluster Membership Service: which nodes are in the cluster, and when that changes.
 *
 * An application that tracks changes keeps its process alive until `finalize`. When the executive goes
 * away the application is told by 'lost', and by 'restored' when it is back; what changed meanwhile then
 * comes as an ordinary 'track', against the last view that the application has seen.
 */
export class Clm extends EventEmitter<ClmEvents> {
  readonly #connection: ServiceConnection
  readonly #tracker: ClusterTracker
  readonly #life = new Lifetime('Clm')

  /**
   * Applications call `Clm.initialize`.
   * @param version that serves this application: the highest minor one of its release and major version
   */
  constructor(
    connection: ServiceConnection,
    readonly version: Version,
  ) {
    super()
    this.#connection = connection
    this.#tracker = new ClusterTracker(connection, {
      onTrack: (buffer) => this.#tell('track', buffer),
      onLost: (error) => this.#tell('lost', error),
      onRestored: () => this.#tell('restored'),
    })
  }

  /**
   * Connect to the executive of this node (saClmInitialize).
   * @throws AisError ERR_VERSION: the version is not served, the message says which are, or the executive
   * is of another release; ERR_TRY_AGAIN: no executive listens there; ERR_ACCESS: this user may not
   * connect; ERR_TIMEOUT: the executive does not answer
   */
  static async initialize(options: ClmOptions = {}): Promise<Clm> {
    const { connection, version } = await connect('CLM', options)
    return new Clm(connection, version)
  }

  /**
   * Get the members of the cluster, or be told of changes, or both (saClmClusterTrack).
   *
   * Changes come as 'track' events until `clusterTrackStop`; with both, the first one is that to the view
   * returned. Tracking again replaces TRACK_CHANGES by TRACK_CHANGES_ONLY or the other way round.
   * @param flags TrackFlags, added up
   * @returns with TRACK_CURRENT the present view, else undefined
   * @throws AisError ERR_BAD_FLAGS: none, unknown ones, or TRACK_CHANGES with TRACK_CHANGES_ONLY; ERR_INIT:
   * changes are asked for and nobody listens for 'track'; ERR_TRY_AGAIN: the executive has just started or
   * is gone; ERR_TIMEOUT: it went away before it answered, or did not for 10 s; ERR_BAD_HANDLE: after
   * `finalize`
   */
  async clusterTrack(flags: number): Promise<ClusterNotificationBuffer | undefined> {
    this.#life.check('clusterTrack')
    if (!areTrackFlags(flags)) {
      const expected =
        'TRACK_CURRENT, TRACK_CHANGES or TRACK_CHANGES_ONLY, or the first with one of the others'
      throw new AisError('ERR_BAD_FLAGS', `flags of clusterTrack are ${expected}; these are ${String(flags)}`)
    }
    if (asksForChanges(flags)) checkListener('clusterTrack', this, 'track', 'changes')
    return this.#life.unlessOver('clusterTrack', this.#tracker.track(flags))
  }

  /**
   * Be told of changes no more (saClmClusterTrackStop).
   * @throws AisError ERR_NOT_EXIST: nothing is tracked; ERR_TRY_AGAIN, ERR_TIMEOUT: nothing is tracked,
   * and the executive is gone; ERR_BAD_HANDLE: after `finalize`
   */
  async clusterTrackStop(): Promise<void> {
    this.#life.check('clusterTrackStop')
    return this.#life.unlessOver('clusterTrackStop', this.#tracker.stop())
  }

  /**
   * Get one member of the cluster (saClmClusterNodeGet).
   * @param nodeId LOCAL_NODE_ID for the node this runs on
   * @param timeoutMs for the executive to answer; 0 stands for the default of 10 s
   * @throws AisError ERR_NOT_EXIST: no member has this id; ERR_INVALID_PARAM: the id is none (0 was the local
   * node in A.01.01, it is no longer) or the timeout is no time; ERR_TIMEOUT: no answer in time;
   * ERR_TRY_AGAIN: the executive has just started or is gone; ERR_BAD_HANDLE: after `finalize`
   */
  async clusterNodeGet(nodeId: number, timeoutMs = 0): Promise<ClusterNode> {
    this.#life.check('clusterNodeGet')
    checkNodeId('clusterNodeGet', nodeId)
    const limitMs = checkedTimeoutMs('clusterNodeGet', timeoutMs)
    const answer = this.#connection.call('clm.clusterNodeGet', { nodeId }, limitMs)
    return readNode(await this.#life.unlessOver('clusterNodeGet', answer)).clusterNode
  }

  /**
   * Get one member of the cluster with a 'nodeGet' event (saClmClusterNodeGetAsync). That no member has
   * this id is said by the event too.
   * @param invocation tells the answer; 1 to 2^64 - 1
   * @param nodeId LOCAL_NODE_ID for the node this runs on
   * @throws AisError ERR_INIT: nobody listens for 'nodeGet'; ERR_INVALID_PARAM: invocation or node id are
   * none; ERR_TRY_AGAIN: the executive is gone; ERR_BAD_HANDLE: after `finalize`
   */
  async clusterNodeGetAsync(invocation: number | bigint, nodeId: number): Promise<void> {
    this.#life.check('clusterNodeGetAsync')
    checkListener('clusterNodeGetAsync', this, 'nodeGet', 'answer')
    checkInvocation('clusterNodeGetAsync', invocation, 1)
    checkNodeId('clusterNodeGetAsync', nodeId)
    const answer = this.#connection.call('clm.clusterNodeGet', { nodeId })
    // What cannot even be asked is said by this call: it fails at once.
    if (!this.#connection.isOpen) await answer
    void this.#tellNode(invocation, answer)
  }

  /**
   * Close the connection: tracking ends, calls that wait fail, no event comes any more (saClmFinalize).
   * @throws AisError ERR_BAD_HANDLE: it was called before
   */
  async finalize(): Promise<void> {
    this.#life.check('finalize')
    this.#life.end()
    this.#tracker.close()
    this.#connection.close()
  }

  async #tellNode(invocation: number | bigint, answer: Promise<unknown>): Promise<void> {
    let result: NodeGetResult
    try {
      result = { invocation, clusterNode: readNode(await answer).clusterNode, error: null }
    } catch (error) {
      if (!(error instanceof AisError)) throw error
      result = { invocation, clusterNode: null, error }
    }
    // Never before the application knows that its call was good.
    setImmediate(() => this.#tell('nodeGet', result))
  }

  #tell<E extends keyof ClmEvents>(event: E, ...told: ClmEvents[E]): void {
    if (!this.#life.isOver) tellSafely(this as EventEmitter, event, told)
  }
}

function checkNodeId(call: string, nodeId: unknown): void {
  if (typeof nodeId === 'number' && Number.isInteger(nodeId) && nodeId >= 1 && nodeId <= LOCAL_NODE_ID) return
  const hint = nodeId === 0 ? `; the local node is LOCAL_NODE_ID, ${LOCAL_NODE_ID}` : ''
  throw new AisError('ERR_INVALID_PARAM', `${call}: nodeId ${String(nodeId)} is no node id${hint}`)
}
