import type { View } from '../../group/index.js'
import { limits } from '../../base/index.js'
import { ringKey } from '../history.js'
import type { SimNode } from '../node.js'
import { quorumOff, type MapName, type ServiceOptions } from '../services/node-services.js'
import type { MapState } from '../services/map-watcher.js'
import { number, octets, oneOf } from './quantities.js'
import { ScriptError } from './script-error.js'
import type { ScriptWorld } from './world.js'

const MAPS: readonly MapName[] = ['small', 'large']

const defaults: ServiceOptions = {
  snapshotOctets: 0,
  quorum: quorumOff,
  catchUpSliceMessages: limits.catchUpSliceMessages,
  hasCpg: false,
}

/** Settings of `nodes` that put services on the ring: word, and what its value makes of them. */
export const serviceSettings: Readonly<
  Record<string, (value: string, options: ServiceOptions) => ServiceOptions>
> = {
  groups: (value, options) => ({ ...options, hasCpg: oneOf(value, ['yes', 'no']) === 'yes' }),
  snapshot: (value, options) => ({ ...options, snapshotOctets: octets(value) }),
  'expected-votes': (value, options) => {
    const expectedVotes = number(value, 'a number of votes')
    return { ...options, quorum: { ...options.quorum, mode: 'majority', expectedVotes } }
  },
  'two-node': (value, options) => {
    const twoNode = oneOf(value, ['yes', 'no']) === 'yes'
    const waitForAll = twoNode || options.quorum.waitForAll
    return { ...options, quorum: { ...options.quorum, twoNode, waitForAll } }
  },
  'wait-for-all': (value, options) => {
    return { ...options, quorum: { ...options.quorum, waitForAll: oneOf(value, ['yes', 'no']) === 'yes' } }
  },
}

export function withService(
  options: ServiceOptions | undefined,
  word: string,
  value: string,
): ServiceOptions {
  return serviceSettings[word]!(value, options ?? defaults)
}

export function mapNamed(word: string | undefined): MapName {
  return oneOf(word, MAPS)
}

/** @returns what is printed when the map does not take the change now */
export function put(world: ScriptWorld, name: string, map: MapName, label: string, times: number): string[] {
  for (let i = 1; i <= times; i++) {
    const text = times > 1 ? `${label}${i}` : label
    const change = world.node(name).put(map, 1, 64, 'agreed')
    if (change === null) return [`${name} does not take ${text}: ${servicesOf(world, name).maps[map].gate}`]
    world.labels.set(`${map} ${change}`, text)
  }
  return []
}

/** All of these have the map open. */
export function areOpen(world: ScriptWorld, map: MapName, names: readonly string[]): boolean {
  return names.every((name) => world.node(name).services?.maps[map].gate === 'open')
}

/** All that run are open, every change was acknowledged, and no transfer is under way. */
export function areSettled(world: ScriptWorld): boolean {
  return [...world.nodes.values()].every(({ ring, services, paused }) => {
    if (!services || paused) return true
    const isAnswered = Object.values(services.maps).every(({ unanswered }) => unanswered === 0)
    return ring!.quiet && services.layer.quiet && isAnswered
  })
}

/** All nodes run services, in one view, with nothing left to do. */
export function isOneView(world: ScriptWorld): boolean {
  const nodes = [...world.nodes.values()]
  // Of sides that are apart the numbers may be the same.
  const rings = nodes.map(({ services }) => services?.layer.view?.ringId)
  const views = new Set(rings.map((ringId) => (ringId === undefined ? undefined : ringKey(ringId))))
  return views.size === 1 && !views.has(undefined) && areSettled(world)
}

/** The node has received so much of a snapshot, and not all of it. */
export function isReceiving(world: ScriptWorld, map: MapName, name: string, least: number): boolean {
  const state = world.node(name).services?.maps[map]
  return state !== undefined && state.gate !== 'open' && state.received >= least
}

/** What each node holds; nodes that hold the same share a line. */
export function showMaps(world: ScriptWorld, map: MapName): string[] {
  return grouped(world, ({ services }) => {
    if (!services) return 'down'
    const { gate, state } = services.maps[map]
    return `${gate}, ${contentOf(world, map, state)}`
  })
}

export function showViews(world: ScriptWorld): string[] {
  return grouped(world, ({ services }) => {
    if (!services) return 'down'
    return services.layer.view ? viewText(world, services.layer.view) : 'no view yet'
  })
}

function servicesOf(world: ScriptWorld, name: string): NonNullable<SimNode['services']> {
  const { services } = world.node(name)
  if (!services)
    throw new ScriptError(`there are no services on node ${name}: it is down, or nodes has no snapshot=…`)
  return services
}

function contentOf(world: ScriptWorld, map: MapName, { changes, aside }: MapState): string {
  const labels = (set: ReadonlySet<string>): string => {
    return [...set].map((change) => world.labels.get(`${map} ${change}`) ?? change).join(' ')
  }
  const held = changes.size === 0 ? 'empty' : labels(changes)
  return aside.size === 0 ? held : `${held}; aside ${labels(aside)}`
}

function viewText(world: ScriptWorld, { members, quorum }: View): string {
  const names = members.map(({ nodeId, incarnation }) => world.lifeOf(nodeId, incarnation))
  const { quorate, expectedVotes, votes, needed, waitingForAll } = quorum
  const count = expectedVotes === null ? '' : ` (${votes} of ${expectedVotes} votes, ${needed} needed)`
  const waiting = waitingForAll ? ', waiting for all' : ''
  return `members ${names.join(' ')}; ${quorate ? 'quorate' : 'not quorate'}${count}${waiting}`
}

/** One line a text, with the nodes it is of. */
export function grouped(world: ScriptWorld, textOf: (node: SimNode) => string): string[] {
  const lines = new Map<string, string[]>()
  for (const [name, node] of world.nodes) {
    const text = textOf(node)
    lines.set(text, [...(lines.get(text) ?? []), name])
  }
  return [...lines].map(([text, names]) => `${names.join(' ')}: ${text}`)
}
