import { Cluster, namesOf, type Host, type NetworkKeys } from '../helpers/cluster/cluster.mjs'
import { livesOf, violationsOf } from '../helpers/cluster/check-configurations.js'
import type { Daemon, PrintedConfiguration } from '../helpers/cluster/daemon.mjs'

/** What the tests of one network share: a cluster each, checked and cleaned up at its end. */
export class Scenario {
  #cluster: Cluster | undefined

  constructor(private readonly hosts: () => readonly Host[]) {}

  async begin(count: number, network: NetworkKeys = {}): Promise<Cluster> {
    this.#cluster = await Cluster.create({ hosts: this.hosts(), network })
    await this.#cluster.startAll(Array.from({ length: count }, (_, index) => index))
    return this.#cluster
  }

  /** Everything printed must agree; then nothing is left behind. */
  async end(): Promise<void> {
    const cluster = this.#cluster
    if (cluster === undefined) return
    this.#cluster = undefined
    try {
      const unexpected = cluster.lives.flatMap(({ daemon }) => daemon.otherLines)
      expect([...violationsOf(livesOf(cluster)), ...unexpected]).toEqual([])
    } finally {
      await cluster.close()
    }
  }
}

/** Names and reasons of those a daemon saw leave, from index `from` of its configurations on. */
export function departures(daemon: Daemon, from = 0): string[] {
  return daemon.configurations
    .slice(from)
    .flatMap(({ left }) => left.map(({ name, reason }) => `${name} ${reason}`))
}

export function arrivals(daemon: Daemon, from = 0): string[] {
  return daemon.configurations.slice(from).flatMap(({ joined }) => joined.map(({ name }) => name))
}

export function isOf(...names: string[]): (configuration: PrintedConfiguration) => boolean {
  const wanted = [...names].sort().join()
  return (configuration) => configuration.kind === 'regular' && namesOf(configuration).join() === wanted
}

/** What the nodes of a cluster see of each other, whatever network is between them. */
export function membershipScenarios(hosts: () => readonly Host[]): void {
  const scenario = new Scenario(hosts)

  afterEach(() => scenario.end())

  test('three nodes form one ring, and each prints addresses, names and ids', async () => {
    const cluster = await scenario.begin(3)
    const { members, ringId } = await cluster.formed([0, 1, 2])
    expect(members.map(({ address }) => address)).toEqual(
      hosts()
        .slice(0, 3)
        .map(({ address }) => address),
    )
    expect(new Set(members.map(({ nodeId }) => nodeId)).size).toBe(3)
    expect(ringId.representative).toBe(Math.min(...members.map(({ nodeId }) => nodeId)))
  })

  test('a node that leaves says so; it can come back', async () => {
    const cluster = await scenario.begin(3)
    await cluster.formed([0, 1, 2])
    const [from, fromSecond] = [0, 1].map((index) => cluster.node(index).configurations.length)
    expect(await cluster.node(2).stop()).toEqual({ code: 0, signal: null })
    await cluster.formed([0, 1])
    expect(departures(cluster.node(0), from)).toEqual(['node-3 left'])
    expect(departures(cluster.node(1), fromSecond)).toEqual(['node-3 left'])
    await cluster.start(2)
    await cluster.formed([0, 1, 2])
    expect(arrivals(cluster.node(0), from)).toEqual(['node-3'])
  })

  test('a node that is killed has failed; its next life starts with nothing to clean up', async () => {
    const cluster = await scenario.begin(3)
    await cluster.formed([0, 1, 2])
    const from = cluster.node(0).configurations.length
    await cluster.node(1).kill()
    await cluster.formed([0, 2])
    expect(departures(cluster.node(0), from)).toEqual(['node-2 failed'])
    cluster.spawn(1)
    await cluster.formed([0, 1, 2])
    expect(arrivals(cluster.node(0), from)).toEqual(['node-2'])
  })

  test('a node that is killed and started again at once is announced as gone, then as new', async () => {
    const cluster = await scenario.begin(3)
    await cluster.formed([0, 1, 2])
    const [from, fromThird] = [0, 2].map((index) => cluster.node(index).configurations.length)
    await cluster.node(1).kill()
    cluster.spawn(1)
    const isBack = (): boolean => arrivals(cluster.node(0), from).includes('node-2')
    await cluster.node(0).until(isBack, 'node-2 joined again')
    await cluster.formed([0, 1, 2])
    for (const [index, start] of [
      [0, from],
      [2, fromThird],
    ]) {
      expect(departures(cluster.node(index), start)).toEqual(['node-2 failed'])
      expect(arrivals(cluster.node(index), start)).toEqual(['node-2'])
    }
  })

  test('the representative is no different from the others', async () => {
    const cluster = await scenario.begin(3)
    await cluster.formed([0, 1, 2])
    await cluster.node(0).kill()
    await cluster.formed([1, 2])
    cluster.spawn(0)
    await cluster.formed([0, 1, 2])
    await cluster.node(0).stop()
    await cluster.formed([1, 2])
  })

  test('a paused node is taken out, and comes back by itself without taking the others down', async () => {
    const cluster = await scenario.begin(3, { token: 300 })
    await cluster.formed([0, 1, 2])
    const [from, fromSecond] = [0, 1].map((index) => cluster.node(index).configurations.length)
    cluster.node(2).signal('SIGSTOP')
    await cluster.formed([0, 1])
    cluster.node(2).signal('SIGCONT')
    await cluster.formed([0, 1, 2])
    expect(departures(cluster.node(0), from)).toEqual(['node-3 failed'])
    expect(departures(cluster.node(1), fromSecond)).toEqual(['node-3 failed'])
    await cluster.node(2).logLine(/did not run for \d+ ms/)
  })

  test('all but one leave, and the last one is alone', async () => {
    const cluster = await scenario.begin(3)
    await cluster.formed([0, 1, 2])
    await Promise.all([cluster.node(0).stop(), cluster.node(2).stop()])
    await cluster.formed([1])
    expect(departures(cluster.node(1)).sort()).toEqual(['node-1 left', 'node-3 left'])
  })
}
