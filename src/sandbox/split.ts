import { writeCutLinks } from './launch.js'
import { orderLinks } from './orders.js'
import { cutLinksOf, parseSides } from './partition.js'
import { presences } from './presence.js'
import type { Progress } from './progress.js'
import { writeSandboxFile, type SandboxState, type Sides } from './sandbox-file.js'
import { orderInTurn, type Turn } from './turn.js'

export interface SplitResult {
  readonly partition: Sides | null
  /** Nodes whose daemons have carried it out. */
  readonly confirmed: readonly string[]
  /** Nodes that do not run: they carry it out before they hear anybody, when they are resumed or started. */
  readonly pending: readonly string[]
}

/**
 * Cut the links between the sides; within each all links are whole, whatever was cut before.
 * @param words of the command line, see parseSides
 */
export async function partition(
  directory: string,
  words: readonly string[],
  progress: Progress,
): Promise<SplitResult> {
  return orderInTurn(directory, `partition ${words.join(' ')}`, progress, async (turn) =>
    divide(turn, parseSides(words, turn.state)),
  )
}

/** Make all links whole. */
export async function heal(directory: string, progress: Progress): Promise<SplitResult> {
  return orderInTurn(directory, 'heal', progress, async (turn) => divide(turn, null))
}

async function divide(turn: Turn, sides: Sides | null): Promise<SplitResult> {
  const { directory } = turn
  const state: SandboxState = { ...turn.state, partition: sides }
  // What daemons go by that start or run again from now on, before those are told that run already.
  await writeSandboxFile(directory, state)
  for (const node of state.nodes) await writeCutLinks(directory, node.name, cutLinksOf(node, state))
  const found = presences(directory, state)
  const running = found.flatMap((presence) =>
    presence.identity !== null && presence.state === 'up' ? [presence] : [],
  )
  await Promise.all(running.map((presence) => orderLinks(state, presence)))
  const confirmed = running.map(({ node }) => node.name)
  const pending = state.nodes.map(({ name }) => name).filter((name) => !confirmed.includes(name))
  return { partition: sides, confirmed, pending }
}
