import { limits } from '../../../base/index.js'
import { quoted, valuePosition, type CheckContext } from '../../check-context.js'
import { newBlock, type Block, type GroupsSource } from '../../groups/block.js'
import { noQuorumPolicies } from '../../model/groups-config.js'
import type { Entry } from '../../parse.js'
import { reportAssumed } from '../lost.js'
import { parseXml, type XmlElement } from '../xml/parse-xml.js'
import { Elements, takeFrom } from './elements.js'
import { readPrimitive, timed, type Resource } from './read-primitive.js'
import { INFINITY_SCORE, MODEL_META, NAME_META, RANK_SCORE } from './words.js'

/** Resources that are read: each is a unit at least. */
const RESOURCES_MAX = limits.amfUnits

/** Units that are made up for a clone that says how many there are, and not where. */
const UNITS_MAX = 64

interface Location {
  readonly id: Entry
  readonly node: Entry
  readonly score: number
}

/** A unit as it is put together. */
interface Unit {
  readonly name: Entry
  readonly node: Entry | null
  readonly rank: number
}

class CibReader {
  private readonly elements: Elements
  private readonly file = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  private readonly locations = new Map<string, Location[]>()
  /** Groups of units that nobody backs, by the id of a unit. */
  private readonly tagOf = new Map<string, Entry>()
  private readonly tags: XmlElement[] = []
  private readonly alone = new Map<string, Block>()

  constructor(private readonly context: CheckContext) {
    this.elements = new Elements(context)
  }

  read(root: XmlElement): GroupsSource | null {
    const configuration = root.children.find(({ tag }) => tag === 'configuration')
    if (root.tag !== 'cib' || configuration === undefined) {
      const message = `${quoted(`<${root.tag}>`)} is not a CIB with a configuration`
      this.context.report('error', null, root.place, { code: 'format-mismatch', message, expected: '<cib>' })
      return null
    }
    const sections = (tag: string): XmlElement[] =>
      configuration.children.filter((one) => one.tag === tag).flatMap(({ children }) => children)
    for (const constraint of sections('constraints')) this.constraint(constraint)
    for (const tag of sections('tags')) this.tag(tag)
    for (const set of sections('crm_config')) this.options(set)
    const resources = sections('resources')
    if (resources.length > RESOURCES_MAX) {
      const { place } = resources[RESOURCES_MAX]
      const message = `the CIB has ${resources.length} resources`
      const expected = `at most ${RESOURCES_MAX}`
      this.context.report('error', null, place, { code: 'limit-exceeded', message, expected })
    }
    for (const resource of resources.slice(0, RESOURCES_MAX)) this.resource(resource)
    for (const node of sections('nodes')) this.elements.loseElement(node, 'nodes are those that join')
    const known = ['constraints', 'tags', 'crm_config', 'resources', 'nodes']
    for (const section of configuration.children) {
      if (!known.includes(section.tag) && section.children.length > 0) this.elements.loseElement(section)
    }
    this.loseUnused()
    return { file: this.file, misplaced: [] }
  }

  private options(set: XmlElement): void {
    if (set.tag !== 'cluster_property_set') {
      this.elements.loseElement(set)
      return
    }
    const pairs = this.elements.pairs(set)
    const policy = takeFrom(pairs, 'no-quorum-policy')
    if (policy !== undefined && (noQuorumPolicies as readonly string[]).includes(policy.value))
      this.file.entries.push({ ...policy, key: 'no-quorum' })
    else if (policy !== undefined) this.elements.lose(policy, `there are ${noQuorumPolicies.join(', ')}`)
    for (const name of ['stonith-enabled', 'fencing-enabled']) {
      if (pairs.get(name)?.value === 'false') pairs.delete(name)
    }
    for (const entry of pairs.values()) this.elements.lose(entry)
  }

