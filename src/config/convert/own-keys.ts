import type { NetworkConfig } from '../model/network-config.js'
import { networkKeys, type NetworkKey } from '../model/network-keys.js'
import type { Entry, ParsedText } from '../parse.js'

/** A key that the source gives, and its value as our own formats have it. */
export interface GivenKey {
  readonly key: NetworkKey
  readonly value: string
}

/** The value of one of the three keys: what it was read as, without what was ignored behind it. */
function originalValue(name: string, config: NetworkConfig): string {
  if (name === 'bindnetaddr') return config.bindTarget.text
  return name === 'mcastaddr' ? config.mcastAddress : String(config.mcastPort)
}

/** The entry that holds: of the added keys the first, for a second one is an error. */
export function entryOf(name: string, { entries }: ParsedText): Entry | undefined {
  return entries.find(({ key }) => key === name)
}

/** The keys that a checked source gives, in the order of the documentation. */
export function givenKeys(parsed: ParsedText, config: NetworkConfig): GivenKey[] {
  return networkKeys.flatMap((key) => {
    const entry = entryOf(key.name, parsed)
    if (entry === undefined) return []
    return [{ key, value: key.kind === 'original' ? originalValue(key.name, config) : entry.value }]
  })
}

/** The octets of a port the other way round: as the original executive put it on the wire. */
export function swappedPort(port: number): number {
  return ((port & 0xff) << 8) | ((port >>> 8) & 0xff)
}
