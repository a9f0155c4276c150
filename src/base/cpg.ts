/** A member of a process group: one process on one node. */
export interface CpgAddress {
  readonly nodeId: number
  /** As the process says. */
  readonly pid: number
}

/**
 * Why a member came or went. 'join', 'leave': it asked to; 'process-down': its connection ended; 'node-down':
 * its node left or failed; 'node-up': its node and this one have come together.
 */
export const cpgReasons = ['join', 'leave', 'process-down', 'node-down', 'node-up'] as const
export type CpgReason = (typeof cpgReasons)[number]
