import type { FrameKind } from '../../totem/wire/header.js'
import { ringKey } from '../history.js'
import type { ScriptWorld } from './world.js'

/** All of these are operational members of one ring, of which nobody else is a member. */
export function areOneRing(world: ScriptWorld, names: readonly string[]): boolean {
  const nodes = names.map((name) => world.node(name))
  const first = nodes[0]?.process?.regular
  if (!first) return false
  const wanted = nodes.map(({ process }) => `${process?.id.nodeId}:${process?.id.incarnation}`).sort()
  return nodes.every(({ ring, process }) => {
    if (ring?.state !== 'operational' || !process?.regular || process.inTransition) return false
    if (ringKey(process.regular.ringId) !== ringKey(first.ringId)) return false
    const members = process.regular.members
      .map(({ nodeId, incarnation }) => `${nodeId}:${incarnation}`)
      .sort()
    return members.join(' ') === wanted.join(' ')
  })
}

export function haveDelivered(world: ScriptWorld, label: string, names: readonly string[]): boolean {
  return names.every((name) =>
    world.node(name).process?.events.some((event) => {
      return event.kind === 'deliver' && world.labels.get(event.message) === label
    }),
  )
}

/** @returns a condition: since now the node has sent another frame of this kind */
export function nextFrame(world: ScriptWorld, kind: FrameKind, name: string): () => boolean {
  const { address } = world.node(name)
  const before = world.network.sentBy(address, kind)
  return () => world.network.sentBy(address, kind) > before
}

/** Operational and nothing left to do, all that run. */
export function areQuiet(world: ScriptWorld): boolean {
  return [...world.nodes.values()].every(({ ring, paused }) => !ring || paused || ring.quiet)
}

/** How many configurations, regular and transitional, each node delivered in the coming time. */
export function countConfigurations(world: ScriptWorld, durationMs: number): Map<string, number> {
  const count = (name: string): number => {
    const { nodeId } = world.node(name)
    const lives = world.history.processes.filter(({ id }) => id.nodeId === nodeId)
    return lives.reduce(
      (sum, { events }) => sum + events.filter(({ kind }) => kind === 'configuration').length,
      0,
    )
  }
  const names = [...world.nodes.keys()]
  const before = new Map(names.map((name) => [name, count(name)]))
  world.run(durationMs)
  return new Map(names.map((name) => [name, count(name) - before.get(name)!]))
}
