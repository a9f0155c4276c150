import { dirname, join, resolve } from 'node:path'
import { clientSocket, defaultServerSocket, ownSurroundings, type SocketSurroundings } from '../ipc/index.js'

/** Directory of what this user's executives and sandboxes have while they run. */
export function runtimeDirectory(surroundings: SocketSurroundings = ownSurroundings()): string {
  return dirname(defaultServerSocket(surroundings))
}

/** Where `ais cluster` keeps a sandbox that was given no directory. */
export function defaultSandboxDirectory(surroundings?: SocketSurroundings): string {
  return join(runtimeDirectory(surroundings), 'sandbox')
}

/** The sandbox of commands that are given no directory: $AIS_SANDBOX_DIR, or the default. */
export function usualSandboxDirectory(): string {
  const named = process.env['AIS_SANDBOX_DIR']
  return named === undefined || named === '' ? defaultSandboxDirectory() : resolve(named)
}

/** The socket of this node's executive, for whoever was not told another one. */
export function defaultSocketPath(): string {
  return clientSocket(undefined)
}
