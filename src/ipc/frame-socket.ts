import type { Socket } from 'node:net'
import { returnBlock } from './block-pool.js'
import { FrameDecoder } from './frame-decoder.js'
import { FrameWriter, type FilledBlock } from './frame-writer.js'

export interface FrameSocketListener {
  /** The decoder has new octets: take frames from it until there are no more, or pause() before returning. */
  onInput(): void
  /** What was handed to the system is on its way: there is room for more. */
  onWritten(): void
  /** Nothing comes or goes any more. Called once. */
  onClosed(cause: Error | undefined): void
}

/** Handed over in one write: when so much is taken, the other side reads. */
const WRITE_OCTETS_MAX = 256 * 1024

/**
 * A stream socket that carries frames. What is written gathers in `writer` until flush(); one write is
 * under way
 * at a time, so that what the other side does not take is still ours, and known to be unsent.
 */
export class FrameSocket {
  readonly decoder = new FrameDecoder()
  readonly writer = new FrameWriter()
  /** Frames that the system has taken, or may have taken. */
  framesHanded = 0
  /** Octets that the system has taken; those of a write count when all of it is. */
  takenOctets = 0
  #writing: FilledBlock[] = []
  #writingOctets = 0
  /** Writes that were taken at once, and whose callbacks are still to come. */
  #taken = 0
  #cause: Error | undefined
  #closed = false
  #ending = false
  #isCut = false

  constructor(
    private readonly socket: Socket,
    private readonly listener: FrameSocketListener,
  ) {
    socket.on('data', this.#onData)
    socket.on('error', this.#onError)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClosed)
  }

  /** Octets written and not taken by the system yet. */
  get waitingOctets(): number {
    return this.writer.waitingOctets + this.#writingOctets
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Hand over what has gathered, or a part of it. While a write is under way nothing is handed over. */
  flush(): void {
    if (this.#writing.length > 0 || this.writer.waitingOctets === 0) return
    if (this.#closed || this.socket.destroyed) return
    const { socket } = this
    const filled = (this.#writing = this.writer.take(WRITE_OCTETS_MAX))
    const last = filled.length - 1
    let frames = 0
    if (last > 0) socket.cork()
    for (let i = 0; i <= last; i++) {
      const { block, octets } = filled[i]!
      this.#writingOctets += octets
      frames += filled[i]!.frames
      const part = octets === block.length ? block : block.subarray(0, octets)
      if (i === last) socket.write(part, this.#onWritten)
      else socket.write(part)
    }
    if (last > 0) socket.uncork()
    // A write that fails at once has sent nothing.
    if (socket.errored !== null) return
    this.framesHanded += frames
    // Mostly the system takes all at once, and the blocks are free again before the callback says so.
    if (socket.writableLength > 0) return
    this.#taken++
    this.#release()
  }

  /** Take no further octets until resume(); the other side is held up once the buffers between are full. */
  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    this.socket.resume()
  }

  /** Write what has gathered, then end; the other side may take its time for that, or destroy() is called. */
  end(): void {
    this.#ending = true
    if (this.#writing.length === 0 && this.writer.waitingOctets === 0) this.socket.end()
    else this.flush()
  }

  /** Hand over what has gathered, if the system takes it at once, and end without waiting for anybody. */
  cut(): void {
    if (this.#closed) return
    this.flush()
    if (this.#taken > 0 && this.socket.writableLength === 0) this.#isCut = true
    else this.socket.destroy()
    this.#onClosed()
  }

  destroy(): void {
    this.socket.destroy()
    this.#onClosed()
  }

  #onData = (chunk: Buffer): void => {
    if (this.#closed || this.#ending) return
    this.decoder.push(chunk)
    this.listener.onInput()
  }

  /** The other side is gone: nobody would read what is not sent yet. */
  #onEnd = (): void => {
    this.destroy()
  }

  #onError = (error: Error): void => {
    this.#cause ??= error
  }

  #onWritten = (error?: Error | null): void => {
    if (this.#taken > 0) this.#taken--
    else this.#release()
    // Not before this: a write whose end was not told yet would count as failed.
    if (this.#isCut) this.socket.destroy()
    if (this.#closed || error) return
    if (this.#ending) this.end()
    else this.listener.onWritten()
  }

  #release(): void {
    for (const { block } of this.#writing) returnBlock(block)
    this.#writing = []
    this.takenOctets += this.#writingOctets
    this.#writingOctets = 0
  }

  #onClosed = (): void => {
    if (this.#closed) return
    this.#closed = true
    this.writer.clear()
    this.listener.onClosed(this.#cause)
  }
}
