import { quoted, valuePosition, type CheckContext } from '../../check-context.js'
import type { Block } from '../../groups/block.js'
import { utf8Octets } from '../../model/groups-text.js'
import type { Convertible, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { reportAssumed } from '../lost.js'
import { loseCommon } from '../saf/losses.js'
import { planNodes, standardRanks, type PlannedNode } from '../saf/nodes.js'
import { entryOf, Losses, planGroups, type PlannedGroup, type PlannedInstance } from '../saf/plan.js'
import { AMF_CLUSTER, APPLICATION, CLM_CLUSTER } from '../saf/words.js'
import { isXmlText, XmlWriter } from '../xml/write-xml.js'
import { joinDn } from './dn.js'
import { ImmFile, nanoseconds, versionedDn } from './imm-file.js'
import { planTypes, writeTypes, type GroupTypes } from './write-types.js'

/** Octets of a whole name that OpenSAF takes unless it is told to take longer ones. */
const DN_OCTETS_MAX = 255

const application = joinDn('safApp', APPLICATION)
const amfCluster = joinDn('safAmfCluster', AMF_CLUSTER)
const clmCluster = joinDn('safCluster', CLM_CLUSTER)
const nodeDn = (name: string): string => joinDn('safAmfNode', name, amfCluster)
const nodeGroupDn = (group: PlannedGroup): string => joinDn('safAmfNodeGroup', group.config.name, amfCluster)

/** Names that cannot stand in the file leave nothing that would work. */
function checkNames(block: Block, file: string, context: CheckContext): void {
  for (const entry of block.entries) {
    const { key, value } = entry
    if (!isXmlText(value) || (key !== 'attribute' && value.endsWith('\\'))) {
      context.error(entry, {
        code: 'not-convertible',
        message: `${file} cannot hold the ${key} ${quoted(value)}`,
        expected: 'a name of characters that XML has, which ends with no backslash',
      })
    }
  }
  for (const inner of block.blocks) checkNames(inner, file, context)
}

class InstanceWriter {
  constructor(
    private readonly file: ImmFile,
    private readonly context: CheckContext,
  ) {}

  nodes(nodes: readonly PlannedNode[], groups: readonly PlannedGroup[]): void {
    if (nodes.length === 0) return
    this.file.comment('Nodes: leave out what your cluster has already.')
    this.file.object('SaClmCluster', clmCluster)
    this.file.object('SaAmfCluster', amfCluster)
    for (const { name, failoverMax, failoverProbationMs } of nodes) {
      const clmNode = joinDn('safNode', name, clmCluster)
      this.file.object('SaClmNode', clmNode)
      this.file.object('SaAmfNode', nodeDn(name), {
        saAmfNodeClmNode: clmNode,
        saAmfNodeSuFailOverProb: nanoseconds(failoverProbationMs),
        saAmfNodeSuFailoverMax: failoverMax,
      })
    }
    for (const group of groups) {
      const own = nodesOf(group)
      if (own !== null)
        this.file.object('SaAmfNodeGroup', nodeGroupDn(group), { saAmfNGNodeList: own.map(nodeDn) })
    }
  }

  group(group: PlannedGroup, types: GroupTypes): void {
    const { config, units } = group
    const dn = joinDn('safSg', config.name, application)
    this.checkLength(dn, group.block)
    this.file.object('SaAmfSG', dn, {
      saAmfSGType: versionedDn('safSgType', config.name),
      saAmfSGSuHostNodeGroup: nodesOf(group) === null ? null : nodeGroupDn(group),
      saAmfSGNumPrefActiveSUs: config.activeUnits,
      saAmfSGNumPrefStandbySUs: config.model === 'noredundancy' ? null : config.backupUnits,
      saAmfSGMaxActiveSIsperSU: config.maxActiveInstances,
      saAmfSGMaxStandbySIsperSU: config.maxStandbyInstances,
    })
    const ranks = standardRanks(units.map(({ config: { rank } }) => rank))
    for (const [index, { config: unit, block, components }] of units.entries()) {
      const unitDn = joinDn('safSu', unit.name, dn)
      this.checkLength(unitDn, block)
      this.file.object('SaAmfSU', unitDn, {
        saAmfSUType: versionedDn('safSuType', types.unitTypes[index]),
        saAmfSURank: ranks[index],
        saAmfSUHostNodeOrNodeGroup: unit.node === null ? null : nodeDn(unit.node),
      })
      for (const component of components) {
        const componentDn = joinDn('safComp', component.config.name, unitDn)
        this.checkLength(componentDn, component.blocks[0])
        this.file.object('SaAmfComp', componentDn, {
          saAmfCompType: versionedDn('safCompType', types.componentTypes.get(component)!),
        })
        for (const type of component.types) {
          const supported = joinDn('safSupportedCsType', versionedDn('safCSType', type), componentDn)
          this.file.object('SaAmfCompCsType', supported)
        }
      }
    }
    this.instances(group)
  }

  private instances({ config, block, instances }: PlannedGroup): void {
    const ranks = standardRanks(instances.map(({ config: { rank } }) => rank))
    for (const [index, instance] of instances.entries()) {
      const dn = joinDn('safSi', instance.config.name, application)
      this.checkLength(dn, instance.block ?? block)
      this.file.object('SaAmfSI', dn, {
        saAmfSvcType: versionedDn('safSvcType', config.name),
        saAmfSIProtectedbySG: joinDn('safSg', config.name, application),
        saAmfSIRank: ranks[index],
        saAmfSIPrefStandbyAssignments:
          config.model === 'noredundancy' ? null : instance.config.standbyAssignments,
      })
      this.csis(instance, dn, block)
    }
  }

  private csis({ csis }: PlannedInstance, outer: string, group: Block): void {
    for (const { config, block, type, attributes } of csis) {
      const dn = joinDn('safCsi', config.name, outer)
      this.checkLength(dn, block ?? group)
      this.file.object('SaAmfCSI', dn, { saAmfCSType: versionedDn('safCSType', type) })
      for (const { name, values } of attributes) {
        const contents = values.map(({ value }) => value)
        this.file.object('SaAmfCSIAttribute', joinDn('safCsiAttr', name, dn), {
          saAmfCSIAttriValue: contents,
        })
      }
    }
  }

  private checkLength(dn: string, block: Block): void {
    const octets = utf8Octets(dn)
    if (octets <= DN_OCTETS_MAX) return
    const name = entryOf(block, 'name')
    this.context.report('warning', 'name', name === undefined ? block.place : valuePosition(name), {
      code: 'value-form',
      message: `with all that is around it the name has ${octets} octets: OpenSAF needs longDnsAllowed=1`,
      expected: `shorter names: ${DN_OCTETS_MAX} octets together`,
    })
  }
}

/** The nodes of a group; null where a unit names none, for then it may live anywhere. */
function nodesOf({ units }: PlannedGroup): string[] | null {
  const nodes = units.map(({ config }) => config.node)
  return nodes.includes(null) ? null : [...new Set(nodes as string[])]
}

/** A groups.conf as the objects that OpenSAF needs for it. */
export function writeImm(
  { source, config }: Extract<Convertible, { kind: 'groups' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  const losses = new Losses('an imm.xml', context)
  const groups = planGroups(source, config)
  checkNames(source.file, 'an imm.xml', context)
  loseCommon(source.file, config, groups, losses)
  const nodes = planNodes(groups, losses)
  const types = groups.map((group) => planTypes(group, losses))
  const what =
    'the commands that start and clean up components, their times, and saAmfSgtDefAutoAdjustProb are assumed'
  if (groups.length > 0) reportAssumed('group', source.file.place, what, context)
  const xml = new XmlWriter()
  for (const line of headLines(options)) xml.comment(line)
  xml.comment('What is marked as assumed is needed by OpenSAF, and was not said.')
  const root = {
    'xmlns:imm': 'http://www.saforum.org/IMMSchema',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xsi:noNamespaceSchemaLocation': 'SAI-AIS-IMM-XSD-A.01.01.xsd',
  }
  xml.element('imm:IMM-contents', root, () => {
    const file = new ImmFile(xml)
    writeTypes(
      groups,
      types,
      nodes.map(({ name }) => nodeDn(name)),
      file,
    )
    const writer = new InstanceWriter(file, context)
    writer.nodes(nodes, groups)
    if (groups.length > 0) {
      file.comment('What is to be kept available.')
      file.object('SaAmfApplication', application, { saAmfAppType: versionedDn('safAppType', APPLICATION) })
    }
    for (const [index, group] of groups.entries()) writer.group(group, types[index])
  })
  return xml.toString()
}
