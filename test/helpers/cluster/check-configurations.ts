import type { Cluster } from './cluster.mjs'
import type { PrintedConfiguration } from './daemon.mjs'

/** What one life of a node printed. */
export interface Life {
  readonly name: string
  readonly configurations: readonly PrintedConfiguration[]
}

export function livesOf(cluster: Cluster): Life[] {
  return cluster.lives.map(({ index, daemon }) => ({
    name: `node-${index + 1}`,
    configurations: daemon.configurations,
  }))
}

/**
 * Everything that is wrong with the configurations printed: a ring id that does not grow or has two member
 * lists, changes that do not add up, a transitional configuration that does not lead to its regular one, and
 * members that stayed together and saw different things.
 */
export function violationsOf(lives: readonly Life[]): string[] {
  return [
    ...lives.flatMap(ownViolations),
    ...acrossLives(lives),
    ...sameRingViolations(lives),
    ...lives.flatMap((one, i) => lives.slice(i + 1).flatMap((other) => togetherViolations(one, other))),
  ]
}

function ownViolations({ name, configurations }: Life): string[] {
  const violations: string[] = []
  const complain = (what: string, at: PrintedConfiguration): void => {
    violations.push(`${name}: ${what}: ${text(at)}`)
  }
  let members: string[] = []
  let ringSequence = 0
  configurations.forEach((configuration, index) => {
    const now = addresses(configuration.members)
    const left = addresses(configuration.left)
    const joined = addresses(configuration.joined)
    const { kind, ringId } = configuration
    const following = configurations[index + 1]
    const kept = members.filter((address) => !left.includes(address))
    if (!equal(now, [...kept, ...joined].sort())) complain('joined and left do not add up', configuration)
    if (kind === 'transitional' && joined.length > 0) complain('joined in a transitional one', configuration)
    if (kind === 'transitional' && following !== undefined && !leadsTo(configuration, following)) {
      complain('not followed by its regular configuration', configuration)
    }
    if (kind === 'regular' && ringId.sequence <= ringSequence)
      complain('the ring id did not grow', configuration)
    if (kind === 'regular') ringSequence = ringId.sequence
    members = now
  })
  return violations
}

function leadsTo(transitional: PrintedConfiguration, regular: PrintedConfiguration): boolean {
  return regular.kind === 'regular' && equal(regular.ringId, transitional.ringId)
}

/** Ring ids grow from one life of a node to the next too. */
function acrossLives(lives: readonly Life[]): string[] {
  const highest = new Map<string, number>()
  return lives.flatMap(({ name, configurations }) => {
    const before = highest.get(name) ?? 0
    const sequences = configurations.map(({ ringId }) => ringId.sequence)
    highest.set(name, Math.max(before, ...sequences))
    return sequences.some((sequence) => sequence <= before)
      ? [`${name}: ring id of an earlier life used`]
      : []
  })
}

function sameRingViolations(lives: readonly Life[]): string[] {
  const membersOf = new Map<string, string>()
  const regular = lives.flatMap(({ configurations }) =>
    configurations.filter(({ kind }) => kind === 'regular'),
  )
  return regular.flatMap((configuration) => {
    const key = JSON.stringify(configuration.ringId)
    const members = JSON.stringify(configuration.members)
    const known = membersOf.get(key) ?? members
    membersOf.set(key, known)
    return known === members ? [] : [`ring ${key} has two member lists: ${known} and ${members}`]
  })
}

/** Two lives that went together from one regular configuration saw the same next ones. */
function togetherViolations(one: Life, other: Life): string[] {
  return one.configurations.flatMap((configuration, index) => {
    if (configuration.kind !== 'regular') return []
    const there = other.configurations.findIndex((candidate) => isSame(candidate, configuration))
    if (there < 0) return []
    const next = one.configurations.slice(index + 1, index + 3)
    const otherNext = other.configurations.slice(there + 1, there + 3)
    const wentTogether =
      next[0]?.kind === 'transitional' &&
      otherNext[0] !== undefined &&
      next[0].members.some(({ name }) => name === other.name) &&
      otherNext[0].members.some(({ name }) => name === one.name)
    if (!wentTogether) return []
    const seen = Math.min(next.length, otherNext.length)
    if (equal(next.slice(0, seen).map(essence), otherNext.slice(0, seen).map(essence))) return []
    return [
      `${one.name} and ${other.name} differ after ${text(configuration)}:\n${text(next)}\n${text(otherNext)}`,
    ]
  })
}

function isSame(a: PrintedConfiguration, b: PrintedConfiguration): boolean {
  return a.kind === b.kind && equal(a.ringId, b.ringId)
}

/** What members that moved together must agree on: all but the time. */
function essence({ kind, ringId, members, joined, left }: PrintedConfiguration): unknown {
  return { kind, ringId, members, joined, left }
}

function addresses(members: readonly { readonly address: string }[]): string[] {
  return members.map(({ address }) => address).sort()
}

function equal(a: unknown, b: unknown): boolean {
  return text(a) === text(b)
}

function text(value: unknown): string {
  return JSON.stringify(value)
}
