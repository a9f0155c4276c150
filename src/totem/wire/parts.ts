import { limits } from '../../base/index.js'
import { HEADER_OCTETS, type FrameHeader } from './header.js'
import { readU16, writeU16 } from '../../base/octets.js'

/** Part number and number of parts, behind the header of every control frame. */
const PARTS_OCTETS = 4
const BODY_AT = HEADER_OCTETS + PARTS_OCTETS
/** The largest control message is the commit token of a full ring: below 50 000 octets. */
const BODY_OCTETS_MAX = 65_536

/**
 * Cut the body of a control message into frames that fit the MTU; headers are still to be filled in.
 * @returns one frame in the common case
 */
export function cutControl(body: Uint8Array, frameOctets: number): Uint8Array[] {
  const room = frameOctets - BODY_AT
  const parts = Math.max(1, Math.ceil(body.length / room))
  return Array.from({ length: parts }, (_, part) => {
    const piece = body.subarray(part * room, (part + 1) * room)
    const frame = new Uint8Array(BODY_AT + piece.length)
    writeU16(frame, HEADER_OCTETS, part)
    writeU16(frame, HEADER_OCTETS + 2, parts)
    frame.set(piece, BODY_AT)
    return frame
  })
}

interface Unfinished {
  readonly kind: number
  readonly counter: number
  readonly pieces: (Uint8Array | undefined)[]
  missing: number
}

/** Puts control messages of several parts together: at most one unfinished message a sender. */
export class ControlAssembler {
  private readonly unfinished = new Map<number, Unfinished>()

  /** @returns the body once it is whole, null while parts are missing, 'malformed' for nonsense */
  take(header: FrameHeader, frame: Uint8Array): Uint8Array | null | 'malformed' {
    if (frame.length < BODY_AT) return 'malformed'
    const part = readU16(frame, HEADER_OCTETS)
    const parts = readU16(frame, HEADER_OCTETS + 2)
    if (part >= parts || parts > limits.controlParts) return 'malformed'
    if ((frame.length - BODY_AT) * parts > BODY_OCTETS_MAX) return 'malformed'
    const piece = frame.subarray(BODY_AT)
    return parts === 1 ? piece : this.add(header, part, parts, piece)
  }

  private add(header: FrameHeader, part: number, parts: number, piece: Uint8Array): Uint8Array | null {
    const message = this.messageOf(header, parts)
    if (message.pieces[part]) return null
    message.pieces[part] = piece
    message.missing--
    if (message.missing > 0) return null
    this.unfinished.delete(header.sender)
    return join(message.pieces as Uint8Array[])
  }

  private messageOf(header: FrameHeader, parts: number): Unfinished {
    const known = this.unfinished.get(header.sender)
    if (known && known.kind === header.kind && known.counter === header.counter) {
      if (known.pieces.length === parts) return known
    }
    const message = {
      kind: header.kind,
      counter: header.counter,
      pieces: new Array<Uint8Array | undefined>(parts).fill(undefined),
      missing: parts,
    }
    // A bound on what strangers can make us keep: forget the sender that was there longest.
    if (this.unfinished.size >= limits.ringMembers) {
      this.unfinished.delete(this.unfinished.keys().next().value as number)
    }
    this.unfinished.set(header.sender, message)
    return message
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const body = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    body.set(piece, at)
    at += piece.length
  }
  return body
}
