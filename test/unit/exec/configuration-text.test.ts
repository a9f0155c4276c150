import {
  configurationDocument,
  configurationSummary,
  configurationText,
} from '../../../src/exec/configuration-text.js'
import type { Configuration } from '../../../src/group/index.js'

const alpha = { nodeId: 1, incarnation: 11, address: '10.0.0.1', name: 'alpha' }
const beta = { nodeId: 2, incarnation: 22, address: '10.0.0.2', name: 'beta' }
const gamma = { nodeId: 3, incarnation: 33, address: '10.0.0.3', name: 'gamma' }

const change: Configuration = {
  kind: 'regular',
  ringId: { representative: 1, sequence: 1795000000123 },
  members: [alpha, beta],
  joined: [beta],
  left: [{ ...gamma, reason: 'failed' }],
}

test('the JSON document has exactly the promised keys', () => {
  expect(JSON.stringify(configurationDocument(change))).toBe(
    '{"event":"configuration","kind":"regular","ringId":{"representative":1,"sequence":1795000000123},' +
      '"members":[{"nodeId":1,"address":"10.0.0.1","name":"alpha"},' +
      '{"nodeId":2,"address":"10.0.0.2","name":"beta"}],' +
      '"joined":[{"nodeId":2,"address":"10.0.0.2","name":"beta"}],' +
      '"left":[{"nodeId":3,"address":"10.0.0.3","name":"gamma","reason":"failed"}]}',
  )
})

test('the text lists addresses and names', () => {
  expect(configurationText(change)).toBe(
    [
      'CONFIGURATION CHANGE: regular, ring 1/1795000000123',
      'New Configuration:',
      '\t10.0.0.1\talpha',
      '\t10.0.0.2\tbeta',
      'Members Left:',
      '\t10.0.0.3\tgamma\t(failed)',
      'Members Joined:',
      '\t10.0.0.2\tbeta',
      '',
    ].join('\n'),
  )
})

test('the log line says what changed', () => {
  expect(configurationSummary(change)).toBe(
    'regular configuration of 2 members on ring 1/1795000000123: ' +
      'gamma (10.0.0.3) failed, beta (10.0.0.2) joined',
  )
  expect(configurationSummary({ ...change, members: [alpha], joined: [], left: [] })).toBe(
    'regular configuration of 1 member on ring 1/1795000000123',
  )
})
