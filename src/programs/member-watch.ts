import { Clm, TrackFlags, type ClusterNotificationBuffer } from '../api/index.js'
import { patientCaller } from './ckpt-calls.js'

/** How long the executive may take until it knows the members: it may have just started. */
const TRACKING_TIMEOUT_MS = 10_000

/** Knows who is in the cluster, and who was and may come back. */
export class MemberWatch {
  /** Names by id of those that are members. */
  present = new Map<number, string>()
  /** Of all that were since this watch began, less those that left by themselves. */
  readonly expected = new Map<number, string>()
  readonly #clm: Clm
  readonly #listeners = new Set<() => void>()

  private constructor(clm: Clm) {
    this.#clm = clm
  }

  /** @throws AisError as Clm.initialize and clusterTrack */
  static async begin(socket: string): Promise<MemberWatch> {
    const clm = await Clm.initialize({ socket })
    const watch = new MemberWatch(clm)
    clm.on('track', (buffer) => watch.follow(buffer))
    const flags = TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES_ONLY
    try {
      const current = await patientCaller(TRACKING_TIMEOUT_MS)(() => clm.clusterTrack(flags))
      watch.follow(current!)
      return watch
    } catch (error) {
      await clm.finalize()
      throw error
    }
  }

  get missing(): string[] {
    return [...this.expected].filter(([nodeId]) => !this.present.has(nodeId)).map(([, name]) => name)
  }

  /** Wait until all that were members and did not leave by themselves are members, `timeoutMs` at most. */
  async settled(timeoutMs: number, stopped: AbortSignal): Promise<void> {
    if (this.missing.length === 0 || stopped.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        stopped.removeEventListener('abort', done)
        this.#listeners.delete(check)
        resolve()
      }
      const check = (): void => {
        if (this.missing.length === 0) done()
      }
      const timer = setTimeout(done, timeoutMs)
      stopped.addEventListener('abort', done, { once: true })
      this.#listeners.add(check)
    })
  }

  async end(): Promise<void> {
    await this.#clm.finalize()
  }

  private follow({ members, items }: ClusterNotificationBuffer): void {
    this.present = new Map(members.map(({ nodeId, nodeName }) => [nodeId, nodeName]))
    for (const [nodeId, name] of this.present) this.expected.set(nodeId, name)
    for (const { clusterNode, reason } of items) {
      if (reason === 'left' && !this.present.has(clusterNode.nodeId)) this.expected.delete(clusterNode.nodeId)
    }
    for (const listener of [...this.#listeners]) listener()
  }
}
