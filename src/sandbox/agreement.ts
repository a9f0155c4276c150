import { setMaxListeners } from 'node:events'
import { NodeLink, type ClusterSeen } from './node-link.js'
import { SandboxError } from './sandbox-error.js'
import type { SandboxNode } from './sandbox-file.js'

export interface AgreementOptions {
  /** They have to see each other. */
  readonly nodes: readonly Pick<SandboxNode, 'name' | 'socket'>[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Rejects when it cannot come to that any more. */
  readonly failure: Promise<never>
  /** Told how many of the nodes see all of them by now. */
  onProgress(complete: number): void
}

/**
 * Wait until all of these nodes are in one view, and each has told so on its own socket.
 * @throws SandboxError when the time is over, with what each node sees
 */
export async function awaitAgreement(options: AgreementOptions): Promise<void> {
  const { nodes, timeoutMs, failure } = options
  // So that the end of the time is told once, with what each node sees.
  const answerTimeoutMs = 2 * timeoutMs
  const ended = new AbortController()
  const signal = AbortSignal.any([options.signal, ended.signal])
  setMaxListeners(0, signal)
  const seen = new Map<string, ClusterSeen>()
  const links: NodeLink[] = []
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (error: unknown): void => reject(error as Error)
      timer = setTimeout(() => reject(tooLate(options, seen)), timeoutMs)
      signal.addEventListener('abort', () => fail(signal.reason))
      failure.catch(fail)
      const follow = async ({ name, socket }: (typeof nodes)[number]): Promise<void> => {
        const link = await NodeLink.open(socket, answerTimeoutMs, signal)
        links.push(link)
        if (signal.aborted) link.close()
        const onSeen = (view: ClusterSeen): void => {
          seen.set(name, view)
          const complete = nodes.filter((node) => seesAll(seen.get(node.name), nodes)).length
          options.onProgress(complete)
          if (complete === nodes.length && isOneView(seen, nodes)) resolve()
        }
        await link.watch(onSeen, answerTimeoutMs, signal)
      }
      for (const node of nodes) follow(node).catch(fail)
    })
  } finally {
    clearTimeout(timer)
    ended.abort()
    for (const link of links) link.close()
  }
}

function seesAll(view: ClusterSeen | undefined, nodes: AgreementOptions['nodes']): boolean {
  return view !== undefined && nodes.every(({ name }) => view.members.includes(name))
}

function isOneView(seen: ReadonlyMap<string, ClusterSeen>, nodes: AgreementOptions['nodes']): boolean {
  return new Set(nodes.map(({ name }) => seen.get(name)?.viewNumber)).size === 1
}

function tooLate(
  { nodes, timeoutMs }: AgreementOptions,
  seen: ReadonlyMap<string, ClusterSeen>,
): SandboxError {
  const states = nodes.map(({ name }) => {
    const members = seen.get(name)?.members
    return `  ${name} sees ${members === undefined ? 'nothing yet' : members.join(', ')}`
  })
  const message = `the nodes did not find each other within ${timeoutMs / 1000} s:\n${states.join('\n')}`
  return new SandboxError(message, [], 'timed-out')
}
