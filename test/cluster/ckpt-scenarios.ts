import type { StressLine } from '../../src/programs/index.js'
import { runAis } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { Cluster, type Host } from '../helpers/cluster/cluster.mjs'

const TOKEN_MS = 300
interface Listed {
  readonly checkpoints: readonly { readonly name: string; readonly digest: string }[]
}

/** A cluster of three under `ais ckpt stress` on the first node. */
export class CkptScenario {
  #cluster: Cluster | undefined
  #stress: ClientProgram | undefined

  constructor(private readonly hosts: () => readonly Host[]) {}

  get cluster(): Cluster {
    return this.#cluster!
  }

  /**
   * Three nodes, a checkpoint of ours on all of them, and the stress under way.
   * @param seconds it goes on for so long: faults and their ends lie within
   */
  async begin(seconds: number): Promise<void> {
    this.#cluster = await Cluster.create({ hosts: this.hosts(), network: { token: TOKEN_MS } })
    await Promise.all([0, 1, 2].map((index) => this.start(index)))
    await this.cluster.formed([0, 1, 2])
    await this.ais(0, 'write', 'kept', 'section', '--create', '--data', 'from the first')
    expect(await this.ais(1, 'read', 'kept', 'section')).toBe('from the first')
    const duration = ['--duration', String(seconds)]
    const socket = ['--socket', this.cluster.socketPath(0)]
    this.#stress = new ClientProgram(['ckpt', 'stress', ...duration, ...socket, '--json'])
    await this.stress.errorLine(/[1-9]\d* writes/)
  }

  get stress(): ClientProgram {
    return this.#stress!
  }

  start(index: number): Promise<unknown> {
    return this.cluster.start(index, { nodeid: index + 1 })
  }

  async kill(index: number): Promise<void> {
    const daemon = this.cluster.node(index)!
    daemon.signal('SIGKILL')
    await daemon.exited
  }

  /** Run a command of CKPT on a node, which has to succeed. */
  async ais(index: number, ...args: readonly string[]): Promise<string> {
    const socket = ['--socket', this.cluster.socketPath(index)]
    const { code, stdout, stderr } = await runAis(['ckpt', ...args, ...socket])
    expect([args[0], code, code === 0 ? '' : stderr]).toEqual([args[0], 0, ''])
    return stdout
  }

  /** The stress ends well: no write failed, all members hold the same, which is what was written. */
  async verified(): Promise<void> {
    const { code } = await this.stress.exited
    const said = this.stress.describe()
    expect([code, code === 0 ? '' : said]).toEqual([0, ''])
    const line = this.stress.documents[0] as StressLine
    expect(line).toMatchObject({ verified: true, errors: {} })
    expect(line.writes).toBeGreaterThan(1000)
  }

  /** All nodes have what was there before, and it is the same. */
  async agree(): Promise<void> {
    const lists = await Promise.all(
      [0, 1, 2].map(async (index) => JSON.parse(await this.ais(index, 'list', '--json')) as Listed),
    )
    for (const { checkpoints } of lists) {
      expect(checkpoints.map(({ name }) => name)).toEqual(['kept'])
      expect(checkpoints[0]).toMatchObject({ digest: lists[0]!.checkpoints[0]!.digest })
    }
    for (const index of [0, 1, 2]) {
      expect(await this.ais(index, 'read', 'kept', 'section')).toBe('from the first')
    }
  }

  async end(): Promise<void> {
    if (this.#stress !== undefined && this.#stress.exit === undefined) await this.#stress.end('SIGKILL')
    this.#stress = undefined
    await this.#cluster?.close()
    this.#cluster = undefined
  }
}

/** What nodes go through while one of them writes as fast as it can. */
export function ckptScenarios(hosts: () => readonly Host[]): void {
  const scenario = new CkptScenario(hosts)

  afterEach(() => scenario.end())

  test('the other two are killed, one after the other, and started again: nothing is lost', async () => {
    await scenario.begin(8)
    for (const index of [2, 1]) {
      await scenario.kill(index)
      await scenario.cluster.formed([0, 1, 2].filter((other) => other !== index))
      await scenario.start(index)
      await scenario.cluster.formed([0, 1, 2])
    }
    await scenario.verified()
    await scenario.agree()
  })

  test('one is paused until the others go on without it, and resumed: it catches up', async () => {
    await scenario.begin(5)
    const daemon = scenario.cluster.node(2)!
    daemon.signal('SIGSTOP')
    await scenario.cluster.formed([0, 1])
    daemon.signal('SIGCONT')
    await scenario.cluster.formed([0, 1, 2])
    await scenario.verified()
    await scenario.agree()
  })
}