  private constraint(element: XmlElement): void {
    const get = (name: string): Entry | undefined => element.attributes.get(name)
    const [id, rsc, node, score] = ['id', 'rsc', 'node', 'score'].map(get)
    const value =
      score?.value === 'INFINITY' || score?.value === '+INFINITY' ? INFINITY_SCORE : Number(score?.value)
    const isPlain = element.tag === 'rsc_location' && id !== undefined && node !== undefined
    if (!isPlain || rsc === undefined || !Number.isSafeInteger(value) || value < 0) {
      this.elements.loseElement(element, 'units depend on nothing but the nodes they live on')
      return
    }
    this.elements.loseOthers(element, ['rsc', 'node', 'score'])
    const known = this.locations.get(rsc.value)
    const location = { id, node, score: value }
    if (known === undefined) this.locations.set(rsc.value, [location])
    else known.push(location)
  }

  private tag(element: XmlElement): void {
    this.tags.push(element)
    const id = element.attributes.get('id')
    for (const { attributes } of element.children) {
      const unit = attributes.get('id')?.value
      if (id !== undefined && unit !== undefined && !this.tagOf.has(unit)) this.tagOf.set(unit, id)
    }
  }

  private resource(element: XmlElement): void {
    const isFencing = element.attributes.get('class')?.value === 'stonith'
    if (isFencing) this.elements.loseElement(element, 'no node is fenced: see lease')
    else if (element.tag === 'clone' || element.tag === 'master') this.clone(element)
    else if (element.tag === 'group' || element.tag === 'primitive') this.unitAlone(element)
    else this.elements.loseElement(element)
  }

  /** The primitives of a group, or the one that stands for it. */
  private members(element: XmlElement): Resource[] {
    if (element.tag === 'primitive') return [readPrimitive(element, this.elements)]
    for (const child of element.children) {
      if (child.tag !== 'primitive' && child.tag !== 'meta_attributes') this.elements.loseElement(child)
    }
    const primitives = element.children.filter(({ tag }) => tag === 'primitive')
    return primitives.map((child) => readPrimitive(child, this.elements))
  }

  private clone(element: XmlElement): void {
    const id = element.attributes.get('id') ?? { ...element.text, key: 'id', value: '' }
    const meta = this.elements.pairsWithin(element, 'meta_attributes')
    const block = newBlock('group', element.place)
    const name = takeFrom(meta, NAME_META) ?? id
    block.entries.push({ ...name, key: 'name' })
    this.elements.loseOthers(element, [])
    const promotable = takeFrom(meta, 'promotable')
    const isPromotable = element.tag === 'master' || promotable?.value === 'true'
    const active = takeFrom(meta, 'promoted-max', 'master-max')
    const all = takeFrom(meta, 'clone-max')
    for (const one of ['promoted-node-max', 'master-node-max', 'clone-node-max']) {
      if (meta.get(one)?.value === '1') meta.delete(one)
    }
    const model = takeFrom(meta, MODEL_META)
    for (const entry of meta.values()) this.elements.lose(entry)
    const activeUnits = Number(active?.value ?? 1)
    const backupUnits = Math.max(0, Number(all?.value ?? activeUnits + 1) - activeUnits)
    const is2n = activeUnits === 1 && backupUnits === 1
    const guess = is2n ? '2n' : 'nplusm'
    if (model !== undefined && isPromotable) block.entries.push({ ...model, key: 'model' })
    else
      block.entries.push({ ...(promotable ?? id), key: 'model', value: isPromotable ? guess : 'nwayactive' })
    block.entries.push({ ...(active ?? id), key: 'active-units', value: active?.value ?? '1' })
    block.entries.push({ ...(all ?? id), key: 'backup-units', value: String(backupUnits) })
    this.file.blocks.push(block)
    const inner = element.children.filter(({ tag }) => tag === 'group' || tag === 'primitive')
    for (const child of element.children) {
      if (!inner.includes(child) && child.tag !== 'meta_attributes') this.elements.loseElement(child)
    }
    for (const other of inner.slice(1)) this.elements.loseElement(other, 'a clone is of one resource')
    const resources = inner.length === 0 ? [] : this.members(inner[0])
    if (inner.at(0)?.tag === 'group') {
      this.elements.loseOthers(inner[0], [])
      for (const entry of this.elements.pairsWithin(inner[0], 'meta_attributes').values())
        this.elements.lose(entry)
    }
    this.fill(block, resources, this.unitsOf(id, Number(all?.value ?? activeUnits + backupUnits)))
  }

