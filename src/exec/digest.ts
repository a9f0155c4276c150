import { createHash } from 'node:crypto'
import type { Hash } from '../services/index.js'

/** Digests are 16 octets of a SHA-256. */
const DIGEST_OCTETS = 16

export function sha256(): Hash {
  const hash = createHash('sha256')
  return {
    update: (octets) => void hash.update(octets),
    digest: () => hash.digest().subarray(0, DIGEST_OCTETS),
  }
}
