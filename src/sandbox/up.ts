import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { awaitAgreement } from './agreement.js'
import { killAll, removeFiles } from './dismantle.js'
import { reservePort } from './free-port.js'
import { checkGroups, type GroupsFile } from './groups-file.js'
import { clusterCommand } from './hints.js'
import { launch, writeCutLinks, type Launch } from './launch.js'
import { nodeDirectory, reachableNodeDirectory } from './layout.js'
import { checkConfiguration, MCAST_GROUP, nodeConfiguration, type AddedLine } from './node-configuration.js'
import { chooseShortcut, makeShortcut, preparePlace } from './place.js'
import { presences, withProcess } from './presence.js'
import { executives, type Progress } from './progress.js'
import { SandboxError } from './sandbox-error.js'
import { readSandboxFile, writeSandboxFile, type SandboxNode, type SandboxState } from './sandbox-file.js'
import { inTurn } from './turn.js'

export interface UpOptions {
  readonly directory: string
  /** Nodes to start. */
  readonly count: number
  /** For the network.conf of every node. */
  readonly added: readonly AddedLine[]
  /** The groups.conf of every node. */
  readonly groups: GroupsFile
  /** For the nodes to find each other. */
  readonly timeoutMs: number
  /** Gives up, and leaves nothing behind. */
  readonly signal: AbortSignal
  readonly progress: Progress
}

/**
 * Start a cluster on this machine, and wait until every node sees all. Whatever keeps it from that, nothing
 * is left behind.
 * @throws SandboxError when one runs there already, or it does not come to that
 */
export async function bringUp(options: UpOptions): Promise<SandboxState> {
  const { directory, progress, signal } = options
  const warnings = [...checkConfiguration(configurationsOf(options)[0]), ...checkGroups(options.groups)]
  for (const warning of warnings) progress.notice(warning)
  return inTurn(directory, 'up', progress, () => bringUpInTurn(options), signal)
}

async function bringUpInTurn(options: UpOptions): Promise<SandboxState> {
  await removeRemains(options)
  options.signal.throwIfAborted()
  const port = await reservePort(nodeNames(options.count).map(addressOf), MCAST_GROUP)
  try {
    return await bringUpAt(options, port.port)
  } finally {
    await port.release()
  }
}

async function bringUpAt(options: UpOptions, mcastPort: number): Promise<SandboxState> {
  const { directory, madeDirectory } = preparePlace(options.directory)
  const names = nodeNames(options.count)
  const shortcut = chooseShortcut(directory, names)
  let state: SandboxState = {
    phase: 'starting',
    clusterName: newClusterName(),
    mcastPort,
    madeDirectory,
    shortcut,
    partition: null,
    nodes: names.map((name, index) => newNode(directory, shortcut, name, index)),
  }
  try {
    // Before anything else is made: what the file tells of can be removed by whoever comes next.
    await writeSandboxFile(directory, state)
    await prepare(directory, state, options)
    const launches = await launchAll(directory, state, options)
    for (const { name, identity } of launches) state = withProcess(state, name, identity)
    await writeSandboxFile(directory, state)
    await agree(state, launches, options)
    state = { ...state, phase: 'up' }
    await writeSandboxFile(directory, state)
    return state
  } catch (error) {
    await killAll(directory, state)
    await removeFiles(directory, state)
    throw error
  }
}

/** What a command that was killed, or a machine that went down, left of an earlier sandbox. */
async function removeRemains({ directory, progress }: UpOptions): Promise<void> {
  const state = await readSandboxFile(directory)
  if (state === null) return
  const real = realpathSync(directory)
  const running = presences(real, state).filter(({ state }) => state !== 'down')
  if (state.phase === 'up' && running.length > 0) {
    const what = running.map(({ node, identity }) => `${node.name} (pid ${identity?.pid})`).join(', ')
    const hints = [clusterCommand('status', directory), clusterCommand('down', directory)]
    throw new SandboxError(`a sandbox runs in ${directory} already: ${what}`, hints)
  }
  progress.notice(`removing what an earlier sandbox left in ${directory}`)
  await killAll(real, state)
  await removeFiles(real, state)
}

async function prepare(directory: string, state: SandboxState, options: UpOptions): Promise<void> {
  if (state.shortcut !== null) await makeShortcut(state.shortcut, directory)
  const texts = configurationsOf(options, state)
  for (const [index, { name }] of state.nodes.entries()) {
    const own = nodeDirectory(directory, name)
    await mkdir(own, { mode: 0o700 })
    await writeFile(join(own, 'network.conf'), texts[index], { mode: 0o600 })
    await writeFile(join(own, 'groups.conf'), options.groups.text, { mode: 0o600 })
    await writeCutLinks(directory, name, [])
  }
}

async function launchAll(directory: string, state: SandboxState, options: UpOptions): Promise<Launch[]> {
  const { nodes } = state
  return options.progress.step(`starting ${executives(nodes.length)}`, async () => {
    const launches: Launch[] = []
    for (const { name } of nodes) {
      options.signal.throwIfAborted()
      launches.push(await launch(directory, name))
    }
    return launches
  })
}

async function agree(state: SandboxState, launches: readonly Launch[], options: UpOptions): Promise<void> {
  const { timeoutMs, signal, progress } = options
  const { nodes } = state
  await progress.step('waiting until every node sees all', (say) =>
    awaitAgreement({
      nodes,
      timeoutMs,
      signal,
      failure: firstEnd(launches),
      onProgress: (complete) => say(`${complete} of ${nodes.length}`),
    }),
  )
}

/** Rejects when a daemon ends that should not. */
export async function firstEnd(launches: readonly Launch[]): Promise<never> {
  throw new SandboxError(await Promise.race(launches.map(({ ended }) => ended)))
}

/** The network.conf of each node; without a state: as they would be, for a check of what the user added. */
function configurationsOf({ count, added }: UpOptions, state?: SandboxState): string[] {
  const common = {
    added,
    count,
    clusterName: state?.clusterName ?? newClusterName(),
    mcastPort: state?.mcastPort ?? 6000,
  }
  const nodes =
    state?.nodes ?? nodeNames(count).map((name, index) => newNode('/run/ais/sandbox', null, name, index))
  return nodes.map((node) => nodeConfiguration(node, common))
}

function newNode(directory: string, shortcut: string | null, name: string, index: number): SandboxNode {
  return {
    name,
    nodeId: index + 1,
    address: addressOf(name, index),
    socket: join(reachableNodeDirectory(directory, shortcut, name), 'ais.sock'),
    pid: null,
    startTime: null,
  }
}

function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `node${index + 1}`)
}

function addressOf(_name: string, index: number): string {
  return `127.0.0.${index + 1}`
}

function newClusterName(): string {
  return `sandbox-${randomBytes(4).toString('hex')}`
}
