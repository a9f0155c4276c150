import { setTimeout as wait } from 'node:timers/promises'
import { Connection } from '../api/connection.js'
import { AisError, ClusterChange, TrackFlags } from '../base/index.js'

/** The cluster as one node sees it. */
export interface ClusterSeen {
  readonly viewNumber: number
  readonly quorate: boolean
  /** Names, by node id. */
  readonly members: readonly string[]
}

/** Of the notification buffers of CLM, what is looked at here. */
interface BufferDocument {
  readonly viewNumber: number
  readonly quorate: boolean
  readonly items: readonly {
    readonly clusterNode: { readonly nodeName: string }
    readonly clusterChange: number
  }[]
}

/** Before a daemon that is starting, or knows no members yet, is asked again. */
const RETRY_INTERVAL_MS = 20

/** A connection of these commands to the executive of one node. */
export class NodeLink {
  private constructor(private readonly connection: Connection) {}

  /**
   * Wait for the executive if it is just starting.
   * @param signal gives up
   * @throws AisError when nobody listens there, or does not answer, within the time
   */
  static async open(socket: string, timeoutMs: number, signal?: AbortSignal): Promise<NodeLink> {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const remainingMs = Math.max(1, deadlineMs - performance.now())
      try {
        return new NodeLink(await Connection.open({ socket, helloTimeoutMs: remainingMs }))
      } catch (error) {
        signal?.throwIfAborted()
        const mayTryAgain = error instanceof AisError && error.code === 'ERR_TRY_AGAIN'
        if (!mayTryAgain || performance.now() + RETRY_INTERVAL_MS > deadlineMs) throw error
      }
      await wait(RETRY_INTERVAL_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  /** @returns the members now; null: it has just started and knows none yet */
  async see(timeoutMs: number): Promise<ClusterSeen | null> {
    return this.#track({ flags: TrackFlags.TRACK_CURRENT }, timeoutMs)
  }

  /** Be told of the members now and after each change, until close(). */
  async watch(onSeen: (seen: ClusterSeen) => void, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const subscription = this.connection.subscribe((body) => onSeen(seenIn(body as BufferDocument)))
    const flags = TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const remainingMs = Math.max(1, deadlineMs - performance.now())
      const seen = await this.#track({ flags, subscription }, remainingMs)
      if (seen !== null) return onSeen(seen)
      await wait(RETRY_INTERVAL_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  /** When this resolves the node does not hear these addresses, nor speak to them; all others it does. */
  async cutLinks(addresses: readonly string[], timeoutMs: number): Promise<void> {
    await this.connection.call('sandbox.linksSet', { cut: addresses }, timeoutMs)
  }

  /** Addresses that it does not hear, sorted. */
  async linksCut(timeoutMs: number): Promise<readonly string[]> {
    const answer = await this.connection.call('sandbox.linksGet', null, timeoutMs)
    return (answer as { readonly cut: readonly string[] }).cut
  }

  close(): void {
    this.connection.close()
  }

  async #track(params: Record<string, number>, timeoutMs: number): Promise<ClusterSeen | null> {
    try {
      const answer = await this.connection.call('clm.clusterTrack', params, timeoutMs)
      return seenIn(answer as BufferDocument)
    } catch (error) {
      if (error instanceof AisError && error.code === 'ERR_TRY_AGAIN' && this.connection.isOpen) return null
      throw error
    }
  }
}

/** A node that was restarted since the view before is there twice: as one that left, and as a member. */
function seenIn({ viewNumber, quorate, items }: BufferDocument): ClusterSeen {
  const present = items.filter(({ clusterChange }) => clusterChange !== ClusterChange.NODE_LEFT)
  return { viewNumber, quorate, members: present.map(({ clusterNode }) => clusterNode.nodeName) }
}
