import type { NodesLine } from '../../src/programs/index.js'
import { runAis } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { Cluster, type Host, type NetworkKeys } from '../helpers/cluster/cluster.mjs'

/** What `ais clm test` said of a node. */
export interface PrintedState {
  readonly state: string
  readonly name: string
  readonly text: string
}

/** A cluster, the programs that look at it, and what has to be true of what they print. */
export class ClmScenario {
  #cluster: Cluster | undefined
  readonly #programs: ClientProgram[] = []

  constructor(private readonly hosts: () => readonly Host[]) {}

  get cluster(): Cluster {
    return this.#cluster!
  }

  /** @param indices nodes to start; node i has the id i + 1 */
  async begin(indices: readonly number[], network: NetworkKeys = {}): Promise<Cluster> {
    this.#cluster = await Cluster.create({ hosts: this.hosts(), network })
    await Promise.all(indices.map((index) => this.start(index)))
    return this.#cluster
  }

  async start(index: number): Promise<void> {
    await this.cluster.start(index, { nodeid: index + 1 })
  }

  /** A command of ais that asks this node and goes on until it is ended. */
  program(args: readonly string[], index = 0): ClientProgram {
    const program = new ClientProgram([...args, '--socket', this.cluster.socketPath(index)])
    this.#programs.push(program)
    return program
  }

  /** What `ais clm nodes --json` prints on this node; undefined when it has no view yet. */
  async nodes(index: number): Promise<NodesLine | undefined> {
    const socket = this.cluster.socketPath(index)
    const { code, stdout } = await runAis(['clm', 'nodes', '--json', '--socket', socket])
    return code === 0 ? (JSON.parse(stdout) as NodesLine) : undefined
  }

  /** Each of these says the same of the cluster: that it is exactly of these. */
  async agree(indices: readonly number[], timeoutMs = 20_000): Promise<NodesLine> {
    const nodeIds = indices.map((index) => index + 1)
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const lines = await Promise.all(indices.map((index) => this.nodes(index)))
      const first = lines[0]
      // The answers are not given at the same moment; while views follow each other they may differ.
      const isSameView = lines.every((line) => line !== undefined && line.viewNumber === first!.viewNumber)
      if (isSameView && first!.members.map(({ nodeId }) => nodeId).join() === nodeIds.join()) {
        for (const [position, line] of lines.entries()) {
          expect(line).toEqual({ ...first, localNodeId: nodeIds[position] })
        }
        expect(first!.ringId.sequence).toBe(first!.viewNumber)
        for (const { initialViewNumber, member } of first!.members) {
          expect([initialViewNumber <= first!.viewNumber, member]).toEqual([true, true])
        }
        return first!
      }
      if (performance.now() > deadline) {
        const said = JSON.stringify(lines, null, 1)
        throw new Error(`nodes ${nodeIds.join()} do not agree: ${said}\n${this.cluster.describe(indices)}`)
      }
    }
  }

  async end(): Promise<void> {
    for (const program of this.#programs.splice(0))
      if (program.exit === undefined) await program.end('SIGKILL')
    await this.#cluster?.close()
    this.#cluster = undefined
  }
}

/** All that a run of `ais clm test` has printed, node by node. */
export function printedStates(program: ClientProgram): PrintedState[] {
  return program.output
    .split(/^(?=NODE STATE )/m)
    .filter((text) => /^\tboot time is .*$/m.test(text) && /STATE (?!LEFT)|reason is \w/.test(text))
    .map((text) => ({
      state: /^NODE STATE (.*)\.$/m.exec(text)![1]!,
      name: /^\tnode name is (.*)$/m.exec(text)![1]!,
      text,
    }))
}

/** Reads on in what `ais clm test` prints. */
export class StateReader {
  #read = 0

  constructor(private readonly program: ClientProgram) {}

