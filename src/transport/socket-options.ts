import type { Socket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inodesOf, linkOf, linkTo } from './socket-owner.js'

/** Of <sys/socket.h> and <netinet/udp.h> on Linux. */
const SOL_SOCKET = 1
const SO_ATTACH_FILTER = 26
const SO_RCVBUFFORCE = 33
const SOL_UDP = 17
const UDP_SEGMENT = 103
const UDP_GRO = 104

interface System {
  setOption(descriptor: number, level: number, name: number, value: Uint8Array, octets: number): number
  address(value: Uint8Array): bigint
}

interface Koffi {
  load(library: string | null): { func(prototype: string): System['setOption'] }
  address(value: Uint8Array): bigint
}

let system: System | null | undefined

/**
 * setsockopt(2), which Node has no way to. The library that calls it is an optional dependency: where it is
 * missing, or the system is not Linux, sockets stay as they are, and frames are sent one by one.
 */
function load(): System | null {
  if (process.platform !== 'linux') return null
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi
    const prototype = 'int setsockopt(int fd, int level, int name, const void *value, uint32_t octets)'
    // Of the program itself, whatever C library it was built with.
    return { setOption: koffi.load(null).func(prototype), address: (value) => koffi.address(value) }
  } catch {
    return null
  }
}

/**
 * Have the kernel cut what is sent in one call into datagrams of this size (UDP_SEGMENT, Linux 4.18).
 * @returns false: it does not
 */
export function segmentSent(socket: Socket, octets: number): boolean {
  return set(socket, SOL_UDP, UDP_SEGMENT, int(octets))
}

/**
 * Have datagrams that came together told as one (UDP_GRO, Linux 5.0): their frames say where each ends.
 * @returns false: each is told by itself
 */
export function joinReceived(socket: Socket): boolean {
  return set(socket, SOL_UDP, UDP_GRO, int(1))
}

/**
 * A receive buffer beyond what net.core.rmem_max allows; needs CAP_NET_ADMIN.
 * @returns false: not permitted
 */
export function forceReceiveBuffer(socket: Socket, octets: number): boolean {
  return set(socket, SOL_SOCKET, SO_RCVBUFFORCE, int(octets))
}

/** Octets that tell a process's own frames, which the group's address brings back to it. */
export interface OwnMark {
  /** Where in a frame they are. */
  readonly at: number
  /** A multiple of four. */
  readonly octets: Uint8Array
}

const UDP_HEADER_OCTETS = 8
/** Of <linux/filter.h>. */
const LOAD_LENGTH = 0x80
const LOAD_WORD = 0x20
const JUMP_IF_AT_LEAST = 0x35
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06
const WHOLE_PACKET = 0xffff_ffff

/**
 * Have the kernel drop frames with this mark before they are copied and this process is woken for them
 * (SO_ATTACH_FILTER).
 * @returns false: they come, and are dropped by who reads them
 */
export function dropOwn(socket: Socket, mark: OwnMark): boolean {
  system ??= system === undefined ? load() : null
  if (system === null) return false
  const words = new DataView(mark.octets.buffer, mark.octets.byteOffset, mark.octets.length)
  const count = mark.octets.length / 4
  const at = UDP_HEADER_OCTETS + mark.at
  // Each is code, jumps if true and if false, constant.
  const program: [number, number, number, number][] = [
    [LOAD_LENGTH, 0, 0, 0],
    [JUMP_IF_AT_LEAST, 0, 2 * count + 1, at + mark.octets.length],
  ]
  for (let i = 0; i < count; i++) {
    program.push([LOAD_WORD, 0, 0, at + 4 * i])
    program.push([JUMP_IF_EQUAL, 0, 2 * (count - i) - 1, words.getUint32(4 * i)])
  }
  program.push([RETURN, 0, 0, 0], [RETURN, 0, 0, WHOLE_PACKET])
  const code = new Uint8Array(program.length * 8)
  const codeView = new DataView(code.buffer)
  program.forEach(([operation, ifTrue, ifFalse, constant], index) => {
    codeView.setUint16(index * 8, operation, true)
    codeView.setUint8(index * 8 + 2, ifTrue)
    codeView.setUint8(index * 8 + 3, ifFalse)
    codeView.setUint32(index * 8 + 4, constant, true)
  })
  // struct sock_fprog of a little-endian machine of 64 bits.
  const description = new Uint8Array(16)
  const view = new DataView(description.buffer)
  view.setUint16(0, program.length, true)
  view.setBigUint64(8, system.address(code), true)
  return is64BitLittleEndian && set(socket, SOL_SOCKET, SO_ATTACH_FILTER, description)
}

const is64BitLittleEndian = ['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch)

function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer)
}

function set(socket: Socket, level: number, name: number, value: Uint8Array): boolean {
  system ??= system === undefined ? load() : null
  const descriptor = system === null ? undefined : descriptorOf(socket)
  return descriptor !== undefined && system!.setOption(descriptor, level, name, value, value.length) === 0
}

/** The descriptor of a socket just bound, which Node keeps to itself. */
function descriptorOf(socket: Socket): number | undefined {
  const { address, port } = socket.address()
  try {
    const inodes = inodesOf(readFileSync('/proc/self/net/udp', 'ascii'), address, port)
    const links = inodes.map(linkTo)
    const own = readdirSync('/proc/self/fd')
      .map((name) => ({ name, at: links.indexOf(linkOf(`/proc/self/fd/${name}`) ?? '') }))
      .filter(({ at }) => at >= 0)
    // Others, of this process too, may have a socket of the group at the same place: the newest is meant.
    own.sort((a, b) => Number(inodes[b.at]) - Number(inodes[a.at]))
    return own[0] && Number(own[0].name)
  } catch {
    return undefined // no /proc: as without the library
  }
}
