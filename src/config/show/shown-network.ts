import type { Block } from '../groups/block.js'
import type { InterfaceChoice, NetworkConfig } from '../model/network-config.js'
import { findNetworkKey, networkKeys, type NetworkKey } from '../model/network-keys.js'
import type { Entry } from '../parse.js'
import { effectiveKeys, type Host, type Identity, type KeyValue, type UsualPath } from './effective.js'
import { fromFile, type Origin, type ShownKey } from './shown-key.js'

/** A network.conf that was read. */
export interface NetworkFile {
  readonly path: string
  readonly config: NetworkConfig
  readonly written: Block
}

/** What the machine makes of it. */
export interface Completion {
  readonly choice: InterfaceChoice
  readonly host: Host
  readonly identity: Identity
  readonly leaseOrigin: Origin
}

/** A value as the file says it; numbers as numbers. */
function writtenValue(key: NetworkKey, { value }: Entry): KeyValue {
  return key.kind === 'integer' || key.name === 'mcastport' ? Number(value) : value
}

function entriesOf({ written }: NetworkFile): Map<string, Entry> {
  return new Map(written.entries.map((entry) => [entry.key, entry]))
}

const withoutMarks = (text: string): string => text.replaceAll('`', '')

function defaultOrigin(key: NetworkKey, value: KeyValue): Origin {
  const text = key.kind === 'original' || value !== null ? null : (key.defaultText ?? null)
  return { kind: 'default', text: text === null ? null : withoutMarks(text) }
}

/** Every key: what the file says, and the default of the others. */
export function shownNetwork(file: NetworkFile): ShownKey[] {
  const entries = entriesOf(file)
  return networkKeys.map((key): ShownKey => {
    const { name, unit } = key
    const entry = entries.get(name)
    if (entry !== undefined) {
      return { key: name, value: writtenValue(key, entry), unit, origin: fromFile(file.path, entry) }
    }
    // What the quorum keys come to depends on each other: that is for the effective values.
    const value = key.kind === 'original' ? null : key.default
    return { key: name, value, unit, origin: defaultOrigin(key, value) }
  })
}

function usual({ variable }: UsualPath): Origin {
  return variable === null ? { kind: 'default', text: null } : { kind: 'environment', variable }
}

/** Of keys that the file does not give, and of what follows from those it does. */
function derivedOrigins({ choice, host, leaseOrigin }: Completion): ReadonlyMap<string, Origin> {
  const from = (what: string): Origin => ({ kind: 'derived', from: what })
  return new Map<string, Origin>([
    ['interface', from(choice.reason)],
    ['address', from('the interface')],
    ['unicastport', from('mcastport, one below')],
    ['nodeid', from('the address, as a number')],
    ['nodename', from(`the host name, ${host.hostName}`)],
    ['statedir', usual(host.stateDirectory)],
    ['socket', usual(host.socket)],
    ['lease', leaseOrigin],
  ])
}

/** Every key with the value that `ais exec` would use here, and what follows from the keys. */
export function effectiveNetwork(file: NetworkFile, completion: Completion): ShownKey[] {
  const { config, path } = file
  const entries = entriesOf(file)
  const derived = derivedOrigins(completion)
  return effectiveKeys(config, completion.choice, completion.identity).map(({ key: name, value }) => {
    const key = findNetworkKey(name)
    const entry = entries.get(name)
    const unit = key?.unit ?? (name === 'lease' ? 'ms' : '')
    const shown = (origin: Origin): ShownKey => ({ key: name, value, unit, origin })
    if (key === undefined) return shown(derived.get(name)!)
    if (entry === undefined) {
      const usualOrigin = derived.get(name)
      if (usualOrigin !== undefined) return shown(usualOrigin)
      if (name === 'wait-for-all' && config.twoNode) return shown({ kind: 'derived', from: 'two-node: yes' })
      if (config.quorumMode === 'off' && name === 'expected-votes') {
        return shown({ kind: 'derived', from: 'quorum: off' })
      }
      return shown(defaultOrigin(key, value))
    }
    const isUnused = config.quorumMode === 'off' && String(value) !== String(writtenValue(key, entry))
    const isQuorum = ['expected-votes', 'two-node', 'wait-for-all'].includes(name)
    if (isQuorum && isUnused) return shown({ kind: 'derived', from: 'quorum: off' })
    return shown(fromFile(path, entry))
  })
}