  private unitsOf(id: Entry, count: number): Unit[] {
    const own = this.locations.get(id.value) ?? []
    this.locations.delete(id.value)
    const best = own.reduce((highest, { score }) => Math.max(highest, score), 0)
    const isPlain = own.every(({ score }) => score === best)
    const top = best <= RANK_SCORE ? RANK_SCORE : best
    const units: Unit[] = own.map((location) => ({
      name: location.id,
      node: location.node,
      rank: isPlain ? 0 : top - location.score,
    }))
    if (units.length >= count || !(count <= UNITS_MAX)) return units
    const missing = count - units.length
    const message = `${missing} of the ${count} units of this clone have no location: names are made up`
    reportAssumed('unit', valuePosition(id), message, this.context)
    while (units.length < count)
      units.push({ name: { ...id, value: `${id.value}-${units.length + 1}` }, node: null, rank: 0 })
    return units
  }

  /** The counts of failures, which are a group's here: those of the first resource that is restarted. */
  private failures(block: Block, resources: readonly Resource[]): void {
    const first = resources.find(({ isRestarted }) => isRestarted)
    if (first !== undefined && first.threshold !== null) {
      const restarts = Number(first.threshold.value) - 1
      if (first.threshold.value === 'INFINITY') this.elements.lose(first.threshold, 'restarts are counted')
      else block.entries.push({ ...first.threshold, key: 'component-restart-max', value: String(restarts) })
    }
    const timeout = (first ?? resources.at(0))?.failureTimeout ?? null
    if (timeout !== null) block.entries.push(timed(timeout, 'component-restart-probation'))
    for (const { threshold, failureTimeout, isRestarted } of resources) {
      const isSame = isRestarted ? threshold?.value === first?.threshold?.value : threshold?.value === '1'
      if (threshold !== null && !isSame)
        this.elements.lose(threshold, 'the number is that of the group, or the component is not restarted')
      if (failureTimeout !== null && failureTimeout.value !== timeout?.value)
        this.elements.lose(failureTimeout, 'the time is that of the group')
    }
  }

  /** Units of the same resources, and a protection for each of these. */
  private fill(block: Block, resources: readonly Resource[], units: readonly Unit[]): void {
    this.failures(block, resources)
    if (units.length * resources.length > limits.amfComponents) {
      const message = `the clone comes to ${units.length * resources.length} components`
      const expected = `at most ${limits.amfComponents}`
      this.context.report('error', null, block.place, { code: 'limit-exceeded', message, expected })
      return
    }
    const members = resources.map((): Entry[] => [])
    for (const [index, unit] of units.entries()) {
      const names = resources.map((resource) => this.nameOf(resource, unit, index))
      block.blocks.push(this.unit(block, unit, resources, names))
      for (const [place, name] of names.entries()) members[place].push({ ...name, key: 'member' })
    }
    for (const [place, resource] of resources.entries()) this.protect(block, resource, members[place])
  }

  private unit(group: Block, unit: Unit, resources: readonly Resource[], names: readonly Entry[]): Block {
    const block = newBlock('unit', group.place)
    block.entries.push({ ...unit.name, key: 'name' })
    if (unit.node !== null) block.entries.push({ ...unit.node, key: 'node' })
    const at = unit.node ?? unit.name
    if (unit.rank !== 0) block.entries.push({ ...at, key: 'rank', value: String(unit.rank) })
    for (const [place, resource] of resources.entries()) {
      const component = newBlock('component', resource.element.place)
      component.entries.push({ ...names[place], key: 'name' }, ...resource.entries)
      if (!resource.entries.some(({ key }) => key === 'healthcheck-interval'))
        component.entries.push({ ...resource.id, key: 'healthcheck-interval', value: '0' })
      block.blocks.push(component)
    }
    return block
  }

  private protect(block: Block, { id, name, element }: Resource, members: readonly Entry[]): void {
    const protection = newBlock('protection', element.place)
    protection.entries.push({ ...name, key: 'name' }, ...members)
    block.blocks.push(protection)
    const message = `a protection of the name ${quoted(name.value)} stands for what is assigned to it`
    reportAssumed('protection', valuePosition(id), message, this.context)
  }

