import { checkNetworkText } from '../../../src/config/check.js'
import {
  checkConfiguration,
  nodeConfiguration,
  parseAdded,
  type AddedLine,
} from '../../../src/sandbox/node-configuration.js'
import { SandboxConfigurationError } from '../../../src/sandbox/sandbox-error.js'
import { sandboxOf } from './sandboxes.js'

function configurationOf(count: number, ...added: AddedLine[]): string {
  const common = { added, clusterName: 'sandbox-test', mcastPort: 30_002, count }
  return nodeConfiguration(sandboxOf(count).nodes[1], common)
}

test('a node has its own address, id, name, state and socket, and the cluster of its sandbox', () => {
  expect(checkNetworkText(configurationOf(3))).toMatchObject({
    ok: true,
    config: {
      bindTarget: { address: 0x7f00_0002 },
      mcastPort: 30_002,
      nodeId: 2,
      nodeName: 'node2',
      clusterName: 'sandbox-test',
      stateDir: '/tmp/none/node2/state',
      socket: '/tmp/none/node2/ais.sock',
      quorumMode: 'off',
      tokenTimeoutMs: 1000,
    },
    diagnostics: [],
  })
})

test('a majority is that of all nodes, unless said otherwise', () => {
  const majority = { key: 'quorum', value: 'majority' }
  expect(checkNetworkText(configurationOf(5, majority))).toMatchObject({
    ok: true,
    config: { quorumMode: 'majority', expectedVotes: 5 },
  })
  const fewer = configurationOf(5, majority, { key: 'expected-votes', value: '3' })
  expect(checkNetworkText(fewer)).toMatchObject({ ok: true, config: { expectedVotes: 3 } })
})

test('many nodes get longer times, unless said otherwise', () => {
  const times = { tokenTimeoutMs: 3000, consensusTimeoutMs: 1000, joinIntervalMs: 200 }
  expect(checkNetworkText(configurationOf(17))).toMatchObject({ config: times, diagnostics: [] })
  const own = configurationOf(17, { key: 'token', value: '5000' })
  expect(checkNetworkText(own)).toMatchObject({ config: { ...times, tokenTimeoutMs: 5000 } })
  expect(checkNetworkText(configurationOf(16))).toMatchObject({ config: { tokenTimeoutMs: 1000 } })
})

test('a cluster may be given its name', () => {
  const named = configurationOf(2, { key: 'clustername', value: 'mine' })
  expect(checkNetworkText(named)).toMatchObject({ ok: true, config: { clusterName: 'mine' } })
})

test.each([
  ['token=500', { key: 'token', value: '500' }],
  ['token: 500', { key: 'token', value: '500' }],
  [' quorum = majority ', { key: 'quorum', value: 'majority' }],
  ['clustername=a=b', { key: 'clustername', value: 'a=b' }],
])('%s is a line to add', (text, line) => {
  expect(parseAdded(text)).toEqual(line)
})

test.each(['token', '=5', '', 'to ken=5', 'token=5\nnodeid: 1'])('%j is none', (text) => {
  expect(() => parseAdded(text)).toThrow(`--conf ${JSON.stringify(text)} is not KEY=VALUE`)
})

test.each(['nodeid', 'socket', 'statedir', 'bindnetaddr', 'mcastport', 'mcastaddr', 'nodename'])(
  '%s cannot be set',
  (key) => {
    expect(() => parseAdded(`${key}=1`)).toThrow(`--conf cannot set ${key}`)
  },
)

test('findings are about --conf, by the number of the flag', () => {
  const text = configurationOf(3, { key: 'token', value: '500' }, { key: 'join', value: 'x' })
  expect(() => checkConfiguration(text)).toThrow(SandboxConfigurationError)
  try {
    checkConfiguration(text)
  } catch (error) {
    const { source, diagnostics } = error as SandboxConfigurationError
    expect([source, diagnostics.map(({ line, key }) => [line, key])]).toEqual(['--conf', [[2, 'join']]])
  }
  const slow = configurationOf(3, { key: 'consensus', value: '1200' })
  expect(checkConfiguration(slow)).toEqual([expect.stringMatching(/^--conf:1:\d+: warning /)])
})
