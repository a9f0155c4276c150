import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../cli/base-command.js'
import {
  checkLease,
  chooseInterface,
  effectiveLeaseMs,
  effectiveNetwork,
  identityOf,
  leaseOrigin,
  listInterfaces,
  loadGroupsConfig,
  loadNetworkConfig,
  printable,
  originText,
  shownGroups,
  shownNetwork,
  type LoadedGroupsConfig,
  type LoadedNetworkConfig,
  type Origin,
} from '../../config/index.js'
import { configDirectoryOf, hostHere } from '../../exec/index.js'
import {
  groupsTree,
  networkTable,
  type ShownDirectory,
  type ShownGroupsFile,
  type ShownNetworkFile,
} from '../../programs/index.js'

interface Answer {
  readonly configDir: ShownDirectory
  readonly effective: boolean
  readonly network?: ShownNetworkFile
  readonly groups?: ShownGroupsFile
}

type Network = Extract<LoadedNetworkConfig, { ok: true }>
type Groups = Extract<LoadedGroupsConfig, { ok: true }>

export default class ConfigShow extends BaseCommand<typeof ConfigShow> {
  static override readonly summary = 'Show every key of the configuration, and where its value comes from.'
  static override readonly description =
    'Each key of network.conf, and of everything in groups.conf, with its value, its unit, and file and ' +
    'line, or that it is the default. With --effective what `ais exec` would go by on this machine: the ' +
    'interface and address chosen and why, id and name of the node, directories and sockets, the lease, ' +
    'what the quorum keys come to, and implied service instances. The configuration directory is found as ' +
    '`ais exec` finds it. Exits with 3, and the findings, if the configuration is not good.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> network --effective',
    '<%= config.bin %> <%= command.id %> groups --config-dir ./conf',
    '<%= config.bin %> <%= command.id %> --json | jq \'.network.keys[] | select(.origin.kind == "file")\'',
  ]

  static override readonly args = {
    file: Args.string({
      name: 'FILE',
      description: 'one of the two files [default: both]',
      options: ['network', 'groups'],
    }),
  }

  static override readonly flags = {
    effective: Flags.boolean({ description: 'show what `ais exec` would go by on this machine' }),
    'config-dir': Flags.string({ description: 'directory with network.conf', helpValue: 'DIR' }),
  }

  async run(): Promise<Answer> {
    const configDir = this.directory()
    const { effective } = this.flags
    const wantsNetwork = this.args.file !== 'groups'
    const wantsGroups = this.args.file !== 'network'
    // What is effective follows from both files.
    const network = wantsNetwork || effective ? await this.network(configDir.path) : null
    const groups =
      wantsGroups || effective ? await this.groups(configDir.path, effective ? network : null) : null
    const answer: Answer = {
      configDir,
      effective,
      ...(wantsNetwork ? { network: this.shownNetwork(network!, effective ? groups : null) } : {}),
      ...(wantsGroups ? { groups: shownGroupsFile(groups!, effective ? network : null) } : {}),
    }
    this.print(answer)
    return answer
  }

  private directory(): ShownDirectory {
    const flag = this.flags['config-dir']
    if (flag !== undefined && flag !== '')
      return { path: flag, origin: { kind: 'flag', flag: '--config-dir' } }
    const variable = 'AIS_CONFIG_DIR'
    const fromEnvironment = process.env[variable]
    if (fromEnvironment !== undefined && fromEnvironment !== '') {
      return { path: fromEnvironment, origin: { kind: 'environment', variable } }
    }
    const { configDir } = this.settings
    const path = configDirectoryOf([configDir])
    const isSet = configDir !== undefined && configDir !== ''
    const origin: Origin = isSet
      ? { kind: 'file', path: this.settingsPath!, line: null }
      : { kind: 'default', text: null }
    return { path, origin }
  }

  private async network(directory: string): Promise<Network> {
    const loaded = await loadNetworkConfig(directory)
    return loaded.ok ? loaded : this.failConfiguration(loaded.path, loaded.diagnostics)
  }

  /** @param network what groups.conf has to go with, if anything */
  private async groups(directory: string, network: Network | null): Promise<Groups> {
    const loaded = await loadGroupsConfig(directory)
    if (!loaded.ok) return this.failConfiguration(loaded.path, loaded.diagnostics)
    const findings = network === null ? [] : checkLease(loaded.config, network.config)
    return findings.length === 0 ? loaded : this.failConfiguration(loaded.path, findings)
  }

  private shownNetwork(network: Network, groups: Groups | null): ShownNetworkFile {
    const { path: file, config } = network
    if (groups === null) return { file, keys: shownNetwork(network) }
    const chosen = chooseInterface(config, listInterfaces())
    if (!chosen.ok) return this.failConfiguration(file, [chosen.diagnostic])
    const { choice } = chosen
    const host = hostHere()
    const identity = identityOf(config, groups.config, choice, host)
    return {
      file,
      keys: effectiveNetwork(network, { choice, host, identity, leaseOrigin: leaseOrigin(groups) }),
    }
  }

  private print({ configDir, network, groups }: Answer): void {
    this.log(
      `configuration directory ${printable(configDir.path)} (${printable(originText(configDir.origin))})`,
    )
    if (network !== undefined) this.log(`\n${printable(network.file)}\n${networkTable(network)}`)
    if (groups === undefined) return
    const missing = groups.exists ? '' : ' (there is none: AMF has no groups to keep available)'
    this.log(`\n${printable(groups.file)}${missing}\n${groupsTree(groups)}`)
  }
}

/** @param network what the lease follows from; null: only what the file says is wanted */
function shownGroupsFile(groups: Groups, network: Network | null): ShownGroupsFile {
  const leaseMs = network === null ? null : effectiveLeaseMs(groups.config, network.config.tokenTimeoutMs)
  return { file: groups.path, exists: groups.notice === null, tree: shownGroups(groups, leaseMs) }
}
