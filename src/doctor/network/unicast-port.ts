import { Connection } from '../../api/connection.js'
import { bindSocket, causeOf, udpSocketOwner } from '../../transport/index.js'
import { fail, ok, type Details, type Finding } from './finding.js'
import type { Place } from './place.js'
import { programOf, type ReadText } from './system.js'

/** An executive that runs answers its hello at once, a stopped one never. */
const HELLO_TIMEOUT_MS = 2000

export interface PortObservation {
  /** null: the port could be had, so it is free. */
  readonly error: NodeJS.ErrnoException | null
  /** Who holds it, as far as this user may see. */
  readonly ownerPid: number | null
  readonly ownerProgram: string | null
  /** Who answers at the socket of this configuration. */
  readonly executive: { readonly pid: number; readonly nodeId: number; readonly clusterName: string } | null
}

/** @param socket path that applications connect to; null: the default one */
export async function observeUnicastPort(
  place: Place,
  socket: string | null,
  readText: ReadText,
): Promise<PortObservation> {
  const error = tryPort(place.address, place.port - 1)
  if (error?.code !== 'EADDRINUSE') return { error, ownerPid: null, ownerProgram: null, executive: null }
  const ownerPid = udpSocketOwner(place.address, place.port - 1) ?? null
  return {
    error,
    ownerPid,
    ownerProgram: ownerPid === null ? null : await programOf(ownerPid, readText),
    executive: await findExecutive(socket),
  }
}

function tryPort(address: string, port: number): NodeJS.ErrnoException | null {
  try {
    bindSocket('udp4', address, port, false).close()
    return null
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}

export async function findExecutive(socket: string | null): Promise<PortObservation['executive']> {
  try {
    const options = { program: 'ais doctor', helloTimeoutMs: HELLO_TIMEOUT_MS }
    const connection = await Connection.open({ ...options, ...(socket === null ? {} : { socket }) })
    const { pid, nodeId, clusterName } = connection.hello
    connection.close()
    return { pid, nodeId, clusterName }
  } catch {
    return null
  }
}

export function judgeUnicastPort(place: Place, seen: PortObservation): Finding {
  const port = place.port - 1
  const where = `UDP port ${port} of ${place.address}`
  const details: Details = {
    address: place.address,
    port,
    pid: seen.ownerPid,
    program: seen.ownerProgram,
    executivePid: seen.executive?.pid ?? null,
  }
  if (seen.error === null) return ok(`${where} is free`, details)
  if (seen.error.code === 'EADDRNOTAVAIL') {
    return fail(`this machine does not have the address ${place.address}`, 'see: ip address', details)
  }
  if (seen.error.code !== 'EADDRINUSE') {
    const remedy = 'choose an mcastport above 1024, or one that this user may have'
    return fail(`${where} cannot be had: ${causeOf(seen.error)}`, remedy, details)
  }
  if (isOurs(place, seen)) {
    return ok(`${where} is held by the executive of this configuration (pid ${seen.executive!.pid})`, details)
  }
  const owner =
    seen.ownerPid === null
      ? 'another process, which this user may not see (as root: ss -ulpn)'
      : `pid ${seen.ownerPid}${seen.ownerProgram === null ? '' : ` (${seen.ownerProgram})`}`
  const remedy = `stop it, or write another mcastport on all nodes: unicast has the port below (${port})`
  return fail(`${where} is held by ${owner}`, remedy, details)
}

/** Where the owner cannot be seen, an executive with this cluster's name and this node's id will be it. */
function isOurs(place: Place, { executive, ownerPid }: PortObservation): boolean {
  if (executive === null) return false
  if (ownerPid !== null) return ownerPid === executive.pid
  return executive.clusterName === place.clusterName && executive.nodeId === place.nodeId
}
