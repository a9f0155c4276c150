import { quoted, valuePosition, type CheckContext } from '../../check-context.js'
import type { Block } from '../../groups/block.js'
import { utf8Octets } from '../../model/groups-text.js'
import type { Convertible, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { reportAssumed } from '../lost.js'
import { loseCommon } from '../saf/losses.js'
import { planNodes, standardRanks, type PlannedNode } from '../saf/nodes.js'
import {
  entryOf,
  Losses,
  planGroups,
  type PlannedComponent,
  type PlannedCsi,
  type PlannedGroup,
  type PlannedUnit,
} from '../saf/plan.js'
import { ShortNames } from '../saf/short-names.js'
import { APPLICATION, UNBOUNDED, capabilityWords, recoveryWords } from '../saf/words.js'

/** Octets of a line that openais reads. */
const LINE_OCTETS_MAX = 253

/** What a name, or a value on a line of its own, cannot hold: its end, a block, an attribute. */
const unsayable = /[{}]|^#|(?:^|[ \t=])(?:sa[fA]\w*|clccli_path)[ \t]*=/

const unbounded = (value: number | null): number => value ?? UNBOUNDED

class AmfWriter {
  readonly lines: string[] = []
  private depth = 0
  /** Blocks whose names are reported. */
  private readonly refused = new Set<Block>()

  constructor(
    private readonly losses: Losses,
    private readonly names: ShortNames,
    private readonly context: CheckContext,
  ) {}

  /** openais takes a # for a comment in the first column alone. */
  comment(text: string): void {
    this.lines.push(`# ${text}`)
  }

  attribute(name: string, value: string | number): void {
    this.lines.push(`${'  '.repeat(this.depth)}${name}=${value}`)
  }

  assumed(name: string, value: string | number): void {
    this.comment('assumed')
    this.attribute(name, value)
  }

  /** @param source where its name stands */
  block(kind: string, name: string | null, source: Block | null, write: () => void): void {
    const line = `${'  '.repeat(this.depth)}${kind}${name === null ? '' : ` = ${name}`} {`
    if (source !== null && name !== null) this.checkName(name, line, source)
    this.lines.push(line)
    this.depth++
    write()
    this.depth--
    this.lines.push(`${'  '.repeat(this.depth)}}`)
  }

  /** A line that is a value as a whole. */
  value(value: string): void {
    this.lines.push('  '.repeat(this.depth) + value)
  }

  /** @param beside octets of what else is on the line */
  isSayable(value: string, beside = 0): boolean {
    return !unsayable.test(value) && utf8Octets(value) + 2 * this.depth + beside <= LINE_OCTETS_MAX
  }

  /** A name that cannot be written leaves nothing that would work. */
  private checkName(name: string, line: string, source: Block): void {
    if (!unsayable.test(name) && utf8Octets(line) <= LINE_OCTETS_MAX) return
    if (this.refused.has(source)) return
    this.refused.add(source)
    const entry = entryOf(source, 'name')
    this.context.report('error', 'name', entry === undefined ? source.place : valuePosition(entry), {
      code: 'not-convertible',
      message: `an amf.conf cannot hold the name ${quoted(name)}`,
      expected: `a name without braces and attributes, on a line of ${LINE_OCTETS_MAX} octets`,
    })
  }

  node({ name, failoverMax, failoverProbationMs }: PlannedNode): void {
    this.block('safAmfNode', name, null, () => {
      this.attribute('saAmfNodeSuFailOverProb', failoverProbationMs)
      this.attribute('saAmfNodeSuFailoverMax', failoverMax)
      this.attribute('saAmfNodeClmNode', name)
    })
  }

  group(group: PlannedGroup): void {
    const { config, block, units } = group
    this.block('safSg', this.names.of('safSg', config.name), block, () => {
      this.attribute('saAmfSGRedundancyModel', config.model)
      this.attribute('saAmfSGNumPrefActiveSUs', config.activeUnits)
      if (config.model !== 'noredundancy') this.attribute('saAmfSGNumPrefStandbySUs', config.backupUnits)
      this.attribute('saAmfSGMaxActiveSIsperSUs', unbounded(config.maxActiveInstances))
      this.attribute('saAmfSGMaxStandbySIsperSUs', unbounded(config.maxStandbyInstances))
      this.attribute('saAmfSGCompRestartProb', config.componentRestartProbationMs)
      this.attribute('saAmfSGCompRestartMax', config.componentRestartMax)
      this.attribute('saAmfSGSuRestartProb', config.unitRestartProbationMs)
      this.attribute('saAmfSGSuRestartMax', config.unitRestartMax)
      this.assumed('saAmfSGAutoAdjustProb', 5000)
      for (const unit of units) this.unit(unit)
    })
  }

  private unit({ config, block, components }: PlannedUnit): void {
    const { name, node, rank } = config
    if (node === null) {
      const entry = entryOf(block, 'name')!
      this.context.error(entry, {
        code: 'key-missing',
        message: `unit ${quoted(name)} names no node, and an amf.conf needs one`,
        expected: `a line node=NODE in it, or --unit-node ${name}=NODE`,
      })
    }
    if (rank !== 0) this.losses.lose(entryOf(block, 'rank'), 'units count in the order of the file')
    this.block('safSu', this.names.of('safSu', name), block, () => {
      if (node !== null) this.attribute('saAmfSUHostedByNode', node)
      this.attribute('saAmfSUNumComponents', components.length)
      this.attribute('saAmfSUFailover', 1)
      for (const component of components) this.component(component)
    })
  }

  private component({ config, blocks, types }: PlannedComponent): void {
    this.block('safComp', this.names.of('safComp', config.name), blocks[0], () => {
      this.attribute('saAmfCompCategory', 'sa_aware')
      this.attribute('saAmfCompCapability', capabilityWords[config.capability])
      // openais takes 0 for a number that is missing.
      this.attribute('saAmfCompNumMaxActiveCsi', Math.max(1, unbounded(config.maxActiveCsis)))
      this.attribute('saAmfCompNumMaxStandbyCsi', Math.max(1, unbounded(config.maxStandbyCsis)))
      this.assumed('saAmfCompDefaultClcCliTimeout', 5000)
      this.attribute('saAmfCompDefaultCallbackTimeOut', config.callbackTimeoutMs)
      if (config.restartTimeoutMs === null) this.attribute('saAmfCompDisableRestart', 'true')
      else this.attribute('saAmfCompInstantiateTimeout', config.restartTimeoutMs)
      this.attribute('saAmfCompRecoveryOnError', recoveryWords[config.recovery] ?? 'component_restart')
      if (types.length > 0) {
        this.block('saAmfCompCsTypes', null, null, () => {
          for (const type of types) this.value(type)
        })
      }
      if (config.healthcheckIntervalMs === null) return
      this.block('safHealthcheckKey', 'default', null, () => {
        this.attribute('saAmfHealthcheckPeriod', config.healthcheckIntervalMs!)
        this.attribute('saAmfHealthcheckMaxDuration', config.healthcheckMaxDurationMs)
      })
    })
  }

  instances({ config, block, instances }: PlannedGroup): void {
    const ranks = standardRanks(instances.map(({ config: { rank } }) => rank))
    const usual = Math.min(1, config.backupUnits)
    for (const [index, instance] of instances.entries()) {
      const { name, standbyAssignments } = instance.config
      if (standbyAssignments !== usual) {
        const why = 'openais does not read saAmfSIPrefStandbyAssignments'
        if (instance.block === null)
          this.losses.lose(entryOf(block, 'backup-units'), `${why}; one unit stands by`)
        else this.losses.lose(entryOf(instance.block, 'standby-assignments'), why)
      }
      this.block('safSi', this.names.of('safSi', name), instance.block ?? block, () => {
        this.attribute('saAmfSIProtectedbySG', this.names.of('safSg', config.name))
        this.attribute('saAmfSINumCSIs', instance.csis.length)
        if (ranks[index] !== null) this.attribute('saAmfSIRank', ranks[index])
        for (const csi of instance.csis) this.csi(csi, block)
      })
    }
  }

  private csi({ config, block, type, attributes }: PlannedCsi, group: Block): void {
    this.block('safCsi', this.names.of('safCsi', config.name), block ?? group, () => {
      this.attribute('saAmfCSTypeName', type)
      for (const { name, values } of attributes) {
        const isSaid = this.isSayable(name, 'safCSIAttr =  {'.length)
        const isAlone = values.length === 1 && values[0].value === ''
        // A name without values has one that is empty.
        const said = values.filter(({ value }) => isSaid && this.isSayable(value) && value !== '')
        for (const value of isSaid && isAlone ? [] : values) {
          const why = 'there it cannot be empty, hold a brace, or be longer than a line'
          if (!said.includes(value)) this.losses.lose(value.entry, why)
        }
        if (said.length === 0 && !(isSaid && isAlone)) continue
        this.block('safCSIAttr', name, null, () => {
          for (const { value } of said) this.value(value)
        })
      }
    })
  }

  types({ block, types }: PlannedGroup): void {
    const protections = block.blocks.filter(({ scope }) => scope === 'protection')
    for (const [index, type] of types.entries())
      this.block('safCSType', type, protections[index], () => undefined)
  }
}

/** A groups.conf as an amf.conf of openais 1.x. */
export function writeAmf(
  { source, config }: Extract<Convertible, { kind: 'groups' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  const losses = new Losses('an amf.conf', context)
  const groups = planGroups(source, config)
  loseCommon(source.file, config, groups, losses)
  const names = new ShortNames(groups)
  const writer = new AmfWriter(losses, names, context)
  for (const line of headLines(options)) writer.comment(line)
  writer.comment(`${UNBOUNDED} stands for any number, and for never.`)
  writer.comment(
    'The components start by themselves: openais needs saAmfCompInstantiateCmd and its like to start them.',
  )
  const what =
    'saAmfClusterStartupTimeout, saAmfSGAutoAdjustProb and saAmfCompDefaultClcCliTimeout are assumed'
  reportAssumed('saAmfClusterStartupTimeout', source.file.place, what, context)
  writer.block('safAmfCluster', APPLICATION, null, () => {
    writer.assumed('saAmfClusterStartupTimeout', 3000)
    for (const node of planNodes(groups, losses)) writer.node(node)
    writer.block('safApp', names.application, null, () => {
      for (const group of groups) writer.group(group)
      for (const group of groups) writer.instances(group)
      for (const group of groups) writer.types(group)
    })
  })
  return `${writer.lines.join('\n')}\n`
}
