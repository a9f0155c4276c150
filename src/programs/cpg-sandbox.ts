import { bringUp, readGroupsFile, takeDown, type Progress } from '../sandbox/index.js'

/** For the nodes to find each other, and to end. */
const UP_TIMEOUT_MS = 120_000
const DOWN_TIMEOUT_MS = 10_000

/**
 * Do something with a cluster on this machine, which is removed afterwards.
 * @param action is given the sockets of the nodes
 * @throws SandboxError when it cannot be started; what the action throws
 */
export async function withSandbox<T>(
  directory: string,
  count: number,
  progress: Progress,
  signal: AbortSignal,
  action: (sockets: readonly string[]) => Promise<T>,
): Promise<T> {
  const groups = await readGroupsFile(undefined)
  const timeoutMs = UP_TIMEOUT_MS
  const { nodes } = await bringUp({ directory, count, added: [], groups, timeoutMs, signal, progress })
  try {
    return await action(nodes.map(({ socket }) => socket))
  } finally {
    await takeDown(directory, DOWN_TIMEOUT_MS, progress)
  }
}
