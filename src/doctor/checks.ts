import type { Check } from './check.js'
import { chosenInterface, configuration, groupsConfiguration } from './local/configuration.js'
import { eventLoop } from './local/event-loop.js'
import { firewall } from './local/firewall/firewall.js'
import { nameResolution } from './local/name-resolution.js'
import { nodeVersion } from './local/node-version.js'
import { socket } from './local/socket.js'
import { stateDirectory } from './local/state-directory.js'
import { networkChecks, peerChecks } from './network/network-checks.js'

/** What is asked of this machine alone, in the order in which it is told. */
const localChecks: readonly Check[] = [
  nodeVersion,
  configuration,
  groupsConfiguration,
  chosenInterface,
  nameResolution,
  stateDirectory,
  socket,
  eventLoop,
  firewall,
  ...networkChecks,
]

/** Every check there is. */
export const allChecks: readonly Check[] = [...localChecks, ...peerChecks]

/** @param hasPeers whether there are machines to ask for what passes between them and this one */
export function checksFor(hasPeers: boolean): readonly Check[] {
  return hasPeers ? allChecks : localChecks
}
