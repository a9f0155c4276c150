import { awaitAgreement } from './agreement.js'
import { findNode } from './find-node.js'
import { clusterCommand } from './hints.js'
import { launch, writeCutLinks, type Launch } from './launch.js'
import { NodeLink } from './node-link.js'
import { cutLinksOf } from './partition.js'
import { presences, withProcess, type Presence } from './presence.js'
import { reached, signal, type ProcessIdentity } from './processes.js'
import type { Progress } from './progress.js'
import { SandboxError } from './sandbox-error.js'
import { writeSandboxFile, type SandboxState } from './sandbox-file.js'
import { orderInTurn, type Turn } from './turn.js'
import { firstEnd } from './up.js'

export interface OrderOptions {
  readonly directory: string
  /** Of the nodes that the order is for. */
  readonly names: readonly string[]
  readonly progress: Progress
}

export interface TimedOrderOptions extends OrderOptions {
  readonly timeoutMs: number
}

/** For the system to carry out a signal. */
const SIGNAL_TIMEOUT_MS = 10_000

/** For a daemon that runs to answer. */
export const ANSWER_TIMEOUT_MS = 10_000

type Running = Presence & { readonly identity: ProcessIdentity }

/** The nodes of a sandbox after an order, and which of them it was for. */
export interface OrderResult {
  readonly state: SandboxState
  readonly presences: readonly Presence[]
}

/** End the daemons at once, as if their machines had lost power (SIGKILL). */
export async function killNodes(options: OrderOptions): Promise<OrderResult> {
  return order(options, 'kill', async (turn, chosen) => {
    const running = chosen.map((presence) => needRunning(turn, presence))
    for (const { identity } of running) signal(identity, 'SIGKILL')
    await allReach(running, 'gone', SIGNAL_TIMEOUT_MS)
    return noted(turn, running, () => null)
  })
}

/** Let the daemons leave the cluster, and wait for their end (SIGTERM). */
export async function stopNodes(options: TimedOrderOptions): Promise<OrderResult> {
  return order(options, 'stop', async (turn, chosen) => {
    const running = chosen.map((presence) => needUp(turn, presence))
    await options.progress.step(`${listed(options.names)} leaving the cluster`, async () => {
      for (const { identity } of running) signal(identity, 'SIGTERM')
      await allReach(running, 'gone', options.timeoutMs, [command(turn, `kill ${options.names.join(' ')}`)])
    })
    return noted(turn, running, () => null)
  })
}

/** Stop the processes where they are, as if their machines were suspended (SIGSTOP). */
export async function pauseNodes(options: OrderOptions): Promise<OrderResult> {
  return order(options, 'pause', async (turn, chosen) => {
    const running = chosen.map((presence) => {
      const found = needRunning(turn, presence)
      if (found.state === 'up') return found
      const hint = command(turn, `resume ${found.node.name}`)
      throw new SandboxError(`${found.node.name} is paused already`, [hint])
    })
    for (const { identity } of running) signal(identity, 'SIGSTOP')
    await allReach(running, 'stopped', SIGNAL_TIMEOUT_MS)
    return turn.state
  })
}

/** Let paused processes go on (SIGCONT), and wait until they know which links are cut by now. */
export async function resumeNodes(options: OrderOptions): Promise<OrderResult> {
  return order(options, 'resume', async (turn, chosen) => {
    const paused = chosen.map((presence) => {
      const found = needRunning(turn, presence)
      if (found.state === 'paused') return found
      throw new SandboxError(`${found.node.name} is not paused`)
    })
    for (const { identity } of paused) signal(identity, 'SIGCONT')
    await allReach(paused, 'running', SIGNAL_TIMEOUT_MS)
    await Promise.all(paused.map((presence) => orderLinks(turn.state, presence)))
    return turn.state
  })
}

/** Start daemons that are down, and wait until they and all running nodes on their sides see each other. */
export async function startNodes(options: TimedOrderOptions): Promise<OrderResult> {
  return order(options, 'start', async (turn, chosen) => {
    for (const { node, state, identity } of chosen) {
      if (state === 'down') continue
      const how = state === 'paused' ? 'is paused' : 'runs already'
      const hints = state === 'paused' ? [command(turn, `resume ${node.name}`)] : []
      throw new SandboxError(`${node.name} ${how} (pid ${identity.pid})`, hints)
    }
    const { directory } = turn
    let { state } = turn
    const launches: Launch[] = []
    for (const { node } of chosen) {
      await writeCutLinks(directory, node.name, cutLinksOf(node, state))
      const started = await launch(directory, node.name)
      launches.push(started)
      state = withProcess(state, node.name, started.identity)
      await writeSandboxFile(directory, state)
    }
    await served({ directory, state }, launches, options)
    return state
  })
}

