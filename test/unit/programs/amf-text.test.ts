import chalk from 'chalk'
import type { AmfStatus, CsiSet } from '../../../src/api/index.js'
import {
  toldCsiSet,
  toldHealthcheck,
  toldProtectionGroup,
  toldReadiness,
} from '../../../src/programs/amf-callbacks.js'
import { decisionText, explanationText } from '../../../src/programs/amf-decision-text.js'
import { statusText } from '../../../src/programs/amf-status-text.js'
import { raidStatus } from './amf-status.js'

beforeEach(() => (chalk.level = 0))

describe('the state of AMF', () => {
  test('is a tree', () => {
    expect(statusText(raidStatus())).toBe(
      [
        '                      node   readiness   HA state     admin     operational  presence',
        'group raid (nplusm)',
        '├─ raidA              node1  in-service  active       unlocked  enabled      instantiated',
        '│  ├─ comp_a_in_su_x  node1  in-service  active pgA             enabled      instantiated',
        '│  └─ comp_b_in_su_x  node1  in-service  active pgB             enabled      instantiated',
        '└─ raidB              node2  in-service  standby      unlocked  enabled      instantiated',
        '   ├─ comp_a_in_su_y  node2  in-service  standby pgA            enabled      instantiated',
        '   └─ comp_b_in_su_y  node2  in-service  standby pgB            enabled      instantiated',
        '',
        'service instances of raid',
        '  raid: full; active raidA; standby raidB',
        'protection groups of raid',
        '  pgA: comp_a_in_su_x active, comp_a_in_su_y standby',
        '  pgB: comp_b_in_su_x active, comp_b_in_su_y standby',
        '',
        'quorum: off',
      ].join('\n'),
    )
  })

  test('takes no more room in colour', () => {
    const plain = statusText(raidStatus())
    chalk.level = 1
    const coloured = statusText(raidStatus())
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(plain)
    expect(coloured).not.toBe(plain)
  })

  test('tells what is not as it should be', () => {
    const status = raidStatus()
    const [group] = status.groups
    const [unit] = group.units
    const nowhere = {
      ...unit,
      node: null,
      haStates: [],
      components: [],
      readiness: 'out-of-service' as const,
    }
    const failed = { ...unit.components[0], operational: 'disabled' as const, error: 'fan is loud' }
    const bad: AmfStatus = {
      ...status,
      groups: [
        {
          ...group,
          admin: 'locked',
          units: [{ ...unit, components: [failed] }, nowhere],
          serviceInstances: [],
          protectionGroups: [],
        },
      ],
      quorum: { quorate: false, votes: 1, expected: 3 },
      settled: false,
      nodes: [
        { ...status.nodes[0], participates: false },
        { ...status.nodes[1], nodeId: null, admin: 'locked' },
      ],
    }
    const text = statusText(bad)
    expect(text).toContain('group raid (nplusm, locked)')
    expect(text).toMatch(/└─ raidA +– +out-of-service +– +unlocked/)
    expect(text).toContain('error of comp_a_in_su_x: fan is loud')
    expect(text).toContain('quorum: NO, 1 of 3 votes')
    expect(text).toContain('node node1: unlocked, enabled; takes no part')
    expect(text).toContain('node node2: locked, enabled; not in the cluster')
    expect(text).toContain('changes are under way')
  })

  test('without groups says so', () => {
    expect(statusText({ ...raidStatus(), groups: [] })).toContain(
      'groups.conf of the nodes is missing or empty',
    )
  })

  test('cannot be made to write to the terminal', () => {
    const status = raidStatus()
    const [group] = status.groups
    const text = statusText({ ...status, groups: [{ ...group, name: 'r\u001b[31m\nx' }] })
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\nx')
  })
})

const csiSet: CsiSet = {
  invocation: 7,
  component: 'comp_a_in_su_y',
  haState: 'active',
  csiDescriptor: {
    flags: 1,
    csiName: 'pgA',
    instance: 'raid',
    attributes: new Map([['path', ['/srv', '/var']]]),
    epoch: 2n ** 60n,
    transition: 'new-assignment',
    activeComponent: null,
    activeNode: null,
    standbyRank: 0,
  },
}

describe('callbacks', () => {
  test('are told in the words of the original test programs', () => {
    expect(toldCsiSet(csiSet).text).toBe(
      "CSISetCallback: 'comp_a_in_su_y' for CSI 'pgA' requested to enter hastate SA_AMF_ACTIVE.",
    )
    expect(toldReadiness({ invocation: 1, component: 'comp_b_in_su_y', readiness: 'in-service' }).text).toBe(
      "ReadinessStateSetCallback: 'comp_b_in_su_y' requested to enter operational state SA_AMF_IN_SERVICE.",
    )
    const check = { invocation: 1, component: 'comp_a_in_su_y', key: 'default' }
    expect(toldHealthcheck(check, 19).text).toBeNull()
    expect(toldHealthcheck(check, 20).text).toBe(
      '20 HealthcheckCallback have occured for component: comp_a_in_su_y',
    )
    const members = [
      {
        component: 'a',
        haState: 'active' as const,
        readiness: 'in-service' as const,
        rank: 0,
        change: 'added' as const,
      },
      {
        component: 'b',
        haState: null,
        readiness: 'out-of-service' as const,
        rank: 0,
        change: 'no-change' as const,
      },
    ]
    expect(toldProtectionGroup({ csiName: 'pgA', members, numberOfMembers: 2 }).text).toBe(
      "ProtectionGroupTrackCallback: 'pgA': a SA_AMF_ACTIVE, b SA_AMF_OUT_OF_SERVICE",
    )
  })

  test('are documents of JSON: the token in decimal, attributes by name', () => {
    expect(JSON.parse(JSON.stringify(toldCsiSet(csiSet).line))).toEqual({
      callback: 'csi-set',
      component: 'comp_a_in_su_y',
      csi: 'pgA',
      haState: 'active',
      readiness: null,
      si: 'raid',
      flags: 1,
      epoch: '1152921504606846976',
      transition: 'new-assignment',
      activeComponent: null,
      activeNode: null,
      standbyRank: 0,
      attributes: { path: ['/srv', '/var'] },
    })
  })
})

test('a decision is a line, and an explanation states and decisions', () => {
  const decision = {
    sequence: 4,
    atMs: 0,
    node: 'node1',
    kind: 'unit' as const,
    name: 'raidA',
    what: 'in-service',
    text: 'all its components are registered',
  }
  const line = '1970-01-01T00:00:00.000Z node1: unit raidA in-service: all its components are registered'
  expect(decisionText(decision)).toBe(line)
  const entity = { kind: 'unit' as const, name: 'raidA' }
  expect(explanationText({ entity, states: { admin: 'locked', node: null }, decisions: [decision] })).toBe(
    `unit raidA\n  admin: locked\n  node: –\nwhat led to it, the last at the end\n  ${line}`,
  )
  expect(explanationText({ entity, states: {}, decisions: [] })).toContain('nothing has been decided')
})
