import { hostname, homedir } from 'node:os'
import { join } from 'node:path'
import { shellWord } from '../base/index.js'
import {
  chooseInterface,
  crossCheck,
  formatDiagnostic,
  identityOf,
  listInterfaces,
  loadGroupsConfig,
  loadNetworkConfig,
  type GroupsConfig,
  type Host,
  type Identity,
  type LoadedNetworkConfig,
  type InterfaceChoice,
  type NetworkConfig,
} from '../config/index.js'
import type { QuorumSettings } from '../group/index.js'
import type { TotemOptions } from '../totem/index.js'
import { defaultServerSocket } from '../ipc/index.js'
import { ExecError } from './exec-error.js'
import { defaultStateDirectory } from './state-directory.js'

/** What this start goes by: the configuration, completed from this machine. */
export interface Settings extends Identity {
  readonly path: string
  /** There may be none. */
  readonly groupsPath: string
  readonly config: NetworkConfig
  readonly choice: InterfaceChoice
  /** What AMF is to keep available. */
  readonly groups: GroupsConfig
  /** There is no groups.conf. */
  readonly notice: string | null
  /** Formatted diagnostics that do not keep the executive from starting. */
  readonly warnings: readonly string[]
}

/** What this machine and its environment give where a configuration says nothing. */
export function hostHere(): Host {
  const surroundings = { uid: process.getuid?.() ?? 0, home: homedir(), env: process.env }
  const without = { ...surroundings, env: {} }
  const usual = (find: (of: typeof surroundings) => string, variable: string): Host['socket'] => {
    const path = find(surroundings)
    return { path, variable: path === find(without) ? null : variable }
  }
  return {
    hostName: hostname(),
    stateDirectory: usual(defaultStateDirectory, 'XDG_STATE_HOME'),
    socket: usual(defaultServerSocket, 'XDG_RUNTIME_DIR'),
  }
}

/**
 * @throws ExecError with every diagnostic when the configuration is missing, wrong, or not for this machine
 */
export async function loadSettings(configDir: string): Promise<Settings> {
  const loaded = await loadNetworkConfig(configDir)
  const texts = loaded.diagnostics.map((diagnostic) => formatDiagnostic(loaded.path, diagnostic))
  if (!loaded.ok) {
    const isMissing = loaded.diagnostics.some(({ code }) => code === 'file-missing')
    const hint = `ais config init --config-dir ${shellWord(configDir)}`
    throw new ExecError('configuration', texts.join('\n'), isMissing ? hint : undefined)
  }
  const { config, path } = loaded
  const chosen = chooseInterface(config, listInterfaces())
  if (!chosen.ok) {
    throw new ExecError('configuration', formatDiagnostic(path, chosen.diagnostic))
  }
  const { groups, groupsPath, notice, warnings } = await loadGroups(configDir, loaded)
  return {
    path,
    config,
    choice: chosen.choice,
    ...identityOf(config, groups, chosen.choice, hostHere()),
    groups,
    groupsPath,
    notice,
    warnings: [...texts, ...warnings],
  }
}

/** @throws ExecError with every diagnostic when there is a groups.conf and it is wrong */
async function loadGroups(
  configDir: string,
  network: Extract<LoadedNetworkConfig, { ok: true }>,
): Promise<{ groups: GroupsConfig; groupsPath: string; notice: string | null; warnings: string[] }> {
  const loaded = await loadGroupsConfig(configDir)
  const together = loaded.ok
    ? crossCheck({ ...network, isFixable: false }, { ...loaded, isFixable: false })
    : { network: [], groups: [] }
  const findings = [...loaded.diagnostics, ...together.groups]
  const texts = [
    ...together.network.map((diagnostic) => formatDiagnostic(network.path, diagnostic)),
    ...findings.map((diagnostic) => formatDiagnostic(loaded.path, diagnostic)),
  ]
  if (!loaded.ok || findings.some(({ severity }) => severity === 'error')) {
    throw new ExecError('configuration', texts.join('\n'))
  }
  return { groups: loaded.config, groupsPath: loaded.path, notice: loaded.notice, warnings: texts }
}

/** @param incarnation first ring sequence number reserved by this start */
export function totemOptionsOf(settings: Settings, incarnation: number): TotemOptions {
  const { config, choice, nodeId, nodeName } = settings
  return {
    nodeId,
    nodeName,
    address: choice.address,
    clusterName: config.clusterName,
    incarnation,
    tokenTimeoutMs: config.tokenTimeoutMs,
    consensusTimeoutMs: config.consensusTimeoutMs,
    joinIntervalMs: config.joinIntervalMs,
    mergeIntervalMs: config.mergeIntervalMs,
    holdMs: config.holdMs,
    retransmitMaxMs: config.retransmitMaxMs,
    windowFrames: config.windowFrames,
    maxMessagesPerVisit: config.maxMessagesPerVisit,
    acceleratedWindowFrames: config.acceleratedWindowFrames,
    netmtu: config.netmtu,
  }
}

export function quorumSettingsOf({ config }: Settings): QuorumSettings {
  const { quorumMode: mode, expectedVotes, twoNode, waitForAll } = config
  return { mode, expectedVotes, twoNode, waitForAll }
}

/** `$AIS_CONFIG_DIR` and the user's own settings yield to the command line; /etc/ais is what remains. */
export function configDirectoryOf(choices: readonly (string | undefined)[]): string {
  return choices.find((choice) => choice !== undefined && choice !== '') ?? join('/etc', 'ais')
}
