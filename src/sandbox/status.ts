import { realpathSync } from 'node:fs'
import { loadSandbox } from './find-node.js'
import { NodeLink, type ClusterSeen } from './node-link.js'
import { cutLinksOf } from './partition.js'
import { presences, type Presence } from './presence.js'
import type { SandboxState } from './sandbox-file.js'

/** A node as it is found, and what it says. */
export type NodeStatus = Presence & {
  /** null: it does not run, does not answer, or knows no members yet. */
  readonly seen: ClusterSeen | null
  /** Whether its daemon has cut the links that the partition wants cut; null: not known. */
  readonly followsPartition: boolean | null
}

export interface SandboxStatus {
  readonly state: SandboxState
  readonly nodes: readonly NodeStatus[]
}

/** @param timeoutMs for a daemon to answer */
export async function statusOf(directory: string, timeoutMs: number): Promise<SandboxStatus> {
  const state = await loadSandbox(directory)
  const found = presences(realpathSync(directory), state)
  return { state, nodes: await Promise.all(found.map((presence) => ask(presence, state, timeoutMs))) }
}

async function ask(presence: Presence, state: SandboxState, timeoutMs: number): Promise<NodeStatus> {
  if (presence.state !== 'up') return { ...presence, seen: null, followsPartition: null }
  let link: NodeLink | undefined
  try {
    link = await NodeLink.open(presence.node.socket, timeoutMs)
    const [seen, cut] = await Promise.all([link.see(timeoutMs), link.linksCut(timeoutMs)])
    const followsPartition = cut.join() === cutLinksOf(presence.node, state).sort().join()
    return { ...presence, seen, followsPartition }
  } catch {
    return { ...presence, seen: null, followsPartition: null }
  } finally {
    link?.close()
  }
}
