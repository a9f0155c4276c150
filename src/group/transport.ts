/**
 * What carries the frames of one cluster between its processes. Frames may be lost, duplicated
 * and reordered; they are never delivered in part. A frame handed over must not be written to again.
 */
export interface Transport {
  /** To every process of the cluster. The sender's own copy may come back to it. */
  multicast(frame: Uint8Array): void
  /** The same of several, in this order. */
  multicastAll(frames: readonly Uint8Array[]): void
  /** To the process at one address. */
  unicast(address: string, frame: Uint8Array): void
  /** Release everything; nothing is reported afterwards. */
  close(): Promise<void>
}

export interface TransportListener {
  /** One frame, or several of one sender that came together, one behind the other. */
  onFrame(frame: Uint8Array): void
  /** The host at `address` says that no process listens there: a hint, not a proof. */
  onRefused(address: string): void
}
