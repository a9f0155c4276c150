import { createSocket } from 'node:dgram'
import { HeldName } from './command-lock.js'
import { SandboxError } from './sandbox-error.js'

/** Below the ports that Linux gives to unnamed sockets by default. */
const FIRST_PORT = 30_000
const PAIRS = 1_384

/** A port for mcastport; nobody else's sandbox takes it until it is released. */
export interface ReservedPort {
  readonly port: number
  release(): Promise<void>
}

/**
 * Find an even port that, with the one below, nobody uses at these addresses, nor at the group. Of sandboxes
 * that are started at the same moment each gets another one.
 * @param random from 0 to 1: where to begin, so that a sandbox whose nodes are all down keeps its own
 * @throws SandboxError when all are in use
 */
export async function reservePort(
  addresses: readonly string[],
  group: string,
  random: number = Math.random(),
): Promise<ReservedPort> {
  const start = Math.floor(random * PAIRS)
  for (let attempt = 0; attempt < PAIRS; attempt++) {
    const port = FIRST_PORT + 2 * ((start + attempt) % PAIRS)
    const held = await HeldName.take(`ais-sandbox-port-${port}`)
    if (held === null) continue
    if (await isFree(port, addresses, group)) return { port, release: () => held.release() }
    await held.release()
  }
  const range = `${FIRST_PORT} to ${FIRST_PORT + 2 * PAIRS}`
  throw new SandboxError(`no pair of UDP ports from ${range} is free at ${addresses.join(', ')}`)
}

async function isFree(port: number, addresses: readonly string[], group: string): Promise<boolean> {
  const wanted = [[group, port] as const].concat(
    addresses.flatMap((address) => [[address, port - 1] as const, [address, port] as const]),
  )
  for (const [address, at] of wanted) if (!(await canBind(address, at))) return false
  return true
}

function canBind(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}
