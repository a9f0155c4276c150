import { valuePosition, type CheckContext } from '../../check-context.js'
import { newBlock, type Block, type GroupsSource } from '../../groups/block.js'
import { reportAssumed } from '../lost.js'
import { Attributes } from './attributes.js'
import { isClassicGroup } from './classic-group.js'
import { Names } from './names.js'
import { readInstances } from './read-instances.js'
import { put, readUnits, type Reading } from './read-units.js'
import { protectionsOf } from './protections.js'
import { childrenOf, type SafObject } from './tree.js'
import { APPLICATION, UNBOUNDED, ownClusters } from './words.js'

const sgTimes = [
  ['component-restart-max', 'saAmfSGCompRestartMax'],
  ['component-restart-probation', 'saAmfSGCompRestartProb'],
  ['unit-restart-max', 'saAmfSGSuRestartMax'],
  ['unit-restart-probation', 'saAmfSGSuRestartProb'],
] as const

/** Bounds of the service group that need no key, or have none. */
function readBounds(sg: SafObject, units: number, { attributes }: Reading): void {
  const isEnough = (value: string): boolean => Number(value) >= units
  const why = 'all units of a group are in service'
  attributes.expect(sg, 'saAmfSGNumPrefInserviceSUs', isEnough, why)
  attributes.expect(sg, 'saAmfSGNumPrefAssignedSUs', isEnough, why)
  const repaired = 'a unit whose components register again is repaired'
  attributes.expect(sg, 'saAmfSGAutoRepair', (value) => value === '1', repaired)
  const adjusted = 'assignments stay where they are while they are well'
  attributes.expect(sg, 'saAmfSGAutoAdjust', (value) => value === '0', adjusted)
  attributes.expect(sg, 'saAmfSGAdminState', (value) => value === '1', 'nothing is locked at the start')
}

function readInstanceBounds(block: Block, sg: SafObject, isClassic: boolean, reading: Reading): void {
  const { attributes } = reading
  const model = attributes.value(sg, 'saAmfSGRedundancyModel')
  const active = isClassic || model === 'noredundancy' ? ['1', String(UNBOUNDED)] : [String(UNBOUNDED)]
  for (const [key, attribute, silent] of [
    ['max-active-instances', 'saAmfSGMaxActiveSIsperSUs', active],
    ['max-standby-instances', 'saAmfSGMaxStandbySIsperSUs', [String(UNBOUNDED)]],
  ] as const) {
    if (silent.includes(attributes.value(sg, attribute) ?? '')) attributes.take(sg, attribute)
    else put(block, key, sg, attribute, reading)
  }
}

/** Failovers count for a node there, and for a group here: where all nodes of the group say the same. */
function readFailovers(block: Block, units: readonly SafObject[], reading: Reading): void {
  const { attributes } = reading
  const hosts = new Set(units.flatMap((unit) => reading.hosts.get(unit) ?? []))
  const [first] = hosts
  if (first === undefined) return
  const isSame = (attribute: string): boolean =>
    [...hosts].every((host) => attributes.value(host, attribute) === attributes.value(first, attribute))
  const [max, probation] = ['saAmfNodeSuFailoverMax', 'saAmfNodeSuFailOverProb']
  if (!isSame(max) || !isSame(probation)) {
    const why = 'the nodes of a group differ in it'
    for (const host of hosts) {
      for (const entry of [...attributes.take(host, max), ...attributes.take(host, probation)])
        attributes.lose(entry, why)
    }
    return
  }
  const isNever = attributes.value(first, max) === String(UNBOUNDED)
  for (const host of hosts) {
    attributes.take(host, max)
    attributes.take(host, probation)
  }
  if (isNever || first.attributes.get(max) === undefined) return
  put(block, 'unit-failover-max', first, max, reading)
  put(block, 'unit-failover-probation', first, probation, reading)
}

function readGroup(sg: SafObject, reading: Reading): Block {
  const { names } = reading
  const block = newBlock('group', sg.place)
  block.entries.push({ ...sg.name, key: 'name', value: names.of(sg) })
  put(block, 'model', sg, 'saAmfSGRedundancyModel', reading)
  put(block, 'active-units', sg, 'saAmfSGNumPrefActiveSUs', reading)
  put(block, 'backup-units', sg, 'saAmfSGNumPrefStandbySUs', reading)
  const units = childrenOf(sg, 'safSu')
  const instances = reading.instancesOf.get(sg) ?? []
  const protections = protectionsOf(sg, instances, reading)
  const isClassic = isClassicGroup(sg, instances, protections, reading)
  readInstanceBounds(block, sg, isClassic, reading)
  readBounds(sg, units.length, reading)
  for (const [key, attribute] of sgTimes) put(block, key, sg, attribute, reading)
  readFailovers(block, units, reading)
  readUnits(block, units, isClassic, reading)
  for (const protection of protections) {
    const inner = newBlock('protection', protection.place)
    inner.entries.push({ ...protection.entry, key: 'name', value: protection.name })
    for (const { entry, name } of protection.members)
      inner.entries.push({ ...entry, key: 'member', value: name })
    block.blocks.push(inner)
  }
  readInstances(block, instances, protections, isClassic, reading)
  if (instances.length === 0) {
    const message = 'no service instance is protected by this group: those of a classic group are implied'
    reportAssumed('service-instance', valuePosition(sg.name), message, reading.context)
  }
  return block
}

