import { createSocket } from 'node:dgram'

let nextOffset = 0

/**
 * An even UDP port that, with the port below it, is free on all the addresses: for mcastport. Taken from
 * below the range the kernel gives to unnamed sockets, and by process id, so that tests side by side keep
 * apart.
 */
export async function freePort(addresses) {
  for (let attempt = 0; attempt < 500; attempt++) {
    const port = 10_000 + 2 * ((process.pid * 37 + nextOffset++ * 4) % 10_000)
    const free = await Promise.all(
      addresses.flatMap((address) => [isFree(address, port), isFree(address, port - 1)]),
    )
    if (free.every(Boolean)) return port
  }
  throw new Error('no free pair of UDP ports found')
}

function isFree(address, port) {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}
