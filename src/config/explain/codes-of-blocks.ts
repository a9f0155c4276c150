import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import { inGroup, wholeGroups, type CodeStory } from './story.js'

const thirdUnit = inGroup({
  members: ['member=server-1', 'member=server-2', 'member=server-3'],
  more: ['unit {', '  name=web-3', '  component {', '    name=server-3', '  }', '}'],
})

/** About the blocks and names of groups.conf. */
export const codesOfBlocks = {
  'block-unknown': {
    why: 'A block of no known kind: all that stands in it would be without effect.',
    remedy: 'group, unit, component, protection, service-instance and csi are there.',
    wrong: inGroup({ more: ['units {', '}'] }),
    right: thirdUnit,
  },
  'block-misplaced': {
    why: 'A block in one that holds no such blocks: a component belongs in a unit, a unit in a group.',
    remedy: 'Move it; often a } is missing, or one too many, further up.',
    wrong: inGroup({ more: ['component {', '  name=server-3', '}'] }),
    right: thirdUnit,
  },
  'block-unclosed': {
    why:
      'The block has no }. The original swallowed the rest of the file then. The finding is at the ' +
      'line that opens it: the end of the file, where it is noticed, says nothing.',
    remedy: 'Add the }.',
    wrong: wholeGroups('group {', '  name=web'),
    right: inGroup({}),
  },
  'block-stray': {
    why: 'There is a } and nothing to close: one too many, or the line that opens the block is gone.',
    remedy: 'Remove it, or add what it closes.',
    wrong: wholeGroups('}'),
    right: inGroup({}),
  },
  'block-empty': {
    why:
      'A group without units, a unit without components, a protection without members: it can do ' +
      'nothing.',
    remedy: 'Fill it or remove it.',
    wrong: inGroup({ more: ['unit {', '  name=web-3', '}'] }),
    right: thirdUnit,
  },
  'name-duplicate': {
    why:
      'Components register by name, and administrators lock by name: two of a kind with one name ' +
      'could not be told apart. Names of components count over the whole file, not just their unit.',
    remedy: 'Give one of them another name.',
    wrong: inGroup({ more: ['unit {', '  name=web-1', '  component {', '    name=server-3', '  }', '}'] }),
    right: thirdUnit,
  },
  'name-alike': {
    why:
      'Two names look the same on every screen and are not: an accent written as one character here ' +
      'and as two there, say. One of them is likely a copy from elsewhere.',
    remedy: 'Type one of them anew.',
  },
  'name-invisible': {
    why:
      'The name holds a character that nobody sees: a zero width space from a web page, a no-break ' +
      'space. A component that registers by the name as it is typed would be refused.',
    remedy: 'Type the name anew.',
    wrong: inGroup({ unit: ['node=node\u00a01'] }),
    right: inGroup({ unit: ['node=node1'] }),
  },
  'name-unknown': {
    why:
      'A member names a component that its group does not have, or a csi a protection that is not ' +
      'there. The original crashed at it.',
    remedy: 'The nearest name is suggested. Members are components of the same group.',
    wrong: inGroup({ members: ['member=server-1', 'member=sever-2'] }),
    right: inGroup({ members: ['member=server-1', 'member=server-2'] }),
    keys: ['member', 'protection'],
  },
  'member-duplicate': {
    why: 'One component is listed twice; likely another was meant, which is now no member.',
    remedy: 'Remove one, or write the other component.',
    wrong: inGroup({ members: ['member=server-1', 'member=server-2', 'member=server-1'] }),
    right: inGroup({ members: ['member=server-1', 'member=server-2'] }),
    keys: ['member'],
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