  private nameOf({ name, nameOnNode, id }: Resource, { node }: Unit, index: number): Entry {
    const own = node === null ? undefined : nameOnNode.get(node.value)
    if (own !== undefined || index === 0) return own ?? name
    const value = `${name.value}-${index + 1}`
    const message = `its name in unit ${index + 1} is made up: ${quoted(value)}`
    reportAssumed('component', valuePosition(id), message, this.context)
    return { ...name, value }
  }

  /** A group or primitive that is no clone: a unit that nobody backs, of the group of its tag. */
  private unitAlone(element: XmlElement): void {
    const id = element.attributes.get('id') ?? { ...element.text, key: 'id', value: '' }
    const meta =
      element.tag === 'group'
        ? this.elements.pairsWithin(element, 'meta_attributes')
        : new Map<string, Entry>()
    const name = takeFrom(meta, NAME_META) ?? id
    for (const entry of meta.values()) this.elements.lose(entry)
    if (element.tag === 'group') this.elements.loseOthers(element, [])
    const own = this.locations.get(id.value) ?? []
    this.locations.delete(id.value)
    const [home] = own.filter(({ score }) => score === INFINITY_SCORE)
    for (const { node } of own) {
      if (node !== home?.node) this.elements.lose(node, 'a unit that nobody backs lives on one node')
    }
    if (home === undefined)
      this.elements.loseElement(element, 'it moves between nodes; a unit that nobody backs lives on one')
    const unit = { name, node: home?.node ?? null, rank: 0 }
    const resources = this.members(element)
    const tag = this.tagOf.get(id.value)
    const known = tag === undefined ? undefined : this.alone.get(tag.value)
    if (known !== undefined) {
      this.join(known, resources, unit)
      return
    }
    const block = newBlock('group', element.place)
    block.entries.push({ ...(tag ?? name), key: 'name' }, { ...id, key: 'model', value: 'noredundancy' })
    this.file.blocks.push(block)
    if (tag !== undefined) this.alone.set(tag.value, block)
    this.fill(block, resources, [unit])
  }

  /** One more unit of a group: it carries the protections that are there. */
  private join(block: Block, resources: readonly Resource[], unit: Unit): void {
    const names = resources.map(({ name }) => name)
    const protections = block.blocks.filter(({ scope }) => scope === 'protection')
    for (const [place, resource] of resources.entries()) {
      const member = { ...resource.name, key: 'member' }
      if (place < protections.length) protections[place].entries.push(member)
      else this.protect(block, resource, [member])
      this.loseOtherFailures(block, resource)
    }
    block.blocks.push(this.unit(block, unit, resources, names))
  }

  /** A group has its numbers from its first unit. */
  private loseOtherFailures(block: Block, { isRestarted, threshold, failureTimeout }: Resource): void {
    const said = (key: string): string | undefined => block.entries.find((entry) => entry.key === key)?.value
    const restarts = String(Number(threshold?.value) - 1)
    if (threshold !== null && isRestarted && said('component-restart-max') !== restarts)
      this.elements.lose(threshold, 'the number is that of the first unit')
    const probation = failureTimeout === null ? undefined : timed(failureTimeout, 'probation').value
    if (failureTimeout !== null && said('component-restart-probation') !== probation)
      this.elements.lose(failureTimeout, 'the time is that of the first unit')
  }

  /** Locations of resources that are not there, or cannot be moved, and tags of others. */
  private loseUnused(): void {
    for (const locations of this.locations.values()) {
      for (const { node } of locations)
        this.elements.lose(node, 'the resource is not among those that are read')
    }
    for (const tag of this.tags) {
      if (!this.alone.has(tag.attributes.get('id')?.value ?? ''))
        this.elements.loseElement(tag, 'it names no groups or primitives that stand alone')
    }
  }
}

/** The groups of a CIB. @returns null after an error was reported */
export function readCib(text: string, context: CheckContext): GroupsSource | null {
  const root = parseXml(text, context)
  return root === null ? null : new CibReader(context).read(root)
}
