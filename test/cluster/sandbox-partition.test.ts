import { jest } from '@jest/globals'
import { join } from 'node:path'
import { Connection } from '../../src/api/connection.js'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { SandboxWorld, sights, type NodeLine } from './sandbox-world.js'

// Partitions of a sandbox: they hold for nodes that run, and for those that do not when they do again.

const ALL = 'node1,node2,node3'

interface SplitLine {
  readonly dir: string
  readonly partition: readonly (readonly string[])[] | null
  readonly confirmed: readonly string[]
  readonly pending: readonly string[]
}

// Each order is a program of its own, and each of those takes a while on a busy machine.
jest.setTimeout(120_000)

let world: SandboxWorld
beforeEach(() => (world = new SandboxWorld()))
afterEach(() => world.close())

const split = ['node1: node1,node2', 'node2: node1,node2', 'node3: node3']
const whole = [`node1: ${ALL}`, `node2: ${ALL}`, `node3: ${ALL}`]

test('sides do not hear each other, and find together when it is healed', async () => {
  await world.json('up')
  expect(await world.json<SplitLine>('partition', 'node1,node2', '/', 'node3')).toEqual({
    dir: world.dir,
    partition: [['node1', 'node2'], ['node3']],
    confirmed: ['node1', 'node2', 'node3'],
    pending: [],
  })
  const status = await world.until('split', (found) => sights(found).join() === split.join())
  expect(status.partition).toEqual([['node1', 'node2'], ['node3']])
  expect(status.nodes.map(({ followsPartition }) => followsPartition)).toEqual([true, true, true])

  expect(await world.json<SplitLine>('heal')).toEqual({
    dir: world.dir,
    partition: null,
    confirmed: ['node1', 'node2', 'node3'],
    pending: [],
  })
  await world.until('whole', (found) => sights(found).join() === whole.join())

  const apart = await world.run('partition', 'node1/node2')
  expect([apart.code, apart.stdout]).toEqual([0, 'partition: node1 / node2 / node3\n'])
  await world.until('three sides', (found) => sights(found)[1] === 'node2: node2')
})

test('a node started during a partition hears nobody beyond it, not even at first', async () => {
  await world.json('up')
  await world.json('partition', 'node3')
  await world.until('split', (found) => sights(found).join() === split.join())
  await world.json('kill', 'node3')
  const before = world.configurations('node3').length
  const started = await world.json<{ nodes: NodeLine[] }>('start', 'node3')
  expect(started.nodes[0].state).toBe('up')
  await world.json('stop', 'node2')
  await world.json('start', 'node2')
  expect(sights(await world.status())).toEqual(split)
  expect(new Set(world.configurations('node3').slice(before))).toEqual(new Set(['node3']))
  await world.json('heal')
  await world.until('whole', (found) => sights(found).join() === whole.join())
})

test('a paused node carries out what was ordered meanwhile before it hears anybody', async () => {
  await world.json('up')
  await world.json('pause', 'node3')
  await world.until('without node3', (found) => sights(found)[0] === 'node1: node1,node2')
  expect(await world.json<SplitLine>('partition', 'node3')).toMatchObject({
    confirmed: ['node1', 'node2'],
    pending: ['node3'],
  })
  const before = world.configurations('node3').length
  await world.json('resume', 'node3')
  await world.until('alone', (found) => sights(found)[2] === 'node3: node3')
  expect(new Set(world.configurations('node3').slice(before))).toEqual(new Set(['node3']))

  await world.json('pause', 'node3')
  const healed = await world.json<SplitLine>('heal')
  expect(healed).toMatchObject({ confirmed: ['node1', 'node2'], pending: ['node3'] })
  await world.json('resume', 'node3')
  await world.until('whole', (found) => sights(found).join() === whole.join())
})

test('a daemon that is no node of a sandbox does not take the order', async () => {
  const cluster = await Cluster.create({ hosts: loopbackHosts(1) })
  const socket = join(cluster.directory, 'ais.sock')
  try {
    await cluster.start(0, { socket })
    await cluster.formed([0])
    const connection = await Connection.open({ socket })
    const order = connection.call('sandbox.linksSet', { cut: ['127.0.0.2'] })
    await expect(order).rejects.toMatchObject({ code: 'ERR_NOT_SUPPORTED' })
    connection.close()
  } finally {
    await cluster.close()
  }
})
