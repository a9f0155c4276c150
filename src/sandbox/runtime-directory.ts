import { join } from 'node:path'

export interface Surroundings {
  readonly uid: number
  readonly env: Readonly<Record<string, string | undefined>>
}

export function surroundingsHere(): Surroundings {
  return { uid: process.getuid?.() ?? 0, env: process.env }
}

/** Where this user's sockets are: /run/ais for root, else $XDG_RUNTIME_DIR/ais or /tmp/ais-UID. */
export function runtimeDirectory({ uid, env }: Surroundings = surroundingsHere()): string {
  if (uid === 0) return '/run/ais'
  const base = env['XDG_RUNTIME_DIR']
  return base !== undefined && base.startsWith('/') ? join(base, 'ais') : `/tmp/ais-${uid}`
}

/** The socket of an executive whose network.conf names none. */
export function defaultSocketPath(surroundings: Surroundings = surroundingsHere()): string {
  return join(runtimeDirectory(surroundings), 'ais.sock')
}

/** Where `ais cluster` keeps a sandbox that was given no directory. */
export function defaultSandboxDirectory(surroundings: Surroundings = surroundingsHere()): string {
  return join(runtimeDirectory(surroundings), 'sandbox')
}
