import { nodeDirectory } from './layout.js'
import { findExecutives, stateOf, type ProcessIdentity } from './processes.js'
import type { SandboxNode, SandboxState } from './sandbox-file.js'

/** 'paused': its process is there and does not run. */
export type NodeState = 'up' | 'paused' | 'down'

/** A node and the process that is it at present. */
export type Presence = { readonly node: SandboxNode } & (
  | { readonly state: 'up' | 'paused'; readonly identity: ProcessIdentity }
  | { readonly state: 'down'; readonly identity: null }
)

/**
 * What there is of the nodes. A daemon whose start was not noted any more, because the command that started
 * it was killed, is found all the same; a process that merely has a pid of the file is not taken for a node.
 * @param directory as the system knows it, without symbolic links
 */
export function presences(directory: string, { nodes }: Pick<SandboxState, 'nodes'>): Presence[] {
  const directories = nodes.map(({ name }) => nodeDirectory(directory, name))
  const executives = findExecutives(directories)
  return nodes.map((node, index) => presence(node, executives.get(directories[index])))
}

function presence(node: SandboxNode, identity: ProcessIdentity | undefined): Presence {
  const state = identity === undefined ? 'gone' : stateOf(identity)
  if (identity === undefined || state === 'gone') return { node, state: 'down', identity: null }
  return { node, state: state === 'stopped' ? 'paused' : 'up', identity }
}

/** The state with what is now known of a node's process. */
export function withProcess(
  state: SandboxState,
  name: string,
  identity: ProcessIdentity | null,
): SandboxState {
  const { pid, startTime } = identity ?? { pid: null, startTime: null }
  const nodes = state.nodes.map((node) => (node.name === name ? { ...node, pid, startTime } : node))
  return { ...state, nodes }
}
