import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import { inGroup, network, wholeNetwork, type CodeStory } from './story.js'

/** About the file as a whole, and how it is written. */
export const codesOfFiles = {
  'file-missing': {
    why:
      'A node needs a network.conf: without one it does not know where its cluster is, and guessing ' +
      'could join it to somebody else’s. A groups.conf may be missing: AMF then has nothing to keep ' +
      'available.',
    remedy:
      '`ais config init` asks a few questions and writes one. A file elsewhere is found with ' +
      '--config-dir DIR or $AIS_CONFIG_DIR; without them /etc/ais is read.',
  },
  'file-unreadable': {
    why: 'The file is there, and this user may not read it; or the path is a directory.',
    remedy:
      '`ls -l` shows owner and mode. The user that runs `ais exec` needs to read it: chmod 644 is usual.',
  },
  'file-ambiguous': {
    why:
      'One configuration in two forms, say network.conf and network.yaml: a change of one of them ' +
      'would be without effect, and nobody would see why. So neither is read.',
    remedy: 'Keep one. `ais config convert network.conf --to yaml` makes the other form of it.',
  },
  'file-too-large': {
    why: 'A configuration of over 1 MiB is none: a log, a core file, or a wrong path.',
    remedy: 'Check the path. Groups that need more are of a size that the executive does not serve either.',
  },
  'file-not-text': {
    why: 'The file holds NUL octets: UTF-16 as some editors of Windows save it, or no text at all.',
    remedy: 'Save it as UTF-8: iconv -f UTF-16 -t UTF-8 network.conf > new.conf',
  },
  'file-syntax': {
    why:
      'YAML, JSON or TypeScript that cannot be parsed, or that holds a list or a word where an ' +
      'object of keys should be. Nothing of it is used: half a configuration is worse than none.',
    remedy:
      'Mend the line that is named. The JSON Schemas in conf/ let an editor show such mistakes while ' +
      'typing.',
  },
  'file-owner': {
    why:
      'A configuration in TypeScript is a program, and it would run with the rights of who starts ' +
      'the executive. It is run only if the file belongs to that user or to root, and nobody else ' +
      'can write it.',
    remedy: 'chown root network.ts && chmod 644 network.ts, or keep the configuration as YAML or JSON.',
  },
  'yaml-unsupported': {
    why:
      'Tags, merged keys and the like can make another value of what is written than people read. In ' +
      'a configuration that decides about failovers what is written is what holds.',
    remedy: 'Write the value itself.',
  },
  'line-malformed': {
    why:
      'The line is neither `key: value` nor a comment nor blank. The original stopped reading at ' +
      'such a line without a word, and ran with what it had. Only below its three keys, where it ' +
      'never looked, such a line is just a warning: those files have worked for years.',
    remedy: 'Write key: value, or put a # in front of what is a note.',
    wrong: wholeNetwork('bindnetaddr: 192.168.1.0', 'the cluster of the shop', 'mcastaddr: 226.94.1.1'),
    right: network('# the cluster of the shop', 'token: 1000'),
  },
  'comment-indented': {
    why:
      'In groups.conf a # begins a comment in the first column alone, as it did in the original: ' +
      'names may hold one. So a comment further right is a line that means nothing, or a part of the ' +
      'value before it.',
    remedy: 'Move the # to the first column of a line of its own.',
    wrong: inGroup({ unit: ['# the machine downstairs'] }),
    right: inGroup({ unit: ['node=node1'] }),
  },
  'trailing-text': {
    why:
      'There is text behind a value that is complete without it. The original read the value and ' +
      'ignored the rest; so do we, but somebody may have meant something by it.',
    remedy: 'Remove it, or make it a comment on its own line.',
    wrong: network('mcastport: 6000 as before'),
    right: network('mcastport: 6000'),
    keys: ['mcastport', 'mcastaddr', 'bindnetaddr'],
  },
  'limit-exceeded': {
    why:
      'There are more units, components, instances or octets than the executive can hold. Every ' +
      'limit is known beforehand, so that it is found here and not in the night of a failover.',
    remedy: 'The message names the limit. Split the configuration, or the cluster.',
  },
  'too-many': {
    why: 'More than a hundred findings are not read by anybody: the first hundred are listed.',
    remedy: 'Mend those, then check again. Often one mistake is the cause of many.',
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
