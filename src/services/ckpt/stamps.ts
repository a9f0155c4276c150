import { isSameStretch, type Lineage } from '../../group/index.js'
import type { Stamp } from './checkpoint-status.js'

/** Two that are of the same change. */
export function isSameStamp(a: Stamp, b: Stamp): boolean {
  return a.position === b.position && isSameStretch(a.stretch, b.stretch)
}

/** Did a state that came this way go through this change? What it has since then was made of it. */
export function hasSeen(lineage: Lineage, { stretch, position }: Stamp): boolean {
  return lineage.includes(stretch, position)
}

/** The older one first; any two that differ have the same order everywhere. */
export function compareStamps(a: Stamp, b: Stamp): number {
  const [first, second] = [a.stretch, b.stretch]
  return (
    first.ringId.sequence - second.ringId.sequence ||
    a.position - b.position ||
    first.ringId.representative - second.ringId.representative ||
    Number(second.transitional) - Number(first.transitional) ||
    first.chain - second.chain
  )
}
