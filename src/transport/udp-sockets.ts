import type { Socket } from 'node:dgram'
import { forceReceiveBuffer } from './socket-options.js'
import { udpSocketOwner } from './socket-owner.js'
import { TransportError } from './transport-error.js'
import { bindSocket, type SocketType } from './udp-channel.js'

/** Where a process of a cluster is on the network: what its sockets are opened by. */
export interface SocketPlace {
  readonly type: SocketType
  /** This process's address, one of the host's own. Selects the interface: no route is needed. */
  readonly address: string
  /** The cluster's multicast group. */
  readonly group: string
  /** Multicast is received on `group:port`, unicast on `address:(port - 1)`. */
  readonly port: number
}

/** Kernel buffer asked for; it grants what net.core.rmem_max and wmem_max allow. */
export const SOCKET_BUFFER_OCTETS = 4 * 1024 * 1024

/** The socket for frames to this process alone. @throws TransportError */
export function openUnicastSocket(options: SocketPlace): Socket {
  const { type, address } = options
  const port = options.port - 1
  try {
    const socket = bindSocket(type, address, port, false)
    raiseBuffer(socket, 'receive')
    return socket
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, address, port)
  }
}

/**
 * A socket for frames to the group; several processes of a host may have one, and each gets all frames.
 * @throws TransportError
 */
export function openGroupSocket(options: SocketPlace): Socket {
  const { type, group, port, address } = options
  let socket: Socket | undefined
  try {
    socket = bindSocket(type, group, port, true)
    raiseBuffer(socket, 'receive')
    socket.addMembership(group, address)
    return socket
  } catch (error) {
    socket?.close()
    throw explain(error as NodeJS.ErrnoException, group, port)
  }
}

function explain(error: NodeJS.ErrnoException, address: string, port: number): TransportError {
  if (error.code === 'EADDRINUSE') {
    const owner = udpSocketOwner(address, port)
    const who = owner === undefined ? 'another process' : `the process with pid ${owner}`
    const hint = 'stop it, or give this node an address (bindnetaddr) or port (mcastport) of its own'
    return new TransportError('address-in-use', `${address}:${port} is in use by ${who}`, hint)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENODEV') {
    const message = `this host does not have the address ${address} (${error.code})`
    return new TransportError(
      'address-unavailable',
      message,
      'see `ip address`, and bindnetaddr in network.conf',
    )
  }
  const message = `cannot open ${address}:${port}: ${causeOf(error)}`
  return new TransportError('other', message, 'see mcastaddr and mcastport in network.conf')
}

/**
 * Have a socket multicast by the interface that has the address, whatever the routes say, and to this host
 * as well.
 * @param ttl routers that multicast may pass, plus one
 */
export function prepareGroupSender(
  socket: Socket,
  { address, ttl }: { readonly address: string; readonly ttl: number },
): void {
  socket.setMulticastInterface(address)
  socket.setMulticastTTL(ttl)
  socket.setMulticastLoopback(true)
  raiseBuffer(socket, 'send')
}

export function raiseBuffer(socket: Socket, direction: 'receive' | 'send'): void {
  try {
    if (direction === 'receive') socket.setRecvBufferSize(SOCKET_BUFFER_OCTETS)
    else socket.setSendBufferSize(SOCKET_BUFFER_OCTETS)
    // Linux grants twice what it says, for its own use.
    const isShort = direction === 'receive' && socket.getRecvBufferSize() < 2 * SOCKET_BUFFER_OCTETS
    if (isShort) forceReceiveBuffer(socket, SOCKET_BUFFER_OCTETS)
  } catch {
    // The default will do: frames that do not fit are lost and sent again.
  }
}

/** The code of a system's error, and what it means for a socket. */
export function causeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined ? message : `${code} (${explanations[code] ?? message})`
}

const explanations: Record<string, string> = {
  EACCES: 'not permitted',
  EMSGSIZE: 'the frame is larger than the interface sends in one packet: see netmtu',
  ENETDOWN: 'the interface is down',
  ENETUNREACH: 'no route to that network: is the interface up?',
  EHOSTUNREACH: 'no route to that host',
  ENOBUFS: "the interface's queue is full",
  ENODEV: 'no such interface',
  EPERM: 'a packet filter on this host forbids it',
  EADDRNOTAVAIL: 'the address is not configured here',
}
