import type { SandboxState } from '../../../src/sandbox/sandbox-file.js'

/** A sandbox of that many nodes, as its file has it; no process is behind it. */
export function sandboxOf(count: number): SandboxState {
  return {
    phase: 'up',
    clusterName: 'sandbox-test',
    mcastPort: 30_000,
    madeDirectory: null,
    shortcut: null,
    partition: null,
    nodes: Array.from({ length: count }, (_, index) => ({
      name: `node${index + 1}`,
      nodeId: index + 1,
      address: `127.0.0.${index + 1}`,
      socket: `/tmp/none/node${index + 1}/ais.sock`,
      pid: null,
      startTime: null,
    })),
  }
}
