import { createHash } from 'node:crypto'
import { constants, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { effectiveKeys, groupsText } from '../config/index.js'
import type { ConfPort, FileDigests, NodeConfiguration } from '../services/index.js'
import type { Settings } from './settings.js'

/** What the executive lends the service that tells configurations. */
export interface ConfSurroundings {
  readonly settings: Settings
  readonly incarnation: number
  readonly version: string
  /** Of the files this start has read. */
  readonly startDigests: FileDigests
  send(payload: Uint8Array): boolean
}

/** Configurations are no larger. */
const FILE_OCTETS_MAX = 1024 * 1024

/** At most so many octets of a file count, and one more. @returns null: there is no file, or none to read */
async function digestOf(path: string): Promise<string | null> {
  try {
    // A pipe that nobody writes to must not hold up the start.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const hash = createHash('sha256')
      const buffer = new Uint8Array(64 * 1024)
      for (let total = 0; total <= FILE_OCTETS_MAX;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, null)
        if (bytesRead === 0) break
        hash.update(buffer.subarray(0, bytesRead))
        total += bytesRead
      }
      return hash.digest('hex').slice(0, 32)
    } finally {
      await handle.close()
    }
  } catch {
    return null
  }
}

/** Digests of the two files of a configuration as they are. */
export async function digestFiles({
  path,
  groupsPath,
}: Pick<Settings, 'path' | 'groupsPath'>): Promise<FileDigests> {
  const [network, groups] = await Promise.all([digestOf(path), digestOf(groupsPath)])
  return { network, groups }
}

function configurationOf({ settings, version, startDigests }: ConfSurroundings): NodeConfiguration {
  const { path, groupsPath, config, choice, groups } = settings
  const { network: ofNetwork, groups: ofGroups } = startDigests
  const keys = effectiveKeys(config, choice, settings)
  const meaning = createHash('sha256').update(groupsText(groups)).digest('hex').slice(0, 32)
  return {
    version,
    network: { path: resolve(path), startDigest: ofNetwork, digest: ofNetwork, keys },
    groups: { path: resolve(groupsPath), startDigest: ofGroups, digest: ofGroups, meaning },
  }
}

export function confPort(surroundings: ConfSurroundings): ConfPort {
  const { settings, incarnation } = surroundings
  // Whoever asks while the files are being read gets what is found then.
  let looking: Promise<FileDigests> | null = null
  return {
    nodeId: settings.nodeId,
    incarnation,
    configuration: configurationOf(surroundings),
    groupsText: groupsText(settings.groups),
    send: (payload) => surroundings.send(payload),
    lookAtFiles: (done) => {
      looking ??= digestFiles(settings).finally(() => (looking = null))
      void looking.then(done)
    },
    after: (delayMs, run) => {
      const timeout = setTimeout(run, delayMs).unref()
      return () => clearTimeout(timeout)
    },
  }
}
