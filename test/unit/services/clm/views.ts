import type { View, ViewMember } from '../../../../src/group/index.js'

/** @param incarnation which life of the node's executive */
export function member(nodeId: number, incarnation = 1, initialViewNumber = 10): ViewMember {
  return {
    nodeId,
    incarnation,
    address: `10.0.0.${nodeId}`,
    name: `node${nodeId}`,
    bootTimestamp: 1_700_000_000_000_000_000n + BigInt(nodeId * 1000 + incarnation),
    initialViewNumber,
  }
}

export function view(number: number, members: readonly ViewMember[], changes: Partial<View> = {}): View {
  return {
    number,
    ringId: { representative: members[0].nodeId, sequence: number },
    members,
    joined: [],
    left: [],
    quorum: {
      quorate: true,
      expectedVotes: null,
      votes: members.length,
      needed: null,
      waitingForAll: false,
    },
    apartMs: Infinity,
    ...changes,
  }
}
