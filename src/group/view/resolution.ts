import type { Lineage } from './lineage.js'

/** What one member of a view says of the state it holds. */
export interface Claim {
  readonly nodeId: number
  /** null: it has not held any since its start. */
  readonly lineage: Lineage | null
  /** Sequence of the ring in which this process first held content; 0: it never did. */
  readonly since: number
  /** The last view of this process was quorate. */
  readonly quorate: boolean
}

/** Members that hold equal state. */
export interface Side {
  /** The one who speaks for them: the lowest node id. */
  readonly speaker: number
  /** Node ids, ascending. */
  readonly members: readonly number[]
  readonly lineage: Lineage
}

/** Whose state the members of a view go on with. */
export interface Resolution {
  /** null: nobody holds content, all begin empty. */
  readonly winner: Side | null
  /** Sides that changed something the winner lacks, by precedence. */
  readonly conflicts: readonly Side[]
}

/**
 * Who wins, as one pure function of what all members claim (docs/divergence.md, "State transfer").
 * Emptiness never beats content. A side whose history the other contains gives way. Where several changed
 * something after they went apart: the one with quorum; else the larger one, counting only members that
 * held the state when they went apart; else the lower representative.
 */
export function resolve(claims: readonly Claim[]): Resolution {
  const sides = sidesOf(claims).filter(({ lineage }) => lineage.head !== undefined)
  if (sides.length === 0) return { winner: null, conflicts: [] }
  const isContained = (side: Side): boolean => {
    return sides.some((other) => other !== side && other.lineage.contains(side.lineage))
  }
  const rivals = sides.filter((side) => !isContained(side))
  // None left: two that contain each other, which lineages of this code never do.
  const ranked = rank(rivals.length > 0 ? rivals : sides, claims)
  return { winner: ranked[0]!, conflicts: ranked.slice(1) }
}

function sidesOf(claims: readonly Claim[]): Side[] {
  const sides: { speaker: number; members: number[]; lineage: Lineage }[] = []
  const ordered = [...claims].sort((a, b) => a.nodeId - b.nodeId)
  for (const { nodeId, lineage } of ordered) {
    if (lineage === null) continue
    const side = sides.find((candidate) => candidate.lineage.equals(lineage))
    if (side) side.members.push(nodeId)
    else sides.push({ speaker: nodeId, members: [nodeId], lineage })
  }
  return sides
}

function rank(sides: readonly Side[], claims: readonly Claim[]): Side[] {
  if (sides.length === 1) return [...sides]
  const parting = partingOf(sides)
  const merits = new Map(
    sides.map((side) => {
      const members = claims.filter(({ nodeId }) => side.members.includes(nodeId))
      const quorate = members.some((member) => member.quorate) ? 1 : 0
      const held = members.filter(({ since }) => since > 0 && since <= parting).length
      return [side, [quorate, held] as const]
    }),
  )
  return [...sides].sort((a, b) => {
    const [first, second] = [merits.get(a)!, merits.get(b)!]
    return second[0] - first[0] || second[1] - first[1] || a.speaker - b.speaker
  })
}

/**
 * When the sides went apart, as a ring sequence: the last ring all of them went through. Without one,
 * those that began from nothing latest held nothing of what is disputed: just before their beginning.
 */
function partingOf(sides: readonly Side[]): number {
  let parting = Infinity
  for (const side of sides.slice(1)) {
    const common = side.lineage.lastCommonSequence(sides[0]!.lineage)
    if (common === null) return Math.max(...sides.map(({ lineage }) => lineage.origin)) - 1
    parting = Math.min(parting, common)
  }
  return parting
}