/** Service instances by the group that protects them. */
function protectedBy(
  applications: readonly SafObject[],
  attributes: Attributes,
): Map<SafObject, SafObject[]> {
  const found = new Map<SafObject, SafObject[]>()
  for (const application of applications) {
    const groups = childrenOf(application, 'safSg')
    const byName = new Map(groups.map((group) => [group.name.value, group]))
    for (const instance of childrenOf(application, 'safSi')) {
      const wanted = attributes.take(instance, 'saAmfSIProtectedbySG').at(0)?.value
      const isPlain = wanted === undefined && groups.length === 1
      const group = isPlain ? groups[0] : byName.get(wanted ?? '')
      const others = group === undefined ? undefined : found.get(group)
      if (group === undefined) attributes.loseObject(instance, 'no service group of its application has it')
      else if (others === undefined) found.set(group, [instance])
      else others.push(instance)
    }
  }
  return found
}

function typeOrderOf(objects: readonly SafObject[]): Map<string, number> {
  const order = new Map<string, number>()
  for (const { kind, name } of objects)
    if (kind === 'safCSType' && !order.has(name.value)) order.set(name.value, order.size)
  return order
}

/** What a node is expected to be: as the executive has them all. */
function readNode(node: SafObject, { attributes }: Reading): void {
  const isNo = (value: string): boolean => value === '0' || value === 'false'
  const why = 'nodes are neither locked nor restarted by the executive'
  for (const attribute of [
    'saAmfNodeFailfastOnTerminationFailure',
    'saAmfNodeFailfastOnInstantiationFailure',
    'saAmfNodeRebootOnTerminationFailure',
    'saAmfNodeRebootOnInstantiationFailure',
  ]) {
    attributes.expect(node, attribute, isNo, why)
  }
  attributes.expect(node, 'saAmfNodeAutoRepair', (value) => !isNo(value), 'what registers again is repaired')
  attributes.expect(node, 'saAmfNodeAdminState', (value) => value === '1', why)
}

function csisOf(
  instancesOf: ReadonlyMap<SafObject, readonly SafObject[]>,
  names: Names,
  attributes: Attributes,
): Reading['csis'] {
  const found = new Map<string, { group: SafObject; type: string | undefined }>()
  for (const [group, instances] of instancesOf) {
    for (const csi of instances.flatMap((instance) => childrenOf(instance, 'safCsi')))
      found.set(names.of(csi), { group, type: attributes.value(csi, 'saAmfCSTypeName') })
  }
  return found
}

/** The node of each unit, as far as it is an object of the file. */
function hostsOf(
  applications: readonly SafObject[],
  nodes: readonly SafObject[],
  attributes: Attributes,
): Map<SafObject, SafObject> {
  const byName = new Map(nodes.map((node) => [node.name.value, node]))
  const units = applications
    .flatMap((application) => childrenOf(application, 'safSg'))
    .flatMap((group) => childrenOf(group, 'safSu'))
  return new Map(
    units.flatMap((unit) => {
      const host = byName.get(attributes.value(unit, 'saAmfSUHostedByNode') ?? '')
      return host === undefined ? [] : [[unit, host] as const]
    }),
  )
}

/**
 * The groups.conf that objects of the standard's information model come to; what has no counterpart is
 * reported at its place.
 */
export function readTree(objects: readonly SafObject[], context: CheckContext): GroupsSource {
  const attributes = new Attributes('groups.conf', context)
  const file = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  const clusters = objects.filter(({ kind }) => kind === 'safAmfCluster')
  const top = [...objects, ...clusters.flatMap(({ children }) => children)]
  const nodes = top.filter(({ kind }) => kind === 'safAmfNode')
  const applications = top.filter(({ kind }) => kind === 'safApp')
  const names = new Names(applications, context)
  const instancesOf = protectedBy(applications, attributes)
  const reading: Reading = {
    context,
    attributes,
    names,
    instancesOf,
    csis: csisOf(instancesOf, names, attributes),
    hosts: hostsOf(applications, nodes, attributes),
    typeOrder: typeOrderOf([...top, ...applications.flatMap(({ children }) => children)]),
    protectionNames: new Set(),
  }
  for (const cluster of clusters) {
    if (!ownClusters.includes(cluster.name.value))
      attributes.lose(cluster.name, 'the cluster has its name in network.conf')
  }
  for (const application of applications) {
    if (application.name.value !== APPLICATION)
      attributes.loseObject(application, 'its groups stand by themselves')
    for (const sg of childrenOf(application, 'safSg')) file.blocks.push(readGroup(sg, reading))
  }
  const used = new Set(reading.hosts.values())
  for (const node of nodes) {
    readNode(node, reading)
    if (!used.has(node)) attributes.loseObject(node, 'no unit lives on it')
  }
  for (const object of objects) attributes.loseRest(object)
  return { file, misplaced: [] }
}
