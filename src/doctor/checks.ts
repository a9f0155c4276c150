import type { Check } from './check.js'
import { chosenInterface, configuration, groupsConfiguration } from './local/configuration.js'
import { networkChecks, peerChecks } from './network/network-checks.js'

/** What is asked of this machine alone, in the order in which it is told. */
const localChecks: readonly Check[] = [configuration, groupsConfiguration, chosenInterface, ...networkChecks]

/** @param hasPeers whether there are machines to ask for what passes between them and this one */
export function checksFor(hasPeers: boolean): readonly Check[] {
  return hasPeers ? [...localChecks, ...peerChecks] : localChecks
}
