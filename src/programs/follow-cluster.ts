import { setTimeout } from 'node:timers/promises'
import { AisError, Clm, TrackFlags, type ClusterNotificationBuffer } from '../api/index.js'
import { aborted } from './stop-signal.js'

/** What a program makes of what it is told about the cluster. */
export interface ClusterFollower {
  /** The members at the beginning. */
  onCurrent(buffer: ClusterNotificationBuffer): void
  /** Who left and who joined. */
  onChange(buffer: ClusterNotificationBuffer): void
  /** The executive is gone; it is waited for. */
  onLost(error: AisError): void
  onRestored(): void
}

/** Before the executive is asked again, when it has just started and knows no members yet. */
const RETRY_INTERVAL_MS = 50

/**
 * Follow the cluster as the executive at `socket` sees it, until `stopped`. The executive may go and come
 * back meanwhile.
 * @throws AisError as Clm.initialize: there is no executive to begin with
 */
export async function followCluster(
  socket: string,
  follower: ClusterFollower,
  stopped: AbortSignal,
): Promise<void> {
  const clm = await Clm.initialize({ socket })
  try {
    clm.on('track', (buffer) => follower.onChange(buffer))
    clm.on('lost', (error) => follower.onLost(error))
    clm.on('restored', () => follower.onRestored())
    const current = await trackUntilDone(clm, stopped)
    if (current === undefined) return
    follower.onCurrent(current)
    await aborted(stopped)
  } finally {
    await clm.finalize()
  }
}

/** Both flags in one call: between two calls a change could go unseen. @returns undefined when stopped */
async function trackUntilDone(
  clm: Clm,
  stopped: AbortSignal,
): Promise<ClusterNotificationBuffer | undefined> {
  while (!stopped.aborted) {
    try {
      return await clm.clusterTrack(TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES_ONLY)
    } catch (error) {
      const mayTryAgain = error instanceof AisError && ['ERR_TRY_AGAIN', 'ERR_TIMEOUT'].includes(error.code)
      if (!mayTryAgain) throw error
    }
    await setTimeout(RETRY_INTERVAL_MS, undefined, { signal: stopped }).catch(() => undefined)
  }
  return undefined
}
