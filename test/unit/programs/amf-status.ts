import type { AmfComponentStatus, AmfStatus, AmfUnitStatus } from '../../../src/api/index.js'
import type { HaState } from '../../../src/base/index.js'

/** Two units of the sample, the first active: as the executive says it. */
export function raidStatus(): AmfStatus {
  return {
    groups: [
      {
        name: 'raid',
        model: 'nplusm',
        admin: 'unlocked',
        units: [unit('raidA', 'x', 'node1', 'active'), unit('raidB', 'y', 'node2', 'standby')],
        serviceInstances: [
          { name: 'raid', admin: 'unlocked', assignment: 'full', active: ['raidA'], standby: ['raidB'] },
        ],
        protectionGroups: (['a', 'b'] as const).map((letter) => ({
          csi: letter === 'a' ? 'pgA' : 'pgB',
          members: [
            { component: `comp_${letter}_in_su_x`, readiness: 'in-service', haState: 'active' },
            { component: `comp_${letter}_in_su_y`, readiness: 'in-service', haState: 'standby' },
          ],
        })),
      },
    ],
    quorum: { quorate: true, votes: 2, expected: null },
    settled: true,
    nodes: [node('node1', 1), node('node2', 2)],
    configuration: 'ab12',
  }
}

function node(name: string, nodeId: number): AmfStatus['nodes'][number] {
  return { name, nodeId, admin: 'unlocked', operational: 'enabled', participates: true, digest: 'ab12' }
}

function unit(name: string, letter: string, nodeName: string, haState: HaState): AmfUnitStatus {
  return {
    name,
    node: nodeName,
    admin: 'unlocked',
    operational: 'enabled',
    presence: 'instantiated',
    readiness: 'in-service',
    haStates: [{ si: 'raid', haState }],
    components: ['a', 'b'].map((which): AmfComponentStatus => ({
      name: `comp_${which}_in_su_${letter}`,
      node: nodeName,
      operational: 'enabled',
      presence: 'instantiated',
      readiness: 'in-service',
      error: null,
      csis: [{ csi: which === 'a' ? 'pgA' : 'pgB', haState }],
    })),
  }
}