  /** The next node printed must be this one in this state; @returns what was printed of it */
  async next(state: string, name: string): Promise<string> {
    const what = `${state} of ${name}`
    const next = await this.program.until(() => printedStates(this.program)[this.#read], what, 30_000)
    expect(`${next.state} ${next.name}\n${this.program.describe()}`).toContain(`${state} ${name}\n`)
    this.#read++
    return next.text
  }

  /** Nothing was printed that was not read. */
  expectNoMore(): void {
    const rest = printedStates(this.program).slice(this.#read)
    expect(rest.map(({ state, name }) => `${state} ${name}`)).toEqual([])
  }
}

/** What `ais clm test` on one node shows of the others, and that all agree, on whatever network. */
export function clmScenarios(hosts: () => readonly Host[]): void {
  const scenario = new ClmScenario(hosts)

  afterEach(() => scenario.end())

  test('ais clm test shows others join, leave and get killed; all members agree at every step', async () => {
    const { cluster } = await scenario.begin([0]).then(() => scenario)
    await scenario.agree([0])
    const program = scenario.program(['clm', 'test'])
    const states = new StateReader(program)
    const own = await states.next('NO CHANGE', 'node-1')
    expect(own.split('\n').slice(1)).toEqual([
      'Node Information',
      '\tnode id is 1',
      `\tnode address is ${hosts()[0]!.address}`,
      '\tnode name is node-1',
      '\tcluster name is test',
      '\tmember is 1',
      expect.stringMatching(/^\tboot time is \d{19} nanoseconds$/) as string,
      ...(own.endsWith('\n') ? [''] : []),
    ])

    await scenario.start(1)
    expect(await states.next('JOINED', 'node-2')).toContain('\tmember is 1\n')
    const pair = await scenario.agree([0, 1])
    await scenario.start(2)
    await states.next('JOINED', 'node-3')
    const three = await scenario.agree([0, 1, 2])
    expect(three.viewNumber).toBeGreaterThan(pair.viewNumber)
    expect(three.members[2]!.initialViewNumber).toBe(three.viewNumber)
    expect(three.members.slice(0, 2)).toEqual(pair.members)

    expect(await cluster.node(2).stop()).toMatchObject({ code: 0 })
    const left = await states.next('LEFT', 'node-3')
    expect(left).toContain('\tmember is 0\n')
    expect(left).toContain('\treason is left')
    await scenario.agree([0, 1])
    await scenario.start(2)
    await states.next('JOINED', 'node-3')
    await scenario.agree([0, 1, 2])

    await cluster.node(1).kill()
    expect(await states.next('LEFT', 'node-2')).toContain('\treason is failed')
    await scenario.agree([0, 2])
    cluster.spawn(1)
    await states.next('JOINED', 'node-2')
    const again = await scenario.agree([0, 1, 2])
    expect(again.members[1]!.initialViewNumber).toBeGreaterThan(three.viewNumber)
    expect(again.members[0]).toEqual(three.members[0])

    states.expectNoMore()
    expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(program.errorLines).toEqual([])
  })

  test('ais clm test shows a paused node leave, and merge again when it goes on', async () => {
    const { cluster } = await scenario.begin([0, 1, 2], { token: 300 }).then(() => scenario)
    await scenario.agree([0, 1, 2])
    const states = new StateReader(scenario.program(['clm', 'test']))
    for (const name of ['node-1', 'node-2', 'node-3']) await states.next('NO CHANGE', name)
    cluster.node(2).signal('SIGSTOP')
    expect(await states.next('LEFT', 'node-3')).toContain('\treason is failed')
    const pair = await scenario.agree([0, 1])
    cluster.node(2).signal('SIGCONT')
    await states.next('JOINED', 'node-3')
    const merged = await scenario.agree([0, 1, 2])
    expect(merged.members[2]!.initialViewNumber).toBeGreaterThan(pair.viewNumber)
    expect(merged.members.slice(0, 2)).toEqual(pair.members)
  })

  test('when its own executive goes, ais clm test says so, and goes on when it is back', async () => {
    const { cluster } = await scenario.begin([0, 1]).then(() => scenario)
    await scenario.agree([0, 1])
    const program = scenario.program(['clm', 'test'])
    const states = new StateReader(program)
    await states.next('NO CHANGE', 'node-1')
    await states.next('NO CHANGE', 'node-2')
    await cluster.node(0).kill()
    await program.errorLine(/^ais: the executive is gone, waiting for it to come back/)
    await cluster.formed([1])
    cluster.spawn(0)
    await program.errorLine(/^ais: the executive is back$/)
    expect(await states.next('LEFT', 'node-1')).toContain('\tmember is 0\n')
    await states.next('JOINED', 'node-1')
    await scenario.agree([0, 1])
    await cluster.node(1).kill()
    await states.next('LEFT', 'node-2')
    expect(await program.end('SIGINT')).toEqual({ code: 0, signal: null })
  })
}
