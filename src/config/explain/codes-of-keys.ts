import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import { inGroup, network, wholeNetwork, type CodeStory } from './story.js'

/** About keys and values of either file. */
export const codesOfKeys = {
  'key-unknown': {
    why:
      'A key with a letter too many would leave the value that you wanted at its default, and nobody ' +
      'would know until the cluster behaves otherwise than planned. (Below the three keys of a ' +
      'network.conf of the original, where anything could stand, only what looks like one of our ' +
      'keys is an error.)',
    remedy: 'The nearest key is suggested; `ais config validate --fix` writes it where there is no doubt.',
    wrong: network('tokn: 2000', 'token: 2000'),
    right: network('token: 2000'),
  },
  'key-duplicate': {
    why:
      'The key is given twice, and one of the two is not what holds. For the three keys of the ' +
      'original the last one holds, as it did there; for all others it is an error.',
    remedy: 'Keep one line.',
    wrong: network('token: 1000', 'token: 3000'),
    right: network('token: 3000'),
  },
  'key-ignored': {
    why:
      'The original stopped reading at the first line that it did not know. This line lies behind ' +
      'one, so it never had an effect there, and has none here: the file keeps the meaning it has ' +
      'had.',
    remedy: 'If it is to count, remove the lines in between that the original did not know, or this line.',
    wrong: wholeNetwork(
      'bindnetaddr:192.168.1.0',
      'mcastaddr:226.94.1.1',
      'mcastport:6000',
      '# since the move',
      'mcastport:7000',
    ),
    right: wholeNetwork(
      '# since the move',
      'bindnetaddr:192.168.1.0',
      'mcastaddr:226.94.1.1',
      'mcastport:7000',
    ),
    keys: ['bindnetaddr', 'mcastaddr', 'mcastport'],
  },
  'key-missing': {
    why:
      'Without it the configuration has no meaning. The original went on with whatever stood in its ' +
      'memory instead.',
    remedy: 'The message shows a line that could be added.',
    wrong: wholeNetwork('bindnetaddr: 192.168.1.0', 'mcastaddr: 226.94.1.1'),
    right: wholeNetwork('bindnetaddr: 192.168.1.0', 'mcastaddr: 226.94.1.1', 'mcastport: 6000'),
  },
  'key-unused': {
    why:
      'The key is good, but another one makes it mean nothing; who reads the file would think ' +
      'otherwise.',
    remedy: 'Remove it, or set the key that it depends on.',
    wrong: network('expected-votes: 3'),
    right: network('quorum: majority', 'expected-votes: 3'),
    keys: ['quorum', 'expected-votes', 'two-node', 'wait-for-all'],
  },
  'key-misplaced': {
    why: 'The key exists, but in another block: here it would have no effect.',
    remedy: 'Move it where the message says.',
    wrong: inGroup({ unit: ['active-units=1'] }),
    right: inGroup({ group: ['model=nplusm', 'active-units=1'] }),
  },
  'value-missing': {
    why: 'A key without a value says that somebody meant to set it. What to, nobody can know.',
    remedy: 'Write a value, or remove the line: then the default holds.',
    wrong: network('nodename:'),
    right: network('nodename: shop1'),
  },
  'value-invalid': {
    why:
      'The value is not of the kind that the key takes: a word where a number belongs, a unit that ' +
      'does not exist. The original read such numbers with atoi and took 0, or the digits up to the ' +
      'first letter.',
    remedy: 'The message says what is expected, with an example.',
    wrong: network('token: one second'),
    right: network('token: 1000'),
  },
  'value-range': {
    why: 'The value is of the right kind and cannot work: a port that does not exist, a time of no length.',
    remedy: '`ais config explain KEY` tells the range and why it is so.',
    wrong: network('mcastport: 70000'),
    right: network('mcastport: 6000'),
  },
  'value-conflict': {
    why:
      'Two values that are good alone do not go together: a token that got lost must be sent again ' +
      'before it counts as lost, a lease must be over before others are given the work. The default ' +
      'of a key that is not given counts as well.',
    remedy: 'Change one of the two; the message gives the bound.',
    wrong: network('token: 200'),
    right: network('token: 200', 'retransmit: 50', 'consensus: 150'),
    keys: [
      'token',
      'retransmit',
      'join',
      'consensus',
      'max-messages',
      'window',
      'accelerated-window',
      'lease',
    ],
  },
  'value-form': {
    why:
      'The value can be read, but not as most people would: 192.168.1 is 192.168.0.1, and an octet ' +
      'that begins with 0 is octal. The message says how it is read.',
    remedy: 'Write it in the usual way.',
    wrong: network('bindnetaddr: 192.168.1'),
    right: network('bindnetaddr: 192.168.0.1'),
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
