import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ConfigurationFile, NodeConfiguration } from '../api/index.js'
import {
  compareGroups,
  compareNetworks,
  configuredKeys,
  loadGroupsFile,
  loadNetworkFile,
  ownKeys,
  readGroupsText,
  type Difference,
} from '../config/index.js'

/** How two values are called that are compared for one node. */
export const RUNS = 'it runs with'
export const SAYS = 'the file now says'

/**
 * A file that is not as it was when its executive was started. 'same': it means the same all the same;
 * 'differs': what it says now is another configuration; 'invalid': no executive could start from it; 'gone':
 * it is not there, or the executive cannot read it; 'elsewhere': it is not on this machine.
 */
export interface ChangedFile {
  readonly node: string
  readonly file: string
  readonly state: 'same' | 'differs' | 'invalid' | 'gone' | 'elsewhere'
  /** Between what it runs with and what the file now says. */
  readonly differences: readonly Difference[]
}

type Found = Pick<ChangedFile, 'state' | 'differences'>

const bare = (state: ChangedFile['state']): Found => ({ state, differences: [] })

/** Is the file that the executive means one of this machine? Then it has the digest that it told. */
async function isHere({ path, digest }: ConfigurationFile): Promise<boolean> {
  try {
    const octets = await readFile(path)
    return createHash('sha256').update(octets).digest('hex').slice(0, 32) === digest
  } catch {
    return false
  }
}

async function networkNow({ network }: NodeConfiguration): Promise<Found> {
  const loaded = await loadNetworkFile(network.path)
  if (!loaded.ok) return bare('invalid')
  const now = configuredKeys(loaded.config)
  // What a file leaves to the machine is what it was.
  const isLeft = (key: string): boolean => {
    return ownKeys.includes(key) && now.find((one) => one.key === key)?.value === null
  }
  const compared = now.map(({ key }) => key).filter((key) => !isLeft(key))
  const among = ({ key }: { readonly key: string }): boolean => compared.includes(key)
  const differences = compareNetworks(
    [
      { node: RUNS, keys: network.keys.filter(among) },
      { node: SAYS, keys: now.filter(among) },
    ],
    true,
  )
  return { state: differences.length > 0 ? 'differs' : 'same', differences }
}

async function groupsNow({ groups }: NodeConfiguration, text: string | null): Promise<Found> {
  const loaded = await loadGroupsFile(groups.path)
  if (!loaded.ok) return bare('invalid')
  const running = text === null ? null : readGroupsText(text)
  if (running === null) return bare('elsewhere')
  const differences = compareGroups([
    { node: RUNS, config: running },
    { node: SAYS, config: loaded.config },
  ])
  return { state: differences.length > 0 ? 'differs' : 'same', differences }
}

/** @param groupsText what its groups.conf comes to, where the node was asked for it */
export async function changedFiles(
  node: string,
  configuration: NodeConfiguration,
  groupsText: () => Promise<string | null>,
): Promise<ChangedFile[]> {
  const changed: ChangedFile[] = []
  for (const [file, look] of [
    [configuration.network, () => networkNow(configuration)],
    [configuration.groups, async () => groupsNow(configuration, await groupsText())],
  ] as const) {
    if (file.digest === file.startDigest) continue
    const name = { node, file: file.path }
    if (file.digest === null) changed.push({ ...name, ...bare('gone') })
    else if (!(await isHere(file))) changed.push({ ...name, ...bare('elsewhere') })
    else changed.push({ ...name, ...(await look()) })
  }
  return changed
}
