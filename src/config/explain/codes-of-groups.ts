import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import { inGroup, type CodeStory } from './story.js'

const instance = [
  'service-instance {',
  '  name=sales',
  '  csi {',
  '    name=sales-site',
  '    protection=site',
  '  }',
  '}',
]
const spare = ['protection {', '  name=log', '  member=server-1', '  member=server-2', '}']

/** About what a groups.conf asks for: whether it can ever come true. */
export const codesOfGroups = {
  'member-missing': {
    why:
      'A unit is given a service instance as a whole: it needs a member for each of its csis. A unit ' +
      'that lacks one never takes over, whatever the group says; if all of them lack one nobody is ' +
      'ever active.',
    remedy: 'Add a component of the unit to the protection.',
    wrong: inGroup({ members: ['member=server-1'] }),
    right: inGroup({ members: ['member=server-1', 'member=server-2'] }),
    keys: ['member'],
  },
  'component-unassigned': {
    why: 'The component is a member of no protection, so it is never told to do anything.',
    remedy: 'Add it as member of a protection, or remove it.',
    wrong: inGroup({ unit: ['component {', '  name=logger-1', '}'] }),
    right: inGroup({}),
    keys: ['member'],
  },
  'protection-unused': {
    why:
      'Once a group writes service instances, only the protections their csis name count. This one ' +
      'is not named by any, so its members are never told to carry it.',
    remedy: 'Add a csi with protection=NAME, or remove the protection.',
    wrong: inGroup({ more: [...spare, ...instance] }),
    right: inGroup({ more: instance }),
    keys: ['protection'],
  },
  'model-unserved': {
    why:
      'nway and nwayactive are models of the standard in which several units are active for one ' +
      'service instance. This version does not serve them; to take them for another model would be ' +
      'two actives.',
    remedy: 'nplusm spreads several service instances over the units, each with one active.',
    wrong: inGroup({ group: ['model=nway'] }),
    right: inGroup({ group: ['model=nplusm'] }),
    keys: ['model'],
  },
  'model-unreachable': {
    why:
      'The group asks for more active or standby units than it has, or for more room than its units ' +
      'give. It will run, but with less in reserve than the file promises.',
    remedy: 'Add units, or ask for less.',
    wrong: inGroup({ group: ['model=nplusm', 'active-units=2', 'backup-units=3'] }),
    right: inGroup({ group: ['model=nplusm', 'active-units=1', 'backup-units=1'] }),
    keys: ['active-units', 'backup-units', 'max-active-instances', 'max-standby-instances'],
  },
  'capability-conflict': {
    why:
      'The component cannot be what the group would make of it: x_active and 1_active know no ' +
      'standby, so a unit with such a component has nothing prepared when it takes over.',
    remedy: 'A model such as x_active_or_y_standby; or standby-assignments=0, if no standby is wanted.',
    wrong: inGroup({ component: ['model=x_active'], more: instance }),
    right: inGroup({ component: ['model=x_active_or_y_standby'], more: instance }),
    keys: ['model', 'standby-assignments'],
  },
  'node-shared': {
    why:
      'Two units of one group are bound to one node: when it fails the active one and its standby ' +
      'are gone together, and the group was protected against nothing but the end of a process.',
    remedy: 'Bind them to different nodes.',
    wrong: inGroup({ unit: ['node=node1'], second: ['node=node1'] }),
    right: inGroup({ unit: ['node=node1'], second: ['node=node2'] }),
    keys: ['node'],
  },
  'node-unknown': {
    why:
      'The name of this node, `nodename` of network.conf, is none that a `node=` of groups.conf gives, or ' +
      'nearly one of them. Names are compared letter by letter: a unit bound to a node that does not ' +
      'exist is never started. Told where both files are checked together.',
    remedy: 'Write the same name in both files; if the units are meant for other nodes, leave it so.',
    keys: ['node', 'nodename'],
  },
  'recovery-unreachable': {
    why:
      'A part of what the file says about errors can never happen: a restart where nobody restarts ' +
      'the component, a probation time of restarts that are not allowed.',
    remedy: 'The message says which of the two keys to change.',
    wrong: inGroup({ component: ['recovery=component-restart'] }),
    right: inGroup({ component: ['recovery=component-restart', 'restart-timeout=2s'] }),
    keys: ['recovery', 'restart-timeout', 'component-restart-max', 'unit-restart-max', 'unit-failover-max'],
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
