import { limits } from '../../base/index.js'

/** One of the files an executive was started from. */
export interface ConfigurationFile {
  /** Absolute, on that node. */
  readonly path: string
  /** Of its octets when the executive was started, in hexadecimal; null: there was no file. */
  readonly startDigest: string | null
  /** Of its octets when the node was asked; null: there is none, or it cannot be read. */
  readonly digest: string | null
}

/** A key of network.conf and what the executive makes of it; null: nothing. */
export interface EffectiveKey {
  readonly key: string
  readonly value: string | number | null
}

/** What one executive runs with. */
export interface NodeConfiguration {
  /** Of the executive: '0.1.0'. */
  readonly version: string
  readonly network: ConfigurationFile & { readonly keys: readonly EffectiveKey[] }
  /** `meaning`: a digest of what AMF was given. */
  readonly groups: ConfigurationFile & { readonly meaning: string }
}

const KEYS_MAX = 256

type Fields = Readonly<Record<string, unknown>>

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= limits.confDocumentOctets
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readFile(value: unknown): ConfigurationFile | null {
  if (!isMap(value)) return null
  const { path, startDigest, digest } = value
  return isText(path) && isTextOrNull(startDigest) && isTextOrNull(digest)
    ? { path, startDigest, digest }
    : null
}

function readKeys(value: unknown): EffectiveKey[] | null {
  if (!Array.isArray(value) || value.length > KEYS_MAX) return null
  const keys: EffectiveKey[] = []
  for (const item of value as unknown[]) {
    if (!isMap(item) || !isText(item.key)) return null
    const { key, value: content } = item
    if (typeof content !== 'number' && !isTextOrNull(content)) return null
    keys.push({ key, value: content })
  }
  return keys
}

/** What another member says of itself; null for what is none. Never throws. */
export function readNodeConfiguration(text: string): NodeConfiguration | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (!isMap(value) || !isText(value.version) || !isMap(value.network) || !isMap(value.groups)) return null
  const network = readFile(value.network)
  const groups = readFile(value.groups)
  const keys = readKeys(value.network.keys)
  const { meaning } = value.groups
  if (network === null || groups === null || keys === null || !isText(meaning)) return null
  return { version: value.version, network: { ...network, keys }, groups: { ...groups, meaning } }
}
