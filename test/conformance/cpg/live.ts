import { Cpg, type AisError, type CpgAddress, type CpgChange, type CpgGroup } from '../../../src/api/index.js'
import { Cluster, loopbackHosts } from '../../helpers/cluster/cluster.mjs'

/** One member, and all that it was told, a text each: `nodes 1 2`, `1 2; 2 join`, `1: hello`, `lost`. */
export class Member {
  readonly told: string[] = []
  readonly octets: Uint8Array[] = []
  group!: CpgGroup
  #waiting: (() => void)[] = []

  constructor(readonly cpg: Cpg) {}

  async join(name: string): Promise<this> {
    this.group = await this.cpg.join(name, {
      deliver: (payload, { nodeId }, guarantee) => {
        this.octets.push(payload)
        const text = payload.length > 100 ? `${payload.length} octets` : Buffer.from(payload).toString()
        this.#tell(`${nodeId}: ${text}${guarantee === 'safe' ? ' (safe)' : ''}`)
      },
      membership: ({ members, joined, left }) => {
        this.#tell([members.map(nodeOf).join(' '), ...[...joined, ...left].map(changeText)].join('; '))
      },
      configuration: ({ members }) => this.#tell(`nodes ${members.join(' ')}`),
      lost: () => this.#tell('lost'),
      restored: () => this.#tell('restored'),
    })
    return this
  }

  send(text: string, guarantee: 'agreed' | 'safe' = 'agreed'): Promise<void> {
    return this.group.multicast(Buffer.from(text), guarantee)
  }

  /** Resolves when it has been told this. */
  async until(text: string): Promise<void> {
    while (!this.told.includes(text)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** What it was told of messages. */
  get messages(): string[] {
    return this.told.filter((text) => /^\d+: /.test(text))
  }

  #tell(text: string): void {
    this.told.push(text)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

function nodeOf({ nodeId }: CpgAddress): string {
  return `${nodeId}`
}

function changeText({ nodeId, reason }: CpgChange): string {
  return `${nodeId} ${reason}`
}

/** Live executives, and applications of theirs that end with each test. */
export class Live {
  readonly #opened: Cpg[] = []
  #names = 0

  private constructor(readonly cluster: Cluster) {}

  /** Nodes 1, 2 … @param network the first three octets of addresses */
  static async start(nodes: number, network: string): Promise<Live> {
    const cluster = await Cluster.create({ hosts: loopbackHosts(nodes, network) })
    const indices = Array.from({ length: nodes }, (_, index) => index)
    await Promise.all(indices.map((index) => cluster.start(index, { nodeid: index + 1 })))
    await cluster.formed(indices)
    return new Live(cluster)
  }

  /** An application on a node, 1 is the first. */
  async initialize(nodeId = 1): Promise<Cpg> {
    const cpg = await Cpg.initialize({ socket: this.cluster.socketPath(nodeId - 1) })
    this.#opened.push(cpg)
    return cpg
  }

  /** A member of a group, in an application of its own. */
  async member(name: string, nodeId = 1): Promise<Member> {
    return new Member(await this.initialize(nodeId)).join(name)
  }

  /** A name that no other test has. */
  name(): string {
    return `group ${++this.#names}`
  }

  /** After each test. */
  async finalizeAll(): Promise<void> {
    for (const cpg of this.#opened.splice(0)) await cpg.finalize().catch(() => undefined)
  }
}

/** The name of what a call fails with; fails itself if the call does not. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => (error as AisError).code,
  )
  expect(outcome).toMatch(/^ERR_/)
  return outcome
}
