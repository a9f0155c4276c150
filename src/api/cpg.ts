import { AisError, limits } from '../base/index.js'
import { restored } from './amf-restoring.js'
import { CpgGroup, type CpgConnection, type GroupOwner } from './cpg-group.js'
import type { CpgCallbacks } from './cpg-types.js'
import { connect, Lifetime, type ServiceOptions } from './service-object.js'
import type { Version } from './version.js'

/** How to reach the executive, and what is expected of it. */
export type CpgOptions = ServiceOptions

/**
 * Closed process groups: messages to the members of a named group, on all nodes, in one total order, and
 * who is in it. What the services of the executive stand on, for applications (not of the standard: the
 * interface that users of openais and corosync know as libcpg).
 *
 * It keeps the process alive until `finalize`. When the executive goes away every group's `lost` is told;
 * when it is back each is joined again, and `restored` is told. No message is ever repeated.
 */
export class Cpg {
  readonly #connection: CpgConnection
  readonly #life = new Lifetime('Cpg')
  readonly #groups = new Map<string, CpgGroup>()
  readonly #owner: GroupOwner
  /** Counts the executives that are gone. */
  #losses = 0

  /**
   * Applications call `Cpg.initialize`.
   * @param version that serves this application
   */
  constructor(
    connection: CpgConnection,
    readonly version: Version,
  ) {
    this.#connection = connection
    this.#owner = {
      connection,
      onLeft: (group) => {
        if (this.#groups.get(group.name) === group) this.#groups.delete(group.name)
      },
    }
    connection.owner = {
      onLost: (error) => this.#onLost(error),
      onRestored: () => void this.#onRestored(),
    }
  }

  /**
   * Connect to the executive of this node (cpg_initialize).
   * @throws AisError ERR_VERSION: the version is not served, the message says which are, or the executive
   * is of another release; ERR_TRY_AGAIN: no executive listens there; ERR_ACCESS: this user may not
   * connect; ERR_TIMEOUT: the executive does not answer
   */
  static async initialize(options: CpgOptions = {}): Promise<Cpg> {
    const { connection, version } = await connect('CPG', options)
    return new Cpg(connection, version)
  }

  /** Id of the node this application runs on (cpg_local_get). */
  get localNodeId(): number {
    return this.#connection.hello.nodeId
  }

  /** Process id of the executive that answers, as it says: for who measures what it takes. */
  get executivePid(): number {
    return this.#connection.hello.pid
  }

  /**
   * Join a group (cpg_join); it exists as long as it has members.
   * @param name 1 to 128 octets of UTF-8, no control characters
   * @param callbacks told from within this call on: the first `membership` comes before it resolves
   * @throws AisError ERR_EXIST: this Cpg is in it; ERR_INVALID_PARAM: no name; ERR_TOO_BIG: the name is too
   * long; ERR_NO_RESOURCES: too many memberships are open; ERR_TRY_AGAIN: the executive is gone; ERR_TIMEOUT:
   * it went away before it answered; ERR_BAD_HANDLE: after `finalize`
   */
  async join(name: string, callbacks: CpgCallbacks): Promise<CpgGroup> {
    this.#life.check('join')
    checkGroupName(name)
    if (this.#groups.has(name)) {
      throw new AisError('ERR_EXIST', `join: this Cpg is in group "${name}" already`)
    }
    const group = new CpgGroup(this.#owner, name, callbacks)
    this.#groups.set(name, group)
    try {
      await this.#life.unlessOver('join', group.enter())
    } catch (error) {
      this.#groups.delete(name)
      group.close()
      throw error
    }
    return group
  }

  /**
   * Leave all groups and close the connection (cpg_finalize): the others are told 'process-down'.
   * @throws AisError ERR_BAD_HANDLE: it was called before
   */
  async finalize(): Promise<void> {
    this.#life.check('finalize')
    this.#life.end()
    for (const group of this.#groups.values()) group.close()
    this.#groups.clear()
    this.#connection.close()
  }

  #onLost(error: AisError): void {
    this.#losses++
    for (const group of this.#groups.values()) group.onLost(error)
  }

  async #onRestored(): Promise<void> {
    const losses = this.#losses
    const isOver = (): boolean => this.#life.isOver || this.#losses !== losses
    await Promise.all(
      [...this.#groups.values()].map(async (group) => {
        const failure = await restored({ restore: () => group.enter() }, isOver)
        if (isOver()) return
        if (failure === null) return group.onRestored()
        // An executive that will never have it in the group: it is told, and is out.
        this.#groups.delete(group.name)
        group.onLost(failure)
        group.close()
      }),
    )
  }
}

/** @throws AisError ERR_INVALID_PARAM, ERR_TOO_BIG */
function checkGroupName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') {
    throw new AisError('ERR_INVALID_PARAM', `join: the name of a group is text, not ${JSON.stringify(name)}`)
  }
  const octets = Buffer.byteLength(name)
  if (octets <= limits.cpgNameOctets) return
  const most = `at most ${limits.cpgNameOctets} are possible`
  throw new AisError('ERR_TOO_BIG', `join: the name of a group has ${octets} octets; ${most}`)
}
