import { join } from 'node:path'
import { FILE_NAME } from './sandbox-file.js'

/** Octets of a Unix socket's path, less the terminator. */
const SOCKET_PATH_OCTETS = 107

/** The longest name of a socket that an executive makes below its directory: that of a lock being taken. */
const LONGEST_SOCKET = join('state', 'lock.00000000', '00000000')

/** What network.conf can hold as a path, as it is. */
const PLAIN_PATH = /^[^\p{Cc}]*[^\p{Cc}\s]$/u

/** Name of the link in the shortcut's directory that leads to the sandbox. */
export const SHORTCUT_LINK = 'to'

/** Where a node's things are. */
export function nodeDirectory(directory: string, name: string): string {
  return join(directory, name)
}

/** The daemon's log, and what it wrote when it could not start. */
export function logPath(directory: string, name: string): string {
  return join(directory, name, 'log')
}

/** Whether sockets in the directory need another way to it. */
export function needsShortcut(directory: string, names: readonly string[]): boolean {
  const longest = Math.max(...names.map((name) => Buffer.byteLength(join(directory, name, LONGEST_SOCKET))))
  return longest > SOCKET_PATH_OCTETS || !PLAIN_PATH.test(directory)
}

/** The directory of a node by way of the shortcut, if there is one. */
export function reachableNodeDirectory(directory: string, shortcut: string | null, name: string): string {
  return shortcut === null ? join(directory, name) : join(shortcut, SHORTCUT_LINK, name)
}

/** Whether a directory's entries let a sandbox be made there: nothing of anybody else's. */
export function isVacant(entries: readonly string[]): boolean {
  return entries.every((entry) => entry === `${FILE_NAME}.new`)
}
