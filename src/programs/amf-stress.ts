import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bringUp, takeDown, type AddedLine, type Progress } from '../sandbox/index.js'
import { Failures, type Failover, type FailureKind } from './amf-stress-failures.js'
import { stressModel, type StressModel } from './amf-stress-groups.js'
import { fillLargeCheckpoint } from './amf-stress-transfer.js'
import { writeAllTheWhile } from './amf-stress-load.js'
import { StressFailure, StressWorld } from './amf-stress-world.js'
import { verdictOf, type StressVerdict } from './amf-stress-verdict.js'

export interface StressOptions {
  /** Failures, at most. */
  readonly kills: number
  /** No failure begins later. */
  readonly durationMs: number
  readonly nodes: number
  readonly kinds: readonly FailureKind[]
  /** Octets of a checkpoint that another executive is getting during each failure; 0: none. */
  readonly transferOctets: number
  /** For the network.conf of every node. */
  readonly added: readonly AddedLine[]
  /** Of the sandbox; null: one below the directory for temporary files, removed in the end. */
  readonly directory: string | null
  /** Where the log of all state changes goes; null: nowhere that lasts. */
  readonly logPath: string | null
  readonly progress: Progress
  /** Ends the run early: what was done by then is judged. */
  readonly stopped: AbortSignal
}

export interface StressOutcome extends StressVerdict {
  readonly failovers: readonly Failover[]
  readonly writes: number
  /** Why it ended early, for people; null: it did not. */
  readonly failure: string | null
}

/** For the nodes to find each other. */
const UP_TIMEOUT_MS = 120_000
const DOWN_TIMEOUT_MS = 30_000

/**
 * Bring up a cluster and components on this machine, fail components and executives in turn, and see how long
 * it takes until another unit is active, and that there are never two. Nothing is left behind.
 * @throws SandboxError: the cluster does not come up
 */
export async function stressAmf(options: StressOptions, say: (text: string) => void): Promise<StressOutcome> {
  const work = await mkdtemp(join(tmpdir(), 'ais-amf-stress-'))
  try {
    const directory = options.directory ?? join(work, 'sandbox')
    const logPath = options.logPath ?? join(work, 'log')
    return await inSandbox(options, directory, (model) =>
      stress(model, { ...options, directory, logPath }, say),
    )
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function inSandbox<R>(
  options: StressOptions,
  directory: string,
  action: (model: StressModel) => Promise<R>,
): Promise<R> {
  const { nodes, kinds, progress, stopped } = options
  const model = stressModel(nodes)
  const majority = { key: 'quorum', value: 'majority' }
  const added = kinds.includes('link-cut') ? [majority, ...options.added] : options.added
  await bringUp({
    directory,
    count: nodes,
    added,
    groups: { source: 'the groups of `ais amf stress`', text: model.groupsText },
    timeoutMs: UP_TIMEOUT_MS,
    signal: stopped,
    progress,
  })
  try {
    return await action(model)
  } finally {
    await takeDown(directory, DOWN_TIMEOUT_MS, progress)
  }
}

type PlacedOptions = StressOptions & { readonly directory: string; readonly logPath: string }

async function stress(
  model: StressModel,
  options: PlacedOptions,
  say: (text: string) => void,
): Promise<StressOutcome> {
  const ended = new AbortController()
  setMaxListeners(0, ended.signal, options.stopped)
  const { directory, logPath, progress, stopped } = options
  const world = new StressWorld(model, directory, logPath, progress, stopped)
  const failovers: Failover[] = []
  let failure: string | null = null
  let writing: Promise<number[]> | undefined
  try {
    for (const component of model.components) await world.start(component)
    await world.until('all components are assigned', () => world.ledger.isWell)
    const nodes = await world.nodes()
    const { transferOctets } = options
    if (transferOctets > 0) {
      await progress.step('filling a checkpoint', () => fillLargeCheckpoint(nodes[0].socket, transferOctets))
    }
    writing = Promise.all(
      nodes.map(({ socket }, index) => writeAllTheWhile(socket, `amf-stress-${index}`, ended.signal)),
    )
    await failUntilDone(world, options, failovers, say)
  } catch (error) {
    if (error instanceof StressFailure) failure = error.message
    else if (!stopped.aborted) throw error
  } finally {
    ended.abort()
    await world.end()
  }
  const writes = (await writing)?.reduce((sum, count) => sum + count, 0) ?? 0
  const verdict = verdictOf(world.entries, model)
  // Where it was stopped half-way, something had just been failed.
  const notActive = stopped.aborted ? [] : verdict.notActive
  return { ...verdict, notActive, failovers, writes, failure }
}

async function failUntilDone(
  world: StressWorld,
  { kills, durationMs, kinds, transferOctets }: StressOptions,
  failovers: Failover[],
  say: (text: string) => void,
): Promise<void> {
  const failures = new Failures(world, kinds, transferOctets > 0)
  const endMs = performance.now() + durationMs
  while (failovers.length < kills && performance.now() < endMs) {
    const failover = await failures.next()
    failovers.push(failover)
    say(`${failovers.length}: ${failover.kind}, ${failover.ms.toFixed(1)} ms`)
  }
}
