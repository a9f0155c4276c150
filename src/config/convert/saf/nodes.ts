import { entryOf, type Losses, type PlannedGroup } from './plan.js'
import { UNBOUNDED } from './words.js'

/** A node that units live on. Failovers of units are counted for it, for all groups together. */
export interface PlannedNode {
  readonly name: string
  readonly failoverMax: number
  readonly failoverProbationMs: number
}

/**
 * The nodes of all groups, by the first group that has a unit there; what another group says otherwise is
 * lost.
 */
export function planNodes(groups: readonly PlannedGroup[], losses: Losses): PlannedNode[] {
  const nodes = new Map<string, PlannedNode>()
  for (const { config, block, units } of groups) {
    const failoverMax = config.unitFailoverMax ?? UNBOUNDED
    const failoverProbationMs = config.unitFailoverProbationMs
    const lose = (why: string): void => {
      losses.lose(entryOf(block, 'unit-failover-max') ?? entryOf(block, 'name'), why)
      losses.lose(entryOf(block, 'unit-failover-probation'), why)
    }
    if (config.unitFailoverMax === null)
      losses.lose(entryOf(block, 'unit-failover-probation'), 'without unit-failover-max it means nothing')
    for (const { config: unit } of units) {
      if (unit.node === null) continue
      const known = nodes.get(unit.node)
      if (known === undefined) nodes.set(unit.node, { name: unit.node, failoverMax, failoverProbationMs })
      else if (known.failoverMax !== failoverMax) lose('a group before it says another number for a node')
      else if (known.failoverProbationMs !== failoverProbationMs && failoverMax !== UNBOUNDED)
        lose('a group before it says another time for a node')
    }
    if (config.unitFailoverMax !== null && units.every(({ config: unit }) => unit.node === null))
      lose('it is counted on nodes, and no unit of the group names one')
  }
  return [...nodes.values()]
}

/**
 * Ranks as the standard has them: counted from 1, the lowest number preferred; null: all the same.
 */
export function standardRanks(ranks: readonly number[]): (number | null)[] {
  const isPlain = ranks.every((rank) => rank === 0)
  return ranks.map((rank) => (isPlain ? null : rank + 1))
}