/** Wait until each of the started nodes, and those it is connected with, are in one view. */
async function served(
  { directory, state }: Turn,
  launches: readonly Launch[],
  options: TimedOrderOptions,
): Promise<void> {
  const failure = firstEnd(launches)
  failure.catch(() => undefined)
  const running = presences(directory, state).filter((presence) => presence.state === 'up')
  const sides = state.partition ?? [state.nodes.map(({ name }) => name)]
  const affected = sides.filter((side) => launches.some(({ name }) => side.includes(name)))
  await options.progress.step(`starting ${listed(options.names)}`, async () => {
    await Promise.all(
      affected.map((side) =>
        awaitAgreement({
          nodes: running.map(({ node }) => node).filter(({ name }) => side.includes(name)),
          timeoutMs: options.timeoutMs,
          signal: new AbortController().signal,
          failure,
          onProgress: () => undefined,
        }),
      ),
    )
  })
}

/** Have a daemon cut and mend its links so that they are as the sandbox has them. */
export async function orderLinks(state: SandboxState, { node, identity }: Running): Promise<void> {
  let link: NodeLink | undefined
  try {
    link = await NodeLink.open(node.socket, ANSWER_TIMEOUT_MS)
    await link.cutLinks(cutLinksOf(node, state), ANSWER_TIMEOUT_MS)
  } catch (error) {
    // One that ends meanwhile hears nobody any more.
    if (await reached(identity, 'gone', 0)) return
    throw new SandboxError(`${node.name} did not take the order: ${(error as Error).message}`)
  } finally {
    link?.close()
  }
}

async function order(
  { directory, names, progress }: OrderOptions,
  words: string,
  action: (turn: Turn, chosen: readonly Presence[]) => Promise<SandboxState>,
): Promise<OrderResult> {
  return orderInTurn(directory, `${words} ${names.join(' ')}`, progress, async (turn) => {
    const wanted = new Set(names.map((name) => findNode(turn.state, name).name))
    const isWanted = ({ node }: Presence): boolean => wanted.has(node.name)
    const state = await action(turn, presences(turn.directory, turn.state).filter(isWanted))
    return { state, presences: presences(turn.directory, state).filter(isWanted) }
  })
}

/** Note in the file what became of the processes. */
async function noted(
  { directory, state }: Turn,
  running: readonly Running[],
  identityOf: (presence: Running) => ProcessIdentity | null,
): Promise<SandboxState> {
  let next = state
  for (const presence of running) next = withProcess(next, presence.node.name, identityOf(presence))
  await writeSandboxFile(directory, next)
  return next
}

function needRunning(turn: Turn, presence: Presence): Running {
  if (presence.identity !== null) return presence
  const { name } = presence.node
  throw new SandboxError(`${name} is not running`, [command(turn, `start ${name}`)])
}

function needUp(turn: Turn, presence: Presence): Running {
  const found = needRunning(turn, presence)
  if (found.state === 'up') return found
  const { name } = found.node
  const hints = [command(turn, `resume ${name}`), command(turn, `kill ${name}`)]
  throw new SandboxError(`${name} is paused: it cannot leave the cluster`, hints)
}

async function allReach(
  running: readonly Running[],
  state: Parameters<typeof reached>[1],
  timeoutMs: number,
  hints: readonly string[] = [],
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  for (const { node, identity } of running) {
    const remainingMs = Math.max(0, deadlineMs - performance.now())
    if (await reached(identity, state, remainingMs)) continue
    const what = state === 'gone' ? 'has not ended' : `is not ${state}`
    const message = `${node.name} (pid ${identity.pid}) ${what} after ${timeoutMs / 1000} s`
    throw new SandboxError(message, hints, 'timed-out')
  }
}

function command({ directory }: Turn, words: string): string {
  return clusterCommand(words, directory)
}

function listed(names: readonly string[]): string {
  return names.join(', ')
}
