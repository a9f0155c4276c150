import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AisError, type ClusterNode, type NodeConfiguration } from '../../../src/api/index.js'
import { emptyGroups, groupsText, type GroupsConfig } from '../../../src/config/index.js'
import {
  comparisonText,
  diffConfigurations,
  isSameConfiguration,
  type AskNode,
  type ConfigurationComparison,
} from '../../../src/programs/index.js'

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

function node(nodeId: number, nodeName = `node${nodeId}`): ClusterNode {
  return {
    nodeId,
    nodeName,
    nodeAddress: `10.0.0.${nodeId}`,
    clusterName: 'ais',
    member: true,
    bootTimestamp: 0n,
    initialViewNumber: 1,
  }
}

interface Told {
  readonly token?: number
  readonly groups?: GroupsConfig
  /** In place of what `groups` comes to. */
  readonly text?: string
  readonly network?: Partial<NodeConfiguration['network']>
}

function configuration(nodeId: number, { token = 1000, groups = emptyGroups, text, network }: Told) {
  const content = text ?? groupsText(groups)
  const file = { path: `/etc/node${nodeId}`, startDigest: 'aa', digest: 'aa' }
  return (withText: boolean): NodeConfiguration => ({
    nodeId,
    version: '0.1.0',
    network: { ...file, keys: [{ key: 'token', value: token }], ...network },
    groups: { ...file, meaning: digestOf(content), text: withText ? content : null },
  })
}

const left = new AisError('ERR_NOT_EXIST', 'node 2 has left the cluster before it answered')

/** Nodes 1, 2, 3 … that say this, or fail; answers of one node in turn, the last of them again and again. */
async function diff(
  ...says: readonly (Told | AisError | readonly (Told | AisError)[])[]
): Promise<ConfigurationComparison> {
  const turns = new Map<number, number>()
  const ask: AskNode = async (nodeId, groups) => {
    const said = says[nodeId - 1]!
    const all = Array.isArray(said) ? (said as (Told | AisError)[]) : [said as Told]
    const turn = turns.get(nodeId) ?? 0
    turns.set(nodeId, turn + 1)
    const answer = all[Math.min(turn, all.length - 1)]!
    return answer instanceof AisError ? answer : configuration(nodeId, answer)(groups)
  }
  return diffConfigurations(
    says.map((_, at) => node(at + 1)),
    ask,
    false,
  )
}

const other: GroupsConfig = { ...emptyGroups, takeoverDelayMs: 50 }

test('nodes of the same meaning, and a single one', async () => {
  const same = await diff({}, {})
  expect(isSameConfiguration(same)).toBe(true)
  expect(comparisonText(same)).toBe('2 nodes run with the same configuration: node1, node2')
  expect(comparisonText(await diff({}))).toContain('nothing to differ from')
})

test('what differs is named for each file', async () => {
  const found = await diff({ token: 2000 }, { groups: other }, {})
  expect(isSameConfiguration(found)).toBe(false)
  expect(comparisonText(found).split('\n')).toEqual([
    'network.conf:',
    '  token (ms)',
    '    2000  node1',
    '    1000  node2, node3',
    'groups.conf:',
    '  takeover-delay (ms)',
    '    20  node1, node3',
    '    50  node2',
    '3 nodes run with configurations that differ: node1, node2, node3',
  ])
})

test('a node that leaves is left out, whenever it leaves', async () => {
  const atOnce = await diff({}, left, {})
  expect(atOnce.nodes.map(({ nodeId }) => nodeId)).toEqual([1, 3])
  expect(atOnce.silent).toMatchObject([{ nodeId: 2, nodeName: 'node2', reason: 'left' }])
  expect(isSameConfiguration(atOnce)).toBe(true)
  expect(comparisonText(atOnce)).toContain(
    'node2 left the cluster and is not compared: ERR_NOT_EXIST: node 2 has left',
  )
  const later = await diff({}, [{ groups: other }, left], {})
  expect(later).toMatchObject({ differences: [], silent: [{ nodeId: 2, reason: 'left' }] })
  const neverTold = await diff(new AisError('ERR_NOT_SUPPORTED', 'no such service'))
  expect(comparisonText(neverTold)).toContain('no node has said what it runs with')
})

test('another one of the same meaning tells its groups for a node that leaves', async () => {
  const found = await diff({}, [{ groups: other }, left], { groups: other })
  expect(found.differences).toMatchObject([
    { key: 'takeover-delay', values: [{ nodes: ['node1'] }, { nodes: ['node3'] }] },
  ])
})

test('a node that does not answer is no node that is the same', async () => {
  const found = await diff({}, new AisError('ERR_TIMEOUT', 'node 2 has not answered within 5 s'))
  expect(found.silent).toMatchObject([{ nodeId: 2, reason: 'unanswered' }])
})

test('groups that this version cannot take apart differ all the same', async () => {
  const found = await diff({}, { text: '{"newer":true}' })
  expect(found.differences).toMatchObject([
    { file: 'groups', key: 'meaning', values: [{ nodes: ['node1'] }, { nodes: ['node2'] }] },
  ])
})

test('any other error ends it', async () => {
  const ask: AskNode = async () => Promise.reject(new AisError('ERR_TRY_AGAIN', 'gone'))
  await expect(diffConfigurations([node(1)], ask, false)).rejects.toMatchObject({ code: 'ERR_TRY_AGAIN' })
})

test('nodes of one name are told apart by their ids', async () => {
  const ask: AskNode = async (nodeId) => configuration(nodeId, { token: 1000 + nodeId })(false)
  const { differences } = await diffConfigurations([node(1, 'same'), node(2, 'same')], ask, false)
  expect(differences[0]!.values.map(({ nodes }) => nodes)).toEqual([['same (1)'], ['same (2)']])
})

describe('files that have changed', () => {
  let dir: string

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'ais-diff-'))))
  afterEach(() => rmSync(dir, { recursive: true }))

  const three = 'bindnetaddr: 127.0.0.1\nmcastaddr: 226.94.1.1\nmcastport: 6000\n'

  async function changed(
    text: string,
    digest: string | null = digestOf(text),
  ): Promise<ConfigurationComparison> {
    const path = join(dir, 'network.conf')
    writeFileSync(path, text)
    return diff({ network: { path, startDigest: 'aa', digest } })
  }

  test('the file now says', async () => {
    const found = await changed(`${three}token: 3000\n`)
    expect(found.changedFiles).toMatchObject([{ node: 'node1', state: 'differs' }])
    const values = [
      { value: 1000, nodes: ['it runs with'] },
      { value: 3000, nodes: ['the file now says'] },
    ]
    expect(found.changedFiles[0]!.differences).toContainEqual(
      expect.objectContaining({ key: 'token', values }),
    )
    expect(isSameConfiguration(found)).toBe(false)
  })

  test.each([
    ['invalid', 'token\n', undefined],
    ['gone', three, null],
    ['elsewhere', three, 'of another machine'],
  ])('%s', async (state, text, digest) => {
    const found = await changed(text, digest)
    expect(found.changedFiles).toMatchObject([{ state, differences: [] }])
    expect(isSameConfiguration(found)).toBe(false)
  })
})
