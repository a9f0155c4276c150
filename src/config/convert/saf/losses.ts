import type { Block } from '../../groups/block.js'
import type { GroupsConfig } from '../../model/groups-config.js'
import { entryOf, inheritedEntry, type Losses, type PlannedComponent, type PlannedGroup } from './plan.js'
import { recoveryWords } from './words.js'

// What neither amf.conf nor imm.xml has a place for.

function hasStandby(capability: string): boolean {
  return capability.endsWith('standby')
}

function loseOfComponent(component: PlannedComponent, group: PlannedGroup, losses: Losses): void {
  const { config, blocks } = component
  const model = entryOf(blocks[0], 'model')
  if (config.capability === 'no_active') {
    losses.lose(model, 'non_preinstantiable, which stands in its place, means another thing there')
  } else if (group.config.isClassic && group.config.backupUnits > 0 && !hasStandby(config.capability)) {
    losses.lose(model, `there a component of model ${config.capability} is given no standby`)
  }
  if (recoveryWords[config.recovery] === null) {
    losses.lose(inheritedEntry(blocks, 'recovery'), 'component_restart stands in its place')
  }
  if (config.healthcheckIntervalMs === null) {
    const why = 'it goes with a period, and the executive asks for no health check'
    losses.lose(inheritedEntry(blocks, 'healthcheck-max-duration'), why)
  }
}

/** Keys whose meaning both formats leave out, of the file and of all groups. */
export function loseCommon(
  file: Block,
  config: GroupsConfig,
  groups: readonly PlannedGroup[],
  losses: Losses,
): void {
  losses.lose(entryOf(file, 'lease'), 'there are no leases')
  losses.lose(entryOf(file, 'takeover-delay'), 'others take over at once')
  if (config.noQuorum !== 'stop')
    losses.lose(entryOf(file, 'no-quorum'), 'nothing is said about quorum there')
  for (const group of groups) {
    for (const unit of group.units) {
      for (const component of unit.components) loseOfComponent(component, group, losses)
    }
    for (const instance of group.instances) {
      for (const { block, config: csi } of instance.csis) {
        if (block !== null && csi.rank !== 0)
          losses.lose(entryOf(block, 'rank'), 'csis are assigned together')
      }
    }
  }
}
