// The other end of `npm run bench:ipc` when it measures a bare Unix socket: sends each frame back, a length
// of 32 bits and so many octets, and does nothing else with it.
import { createServer } from 'node:net'
import { FrameCutter } from './frame-cutter.mjs'

createServer((socket) => {
  const cutter = new FrameCutter()
  socket.on('data', (chunk) => {
    const out = Buffer.allocUnsafe(chunk.length + cutter.heldOctets)
    let at = 0
    cutter.cut(chunk, (octets, start, end) => (at += octets.copy(out, at, start, end)))
    if (at > 0) socket.write(out.subarray(0, at))
  })
}).listen(process.argv[2], () => process.send('listening'))
process.on('disconnect', () => process.exit(0))
