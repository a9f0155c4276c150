/** Says that a socket speaks this protocol at all. */
export const MAGIC = 'ais'

/** Versions of the protocol that this software speaks, the best first. */
export const protocolVersions: readonly number[] = [1]

/** What an application says first. */
export interface ClientHello {
  readonly magic: typeof MAGIC
  /** Versions of the protocol that it speaks. */
  readonly versions: readonly number[]
  /** For the log: what program it is. */
  readonly program: string
  /** For the log: its process, in its own pid namespace. */
  readonly pid: number
}

/** Bounds that the executive sets to each of its clients. */
export interface ClientLimits {
  /** Octets of one message, either way. */
  readonly frameOctets: number
  /** Requests without an answer; the executive reads no further ones until some are answered. */
  readonly requests: number
  /** Tracks, handles and the like that it may have open. */
  readonly holds: number
}

/** What the executive answers. */
export interface ServerHello {
  readonly magic: typeof MAGIC
  /** The version that both speak from here on. */
  readonly version: number
  /** Version of the executive's software. */
  readonly software: string
  /** Process of the executive, in its own pid namespace. */
  readonly pid: number
  readonly nodeId: number
  readonly nodeName: string
  readonly clusterName: string
  readonly limits: ClientLimits
}

const VERSIONS_MAX = 64
const PROGRAM_LENGTH_MAX = 255

/** @returns a hello that may be relied on, or what is wrong with it. Fields it does not know are ignored. */
export function checkClientHello(body: unknown): ClientHello | string {
  if (!isRecord(body) || body['magic'] !== MAGIC) return `the hello has no magic: '${MAGIC}'`
  const { versions, program, pid } = body
  if (!Array.isArray(versions) || versions.length > VERSIONS_MAX || !versions.every(isNatural)) {
    return `versions of the hello is not an array of up to ${VERSIONS_MAX} integers`
  }
  if (typeof program !== 'string' || program.length > PROGRAM_LENGTH_MAX) {
    return `program of the hello is not text of up to ${PROGRAM_LENGTH_MAX} characters`
  }
  if (!isNatural(pid)) return 'pid of the hello is not a positive integer'
  return { magic: MAGIC, versions, program: printable(program), pid }
}

/** @returns a hello that may be relied on, or what is wrong with it. Fields it does not know are ignored. */
export function checkServerHello(body: unknown): ServerHello | string {
  if (!isRecord(body) || body['magic'] !== MAGIC) return `the hello has no magic: '${MAGIC}'`
  const { version, software, pid, nodeId, nodeName, clusterName, limits } = body
  if (!protocolVersions.includes(version as number)) return 'the hello has a version that was not offered'
  if (typeof software !== 'string' || typeof nodeName !== 'string' || typeof clusterName !== 'string') {
    return 'software, nodeName or clusterName of the hello is not text'
  }
  if (!isNatural(pid) || !isNatural(nodeId)) return 'pid or nodeId of the hello is not an integer'
  if (!isRecord(limits)) return 'limits of the hello is not a map'
  const { frameOctets, requests, holds } = limits
  if (!isNatural(frameOctets) || !isNatural(requests) || !isNatural(holds)) {
    return 'a limit of the hello is not an integer'
  }
  const checkedLimits = { frameOctets, requests, holds }
  const texts = { software, nodeName, clusterName }
  return { magic: MAGIC, version: version as number, pid, nodeId, ...texts, limits: checkedLimits }
}

/** @returns the best version that both speak; undefined when there is none */
export function commonVersion(offered: readonly number[]): number | undefined {
  return protocolVersions.find((version) => offered.includes(version))
}

/** Says both sides' versions, for the goodbye. */
export function noCommonVersion(offered: readonly number[]): string {
  const theirs = offered.length === 0 ? 'none' : offered.join(', ')
  return `this executive speaks protocol version ${protocolVersions.join(', ')}, the application ${theirs}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Nothing that could forge a line of the log. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')
}
