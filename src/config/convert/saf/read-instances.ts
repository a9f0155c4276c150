import { newBlock, type Block } from '../../groups/block.js'
import { trimmed } from '../../groups/blanks.js'
import type { SafProtection } from './protections.js'
import { put, putRank, ranksOf, type Reading } from './read-units.js'
import { childrenOf, type SafObject } from './tree.js'

function readAttribute(block: Block, attribute: SafObject, { attributes }: Reading): void {
  const { name } = attribute
  const values = attributes.take(attribute, 'value')
  if (name.value.includes(':')) {
    attributes.lose(name, 'the name of an attribute has no colon')
    return
  }
  if (values.length === 0) block.entries.push({ ...name, key: 'attribute', value: `${name.value}:` })
  for (const entry of values) {
    if (trimmed(entry.value) !== entry.value) attributes.lose(entry, 'a value has no blanks at its ends')
    block.entries.push({ ...entry, key: 'attribute', value: `${name.value}:${entry.value}` })
  }
}

function readCsi(csi: SafObject, protections: ReadonlyMap<string, SafProtection>, reading: Reading): Block {
  const block = newBlock('csi', csi.place)
  const name = reading.names.of(csi)
  block.entries.push({ ...csi.name, key: 'name', value: name })
  const [type] = reading.attributes.take(csi, 'saAmfCSTypeName')
  const protection = protections.get(type?.value ?? '')
  if (protection !== undefined && protection.name !== name)
    block.entries.push({ ...type, key: 'protection', value: protection.name })
  for (const attribute of childrenOf(csi, 'safCSIAttr')) readAttribute(block, attribute, reading)
  return block
}

function readInstance(
  instance: SafObject,
  ranks: ReadonlyMap<SafObject, string>,
  protections: ReadonlyMap<string, SafProtection>,
  reading: Reading,
): Block {
  const block = newBlock('service-instance', instance.place)
  block.entries.push({ ...instance.name, key: 'name', value: reading.names.of(instance) })
  put(block, 'standby-assignments', instance, 'saAmfSIPrefStandbyAssignments', reading)
  putRank(block, instance, 'saAmfSIRank', ranks, reading)
  for (const csi of childrenOf(instance, 'safCsi')) block.blocks.push(readCsi(csi, protections, reading))
  return block
}

/** The service instances of a group; none for a classic one, which implies them. */
export function readInstances(
  group: Block,
  instances: readonly SafObject[],
  protections: readonly SafProtection[],
  isClassic: boolean,
  reading: Reading,
): void {
  const { attributes } = reading
  const byType = new Map(protections.map((protection) => [protection.type, protection]))
  const ranks = ranksOf(instances, 'saAmfSIRank', reading)
  for (const instance of instances) {
    const isCount = (value: string): boolean => value === String(childrenOf(instance, 'safCsi').length)
    attributes.expect(instance, 'saAmfSINumCSIs', isCount, 'the csis that are there count')
    const why = 'a service instance has one active unit'
    attributes.expect(instance, 'saAmfSIPrefActiveAssignments', (value) => value === '1', why)
    const locked = 'nothing is locked at the start'
    attributes.expect(instance, 'saAmfSIAdminState', (value) => value === '1', locked)
    const block = readInstance(instance, ranks, byType, reading)
    if (!isClassic) group.blocks.push(block)
  }
}
