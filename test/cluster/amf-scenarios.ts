import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AmfStatus } from '../../src/api/index.js'
import { runAis } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { Cluster, type Host, type NetworkKeys } from '../helpers/cluster/cluster.mjs'

const SAMPLE = 'conf/groups.conf'
const PATIENCE_MS = 20_000
const HEALTHCHECK_MS = 2000

/** A line of `ais amf test --json`, as far as it is looked at here. */
interface Callback {
  readonly callback: string
  readonly component: string
  readonly csi: string | null
  readonly haState: string | null
  readonly readiness: string | null
  readonly epoch?: string
}

/** One of `ais amf test 1` … `6`: a component of conf/groups.conf. */
export class TestComponent {
  constructor(readonly program: ClientProgram) {}

  get callbacks(): readonly Callback[] {
    return this.program.documents as Callback[]
  }

  /** What it was told without the health checks, from index `from` on: `csi-set active`, `csi-remove` … */
  told(from = 0): string[] {
    return this.callbacks
      .slice(from)
      .filter(({ callback }) => callback !== 'healthcheck')
      .map(({ callback, haState, readiness }) => [callback, haState ?? readiness ?? ''].join(' ').trim())
  }

  /** Its HA state by what it was told last; null: it holds nothing. */
  get haState(): string | null {
    const last = this.callbacks.filter(({ callback }) => callback.startsWith('csi-')).at(-1)
    return last?.haState ?? null
  }

  /** Fencing token of its last activation. */
  get epoch(): bigint {
    const active = this.callbacks.filter(({ haState }) => haState === 'active').at(-1)
    return BigInt(active!.epoch!)
  }

  /** When it was told this last, by the clock of the test. */
  atMs(callback: string, haState: string | null): number {
    const fits = (line: Callback): boolean => line.callback === callback && line.haState === haState
    return this.program.lineTimesMs[this.callbacks.findLastIndex(fits)]!
  }

  async holds(haState: string | null): Promise<void> {
    await this.program.until(() => this.haState === haState, `HA state ${haState}`, PATIENCE_MS)
  }

  /** Wait until it is told this, from index `from` of its callbacks on. */
  async toldOf(what: string, from: number): Promise<void> {
    await this.program.until(() => this.told(from).includes(what), `callback ${what}`, PATIENCE_MS)
  }
}

/** conf/groups.conf, but for programs that have to share a busy machine with other tests. */
async function patientGroups(): Promise<string> {
  const text = await readFile(SAMPLE, 'utf8')
  return text.replaceAll(/^( *)component \{$/gm, `$&\n$1  healthcheck-max-duration=${HEALTHCHECK_MS}`)
}

/** A cluster with conf/groups.conf, and test programs on its nodes. */
export class AmfScenario {
  #cluster: Cluster | undefined
  readonly #programs: ClientProgram[] = []

  constructor(private readonly hosts: () => readonly Host[]) {}

  get cluster(): Cluster {
    return this.#cluster!
  }

  /** @param nodes so many of them */
  async begin(nodes: number, network: NetworkKeys = {}): Promise<void> {
    this.#cluster = await Cluster.create({ hosts: this.hosts(), network })
    const indices = Array.from({ length: nodes }, (_, index) => index)
    await Promise.all(indices.map((index) => this.start(index)))
    await this.cluster.formed(indices)
  }

  async start(index: number): Promise<void> {
    const directory = this.cluster.configDir(index)
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'groups.conf'), await patientGroups())
    await this.cluster.start(index, { nodeid: index + 1 })
  }

  /** Start `ais amf test` with these numbers on a node. */
  components(index: number, ...numbers: readonly number[]): TestComponent[] {
    const socket = ['--socket', this.cluster.socketPath(index)]
    return numbers.map((number) => {
      const program = new ClientProgram(['amf', 'test', String(number), '--json', ...socket])
      this.#programs.push(program)
      return new TestComponent(program)
    })
  }

  /** Units B and C, which have no program that goes its own way: B is active, C stands by. */
  async pair(indexOfB: number, indexOfC: number): Promise<[TestComponent[], TestComponent[]]> {
    const active = this.components(indexOfB, 3, 4)
    await all(active, 'active')
    const standby = this.components(indexOfC, 5, 6)
    await all(standby, 'standby')
    return [active, standby]
  }

  async status(index: number): Promise<AmfStatus> {
    const socket = ['--socket', this.cluster.socketPath(index)]
    const { code, stdout, stderr } = await runAis(['amf', 'status', '--json', ...socket])
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout) as AmfStatus
  }

  /** Each of these nodes says the same, of a state in which nothing is under way. */
  async agree(indices: readonly number[]): Promise<AmfStatus> {
    const deadlineMs = performance.now() + PATIENCE_MS
    for (;;) {
      const lines = await Promise.all(indices.map((index) => this.status(index)))
      const [first, ...others] = lines.map((line) => JSON.stringify(line))
      if (lines.every(({ settled }) => settled) && others.every((line) => line === first)) return lines[0]!
      if (performance.now() > deadlineMs) {
        throw new Error(`no agreement: ${[first, ...others].join('\n')}\n${this.cluster.describe(indices)}`)
      }
    }
  }

  async end(): Promise<void> {
    for (const program of this.#programs.splice(0)) {
      program.signal('SIGCONT')
      if (program.exit === undefined) await program.end('SIGKILL')
    }
    await this.#cluster?.close()
    this.#cluster = undefined
  }
}

