import { findNode } from './find-node.js'
import { SandboxError } from './sandbox-error.js'
import type { SandboxNode, SandboxState, Sides } from './sandbox-file.js'

type Nodes = Pick<SandboxState, 'nodes'>

/**
 * The sides that the words of a command line mean: names of nodes with commas or blanks between them, and
 * slashes between sides. Nodes that are not named are a side of their own.
 * @throws SandboxError for an unknown node, one on two sides, and when all are on one side
 */
export function parseSides(words: readonly string[], sandbox: Nodes): Sides {
  const named = words
    .join(' ')
    .split('/')
    .map((side) => side.split(/[\s,]+/).filter((name) => name !== ''))
  const seen = new Set<string>()
  for (const name of named.flat()) {
    findNode(sandbox, name)
    if (seen.has(name)) throw new SandboxError(`${name} cannot be in two places of a partition`)
    seen.add(name)
  }
  const rest = sandbox.nodes.map(({ name }) => name).filter((name) => !seen.has(name))
  const sides = [...named, rest].filter((side) => side.length > 0)
  if (sides.length > 1) return sides
  const message = `this leaves all nodes on one side: ${sides.flat().join(', ')}`
  throw new SandboxError(message, ['ais cluster partition node1 / node2,node3', 'ais cluster heal'])
}

/** Addresses that a node does not hear: those of all nodes on other sides. */
export function cutLinksOf({ name }: SandboxNode, { nodes, partition }: SandboxState): string[] {
  const side = partition?.find((names) => names.includes(name))
  if (side === undefined) return []
  return nodes.filter((other) => !side.includes(other.name)).map(({ address }) => address)
}

/** 'node1,node2 / node3' */
export function sidesText(sides: Sides): string {
  return sides.map((side) => side.join(',')).join(' / ')
}
