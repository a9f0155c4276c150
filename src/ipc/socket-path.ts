import { lstatSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** Octets of a Unix socket's path, less the terminator (sockaddr_un). */
export const SOCKET_PATH_OCTETS = 107

const SYSTEM_SOCKET = '/run/ais/ais.sock'

/** What of the process and its machine decides where the socket is. */
export interface SocketSurroundings {
  readonly uid: number
  readonly env: Readonly<Record<string, string | undefined>>
}

export function ownSurroundings(): SocketSurroundings {
  return { uid: process.getuid?.() ?? 0, env: process.env }
}

/** Where an executive listens that was not told otherwise: /run/ais, or the user's own runtime directory. */
export function defaultServerSocket({ uid, env }: SocketSurroundings): string {
  if (uid === 0) return SYSTEM_SOCKET
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime !== undefined && isAbsolute(runtime)) return join(runtime, 'ais', 'ais.sock')
  return join(temporaryDirectory(uid), 'ais.sock')
}

/** The directory for users without a runtime directory; in /tmp, where anybody may make it first. */
export function temporaryDirectory(uid: number): string {
  return `/tmp/ais-${uid}`
}

/**
 * Where an application looks for the executive.
 * @param explicit as the application was told; goes before `$AIS_SOCKET`, and that before the defaults
 */
export function clientSocket(
  explicit: string | undefined,
  surroundings: SocketSurroundings = ownSurroundings(),
): string {
  if (explicit !== undefined && explicit !== '') return explicit
  const named = surroundings.env['AIS_SOCKET']
  if (named !== undefined && named !== '') return named
  const own = defaultServerSocket(surroundings)
  return own !== SYSTEM_SOCKET && isOwnSocket(own, surroundings.uid) ? own : SYSTEM_SOCKET
}

/** @returns what is wrong with it as the path of a socket, for people; undefined when nothing is */
export function socketPathProblem(path: string): string | undefined {
  const octets = Buffer.byteLength(path)
  if (octets > SOCKET_PATH_OCTETS) {
    return `the path of the socket has ${octets} octets, at most ${SOCKET_PATH_OCTETS} are possible: ${path}`
  }
  if (path.includes('\0')) return 'the path of the socket has a null octet in it'
  return undefined
}

/** There, and in a directory that no other user could have put there. */
function isOwnSocket(path: string, uid: number): boolean {
  try {
    const directory = lstatSync(dirname(path))
    return directory.isDirectory() && directory.uid === uid && lstatSync(path).isSocket()
  } catch {
    return false
  }
}
