import { quoted, type CheckContext } from '../../check-context.js'
import type { Block } from '../../groups/block.js'
import { noQuorumPolicies } from '../../model/groups-config.js'
import type { Convertible, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { reportAssumed, reportLostBlock } from '../lost.js'
import { entryOf, inheritedEntry, Losses, planGroups, type PlannedComponent } from '../saf/plan.js'
import type { PlannedGroup, PlannedUnit } from '../saf/plan.js'
import { isXmlText, XmlWriter } from '../xml/write-xml.js'
import { Ids } from './ids.js'
import { isRestarted, ResourceWriter, type Role } from './write-resources.js'
import { RANK_SCORE } from './words.js'

const title = 'a CIB'

interface Location {
  readonly id: string
  readonly rsc: string
  readonly node: string
  readonly score: number | 'INFINITY'
}

/** Keys of components that all units of a clone have alike, and what they come to. */
const alike = [
  ['healthcheck-interval', 'healthcheckIntervalMs'],
  ['healthcheck-max-duration', 'healthcheckMaxDurationMs'],
  ['callback-timeout', 'callbackTimeoutMs'],
  ['recovery', 'recovery'],
  ['restart-timeout', 'restartTimeoutMs'],
] as const

class CibWriter {
  private readonly ids = new Ids()
  private readonly locations: Location[] = []
  private readonly tags: { readonly id: string; readonly units: readonly string[] }[] = []
  private readonly resources: ResourceWriter

  constructor(
    private readonly xml: XmlWriter,
    private readonly losses: Losses,
    private readonly context: CheckContext,
  ) {
    this.resources = new ResourceWriter(xml, this.ids, losses)
  }

  write(groups: readonly PlannedGroup[], noQuorum: (typeof noQuorumPolicies)[number]): void {
    this.xml.element('crm_config', {}, () => {
      const set = 'cib-bootstrap-options'
      this.xml.element('cluster_property_set', { id: this.ids.take(set) }, () => {
        this.xml.empty('nvpair', { id: `${set}-quorum`, name: 'no-quorum-policy', value: noQuorum })
        this.xml.comment('assumed: nodes are not fenced')
        this.xml.empty('nvpair', { id: `${set}-stonith`, name: 'stonith-enabled', value: 'false' })
      })
    })
    this.xml.empty('nodes')
    this.xml.element('resources', {}, () => {
      for (const group of groups) this.group(group)
    })
    this.xml.element('constraints', {}, () => {
      for (const { id, rsc, node, score } of this.locations)
        this.xml.empty('rsc_location', { id, rsc, node, score })
    })
    if (this.tags.length === 0) return
    this.xml.element('tags', {}, () => {
      for (const { id, units } of this.tags) {
        this.xml.element('tag', { id }, () => {
          for (const unit of units) this.xml.empty('obj_ref', { id: unit })
        })
      }
    })
  }

  private group(group: PlannedGroup): void {
    const { name, model, activeUnits } = group.config
    const id = this.ids.take(name)
    this.loseOfGroup(group)
    if (model !== 'noredundancy') {
      this.resources.clone(group, id, this.roles(group))
      this.placeClone(group, id)
      return
    }
    if (id !== name) this.loseName(group.block, "the name of a tag has neither blanks nor another thing's id")
    if (activeUnits !== group.units.length)
      this.losses.lose(entryOf(group.block, 'active-units'), 'all units are active there')
    const units = group.units.map(({ config, block, components }) => {
      const unit = this.resources.unit(group, config.name, components)
      if (config.rank !== 0) this.losses.lose(entryOf(block, 'rank'), 'nobody stands in for such a unit')
      if (config.node !== null) {
        const location = this.ids.take(`${unit}-on-${config.node}`)
        this.locations.push({ id: location, rsc: unit, node: config.node, score: 'INFINITY' })
      }
      return unit
    })
    this.tags.push({ id, units })
  }

  private loseName(block: Block, why: string): void {
    this.losses.lose(entryOf(block, 'name'), why)
  }

  private loseOfGroup({ config, block, units }: PlannedGroup): void {
    const lose = (key: string, why: string): void => this.losses.lose(entryOf(block, key), why)
    const components = units.flatMap((unit) => unit.components)
    if (!components.some((component) => isRestarted(component.config)))
      lose('component-restart-max', 'no component of the group is restarted')
    for (const key of [
      'unit-restart-max',
      'unit-restart-probation',
      'unit-failover-max',
      'unit-failover-probation',
    ])
      lose(key, 'failures are counted by resource alone')
    for (const key of ['max-active-instances', 'max-standby-instances'])
      lose(key, 'there are no service instances')
    if (config.model === 'noredundancy') lose('backup-units', 'in noredundancy no unit stands by')
    else if (config.activeUnits + config.backupUnits > units.length) {
      const entry = ['backup-units', 'active-units', 'name'].flatMap((key) => entryOf(block, key) ?? [])[0]
      this.losses.lose(entry, 'there are no more instances than units')
    }
    for (const inner of block.blocks) {
      if (inner.scope !== 'unit') this.loseBlock(inner)
    }
  }

  /** Protections, service instances, and all in them. */
  private loseBlock(block: Block): void {
    const what = `${block.scope} ${quoted(entryOf(block, 'name')?.value ?? '')}`
    reportLostBlock(what, block.place, title, 'a unit is promoted as a whole', this.context)
    for (const entry of block.entries) {
      if (entry.key !== 'name' && entry.key !== 'member')
        this.losses.lose(entry, 'what it belongs to has none')
    }
    for (const inner of block.blocks) this.loseBlock(inner)
  }

  /** The components of the first unit stand for those of all: what differs is lost, names apart. */
  private roles({ units }: PlannedGroup): Role[] {
    const [first, ...others] = units
    const names = first.components.map((): { node: string; name: string }[] => [])
    const seen = new Set([first.config.node])
    for (const unit of others) {
      const { node } = unit.config
      const isPlaced = node !== null && !seen.has(node)
      seen.add(node)
      if (unit.components.length !== first.components.length)
        this.loseName(unit.block, 'it has not as many components as the first unit of its group')
      for (const [index, component] of unit.components.entries()) {
        const model = first.components.at(index)
        if (model === undefined) this.loseName(component.blocks[0], 'the first unit has none at its place')
        else this.compare(component, model)
        if (model !== undefined && isPlaced) names[index].push({ node, name: component.config.name })
        if (!isPlaced)
          this.loseName(component.blocks[0], 'no node of its own tells it from that of another unit')
      }
    }
    return first.components.map((component, index) => ({ component, names: names[index] }))
  }

  private compare(component: PlannedComponent, model: PlannedComponent): void {
    for (const [key, field] of alike) {
      if (component.config[field] === model.config[field]) continue
      const entry = inheritedEntry(component.blocks, key) ?? entryOf(component.blocks[0], 'name')
      this.losses.lose(entry, `all units have the ${key} of the first one there`)
    }
    for (const key of ['model', 'max-active-csis', 'max-standby-csis'])
      this.losses.lose(entryOf(component.blocks[0], key), 'a resource is promoted or not, whatever it can be')
  }

  private placeClone({ units }: PlannedGroup, rsc: string): void {
    const seen = new Set<string>()
    for (const unit of units) {
      const { name, node, rank } = unit.config
      if (node === null || seen.has(node)) {
        this.loseUnit(unit, node === null ? 'it has no node' : 'its node has another unit of the group')
        continue
      }
      seen.add(node)
      const id = this.ids.take(name)
      if (id !== name) this.loseName(unit.block, `there it is ${quoted(id)}`)
      if (rank > RANK_SCORE) this.losses.lose(entryOf(unit.block, 'rank'), `it counts as ${RANK_SCORE} there`)
      this.locations.push({ id, rsc, node, score: Math.max(0, RANK_SCORE - rank) })
    }
  }

  private loseUnit({ block, config }: PlannedUnit, why: string): void {
    this.loseName(block, why)
    this.losses.lose(entryOf(block, 'node'), why)
    if (config.rank !== 0) this.losses.lose(entryOf(block, 'rank'), why)
  }
}

/** Characters that XML has not leave nothing that could be read. */
function checkCharacters(block: Block, context: CheckContext): void {
  for (const entry of block.entries) {
    if (isXmlText(entry.value)) continue
    const message = `${title} cannot hold the ${entry.key} ${quoted(entry.value)}`
    context.error(entry, { code: 'not-convertible', message, expected: 'characters that XML has' })
  }
  for (const inner of block.blocks) checkCharacters(inner, context)
}

/** A groups.conf as resources of pacemaker, as far as they can say it. */
export function writeCib(
  { source, config }: Extract<Convertible, { kind: 'groups' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  const losses = new Losses(title, context)
  const groups = planGroups(source, config)
  checkCharacters(source.file, context)
  losses.lose(entryOf(source.file, 'lease'), 'there are no leases')
  losses.lose(entryOf(source.file, 'takeover-delay'), 'others take over at once')
  const message = 'stonith-enabled=false is assumed: a groups.conf says nothing about fencing'
  reportAssumed('stonith-enabled', source.file.place, message, context)
  const xml = new XmlWriter()
  for (const line of headLines(options)) xml.comment(line)
  xml.comment(
    'ocf:ais:component stands for an agent that starts the component; what it is given is its name.',
  )
  const root = { 'validate-with': 'pacemaker-3.7', admin_epoch: 0, epoch: 1, num_updates: 0 }
  xml.element('cib', root, () => {
    xml.element('configuration', {}, () => new CibWriter(xml, losses, context).write(groups, config.noQuorum))
    xml.empty('status')
  })
  return xml.toString()
}
