import type { CpgAddress, CpgReason } from '../../base/index.js'
import type { View } from '../../group/index.js'

// What a member is told, as it goes over the socket (docs/protocol.md, "Events of cpg").

/** Octets of messages, each behind its length, and whose they are: the one event of which there are many. */
export function messagesEvent(nodeId: number, pid: number, isSafe: boolean, messages: Uint8Array): unknown {
  return [nodeId, pid, isSafe, messages]
}

export function configurationEvent({ ringId, members }: View): object {
  const { representative, sequence } = ringId
  return {
    type: 'configuration',
    ringId: { representative, sequence },
    members: members.map(({ nodeId }) => nodeId),
  }
}

/** Node id and pid of each, in one list: there may be thousands. */
function addresses(members: readonly CpgAddress[]): number[] {
  return members.flatMap(({ nodeId, pid }) => [nodeId, pid])
}

export function membershipEvent(
  members: readonly CpgAddress[],
  joined: readonly CpgAddress[],
  joinedReason: CpgReason,
  left: readonly CpgAddress[],
  leftReason: CpgReason,
): object {
  return {
    type: 'membership',
    members: addresses(members),
    joined: addresses(joined),
    joinedReason,
    left: addresses(left),
    leftReason,
  }
}
