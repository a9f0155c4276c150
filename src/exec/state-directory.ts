import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ExecError, systemCauseOf } from './exec-error.js'

export interface Surroundings {
  readonly uid: number
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Where the executive keeps what must outlive it: /var/lib/ais, or the user's own state directory. */
export function defaultStateDirectory({ uid, home, env }: Surroundings): string {
  if (uid === 0) return '/var/lib/ais'
  const base = env['XDG_STATE_HOME']
  return join(base !== undefined && base.startsWith('/') ? base : join(home, '.local', 'state'), 'ais')
}

/** @throws ExecError when the directory can neither be used nor made */
export function prepareStateDirectory(path: string): void {
  const hint = 'choose another one with statedir in network.conf, or let this user write to it'
  try {
    mkdirSync(path, { recursive: true, mode: 0o750 })
    if (!statSync(path).isDirectory()) throw new Error('not a directory')
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ExecError('failed', `cannot use the state directory ${path}: ${systemCauseOf(error)}`, hint)
  }
}
