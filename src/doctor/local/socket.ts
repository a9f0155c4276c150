import { constants } from 'node:fs'
import { access, lstat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { shellWord } from '../../base/index.js'
import type { Check, DoctorContext } from '../check.js'
import { fail, ok, skip, warn, type Finding } from '../network/finding.js'
import { findExecutive } from '../network/unicast-port.js'
import { nearestExisting } from './state-directory.js'

/** Of a Unix socket, less the terminator (sockaddr_un). */
const SOCKET_PATH_OCTETS = 107

export interface SocketObservation {
  readonly path: string
  /** What is there now. */
  readonly present: 'nothing' | 'socket' | 'other'
  /** Of the executive that answers; null: nobody does. */
  readonly executivePid: number | null
  /** Code of the error with which its directory could not be written; null: it can. */
  readonly error: string | null
  /** Is there the group whose members may use the socket? null: not known. */
  readonly hasGroup: boolean | null
  /** Would it belong to root? */
  readonly isRoot: boolean
}

export function judgeSocket(seen: SocketObservation): Finding {
  const { path, present, executivePid } = seen
  const details = { path, present, executivePid, hasGroup: seen.hasGroup, isRoot: seen.isRoot }
  const octets = new TextEncoder().encode(path).length
  if (octets > SOCKET_PATH_OCTETS) {
    const message = `the path of the socket has more than ${SOCKET_PATH_OCTETS} octets (${octets}): ${path}`
    return fail(message, 'write a shorter socket in network.conf', details)
  }
  if (present === 'other') {
    return fail(
      `${path} is there and no socket`,
      `rm ${shellWord(path)}, or write another socket in network.conf`,
      details,
    )
  }
  if (executivePid === null && seen.error !== null) {
    const remedy = 'let this user write there, or write another socket in network.conf'
    return fail(`no socket can be made in ${dirname(path)}: ${seen.error}`, remedy, details)
  }
  const state =
    executivePid !== null
      ? `the executive with pid ${executivePid} answers at ${path}`
      : present === 'socket'
        ? `${path} was left by an executive that has gone, and is taken over`
        : `${path} can be made`
  if (seen.hasGroup === false && !seen.isRoot) {
    return ok(`${state}; there is no group "ais", so this user and root can use it`, details)
  }
  if (seen.hasGroup === false) {
    const message = `${state}; there is no group "ais", so only root can use it`
    return warn(message, 'groupadd --system ais, and add to it who runs applications', details)
  }
  return ok(state, details)
}

async function presentAt(path: string): Promise<SocketObservation['present']> {
  try {
    return (await lstat(path)).isSocket() ? 'socket' : 'other'
  } catch {
    return 'nothing'
  }
}

async function directoryError(path: string): Promise<string | null> {
  try {
    await access(await nearestExisting(dirname(path)), constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error)
  }
}

const subject = { id: 'socket', title: 'socket of applications' }

async function examine({ network, host, readText }: DoctorContext): Promise<Finding> {
  if (!network.ok) return skip('without a valid configuration it is not known')
  const path = network.config.socket ?? host.socket.path
  const present = await presentAt(path)
  const groups = await readText('/etc/group')
  return judgeSocket({
    path,
    present,
    executivePid: present === 'socket' ? ((await findExecutive(path))?.pid ?? null) : null,
    error: await directoryError(path),
    isRoot: process.getuid?.() === 0,
    hasGroup: groups === null ? null : /^ais:/m.test(groups),
  })
}

/** Can applications connect, and who may? */
export const socket: Check = {
  ...subject,
  run: async (context) => ({ ...subject, ...(await examine(context)) }),
}
