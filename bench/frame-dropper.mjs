// Imported into an executive by a bench: of the frames that its sockets receive it drops a share,
// $AIS_DROP_SHARE, by chance. Frames that came together count each for itself: they say how long they are.
import { Socket } from 'node:dgram'

const share = Number(process.env.AIS_DROP_SHARE ?? 0)
/** Of a frame: header, and where in it its length is (docs/protocol.md). */
const HEADER_OCTETS = 36
const LENGTH_AT = 10

const { emit } = Socket.prototype
Socket.prototype.emit = function (event, ...args) {
  if (event !== 'message') return emit.call(this, event, ...args)
  const [octets, from] = args
  const kept = keep(octets)
  return kept.length === 0 ? true : emit.call(this, event, kept, from)
}

function keep(octets) {
  const kept = []
  for (let at = 0; at < octets.length;) {
    const length = octets.length - at < HEADER_OCTETS ? 0 : octets.readUInt16LE(at + LENGTH_AT)
    const end = length < HEADER_OCTETS ? octets.length : Math.min(octets.length, at + length)
    if (Math.random() >= share) kept.push(octets.subarray(at, end))
    at = end
  }
  return kept.length === 1 ? kept[0] : Buffer.concat(kept)
}