/** These components hold this. */
export async function all(components: readonly TestComponent[], haState: string | null): Promise<void> {
  await Promise.all(components.map((component) => component.holds(haState)))
}

/** Unit and HA state of each unit that holds something. */
function haStates({ groups }: AmfStatus): string[] {
  return groups[0]!.units.flatMap(({ name, haStates: held }) =>
    held.map(({ haState }) => `${name} ${haState}`),
  )
}

/** What becomes of the units of conf/groups.conf when this and that happens, on whatever network. */
export function amfScenarios(hosts: () => readonly Host[]): void {
  const scenario = new AmfScenario(hosts)

  afterEach(() => scenario.end())

  test('as in the guide: one unit is active, the others stand by, and every node says so', async () => {
    await scenario.begin(3)
    const [one, two] = scenario.components(0, 1, 2) as [TestComponent, TestComponent]
    const others = [...scenario.components(1, 3, 4), ...scenario.components(2, 5, 6)]
    await two.program.errorLine(/CANCELING ERROR/)
    const status = await scenario.agree([0, 1, 2])
    const instance = status.groups[0]!.serviceInstances[0]!
    expect([instance.active.length, instance.standby.length]).toEqual([1, 2])
    expect(haStates(status)).toHaveLength(3)
    // What each program was told last is what the nodes say of it.
    for (const { name, csis } of status.groups[0]!.units.flatMap(({ components }) => components)) {
      const component = [one, two, ...others].find(({ callbacks }) => callbacks[0]!.component === name)!
      expect([name, component.haState]).toEqual([name, csis[0]!.haState])
    }
    const steps = two.program.errorLines.filter((line) => /[A-Z]{5}|ing component/.test(line))
    expect(steps.map((line) => line.replace(/^ais: /, ''))).toEqual([
      'Unregistering component',
      'Registering component',
      'REPORTING ERROR.',
      'CANCELING ERROR.',
    ])
    for (const { program } of [one, two, ...others]) {
      expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
    }
    const empty = await scenario.agree([0, 1, 2])
    expect([haStates(empty), empty.groups[0]!.serviceInstances[0]!.assignment]).toEqual([[], 'none'])
  })

  test('two nodes: a killed component fails its unit over, and so does a stopped one', async () => {
    await scenario.begin(2)
    const [[three, four], standby] = (await scenario.pair(0, 1)) as [TestComponent[], TestComponent[]]
    const before = three!.epoch
    await three!.program.end('SIGKILL')
    await all(standby, 'active')
    await four!.holds(null)
    expect(standby[0]!.epoch).toBeGreaterThan(before)

    const [again] = scenario.components(0, 3)
    await all([again!, four!], 'standby')
    const stopped = standby[0]!
    const from = stopped.callbacks.length
    stopped.program.signal('SIGSTOP')
    await all([again!, four!], 'active')
    expect(again!.epoch).toBeGreaterThan(stopped.epoch)
    stopped.program.signal('SIGCONT')
    await stopped.toldOf('csi-remove', from)
    expect(stopped.told(from).slice(0, 2)).toEqual(['csi-set quiesced', 'csi-remove'])
    await scenario.agree([0, 1])
  })

  test('a killed daemon takes its components along; when it is back they register again', async () => {
    await scenario.begin(3)
    const [active, standby] = await scenario.pair(1, 2)
    const from = active.map(({ callbacks }) => callbacks.length)
    await scenario.cluster.node(1)!.kill()
    await all(standby, 'active')
    await Promise.all(active.map((component, index) => component.toldOf('csi-remove', from[index]!)))
    for (const [index, component] of active.entries()) {
      expect(component.told(from[index]).slice(0, 2)).toEqual(['csi-set quiesced', 'csi-remove'])
    }
    expect(haStates(await scenario.agree([0, 2]))).toEqual(['raidC active'])
    scenario.cluster.spawn(1)
    await all(active, 'standby')
    expect(haStates(await scenario.agree([0, 1, 2]))).toEqual(['raidB standby', 'raidC active'])
  })

  test('leases of a stopped daemon end before others are active; one that leaves hands over', async () => {
    await scenario.begin(3)
    const [active, standby] = await scenario.pair(1, 2)
    scenario.cluster.node(1)!.signal('SIGSTOP')
    await all(standby, 'active')
    await all(active, null)
    const demotedMs = Math.max(...active.map((component) => component.atMs('csi-remove', null)))
    expect(demotedMs).toBeLessThan(
      Math.min(...standby.map((component) => component.atMs('csi-set', 'active'))),
    )
    scenario.cluster.node(1)!.signal('SIGCONT')
    await all(active, 'standby')
    expect(await scenario.cluster.node(2)!.stop()).toEqual({ code: 0, signal: null })
    await all(active, 'active')
    await all(standby, null)
    expect(haStates(await scenario.agree([0, 1]))).toEqual(['raidB active'])
  })
}
