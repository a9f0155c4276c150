import { crc32 } from 'node:zlib'
import type { TotemPort } from '../../../src/totem/index.js'

/** A port that does nothing but what a test gives it. */
export function portOf(parts: Partial<TotemPort> = {}): TotemPort {
  const nothing = (): void => undefined
  return {
    multicast: nothing,
    multicastAll: (frames) => {
      for (const frame of frames) parts.multicast?.(frame)
    },
    unicast: nothing,
    setTimer: nothing,
    cancelTimer: nothing,
    reserve: nothing,
    checksum: (frame, offset) => crc32(frame.subarray(offset)),
    log: nothing,
    left: nothing,
    ...parts,
  }
}
