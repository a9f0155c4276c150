import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { limits, type AisErrorName } from '../../base/index.js'
import {
  checkClientHello,
  commonVersion,
  EncodingError,
  EventWriter,
  FrameSocket,
  MessageKind,
  MessageReader,
  noCommonVersion,
  writeBody,
  writeFailure,
  writeGoodbye,
  writeHello,
  type FrameSocketListener,
  type ServerHello,
} from '../../ipc/index.js'
import type { Client } from '../../services/index.js'
import type { Turns, Worker } from './turns.js'

/** What a session needs of the server it belongs to. */
export interface SessionOwner {
  readonly turns: Turns
  /**
   * So much is unanswered for all clients together that whoever waits for something waits before asking
   * more.
   */
  readonly isFull: boolean
  hello(version: number): ServerHello
  /** One that had not said hello has said it, or never will. */
  onGreeted(): void
  onRequest(session: Session, id: number, octets: number, method: string, params: unknown): void
  onSettled(octets: number): void
  /** Octets of unfinished messages became more or fewer. */
  onUnfinished(change: number): void
  readonly events: EventWriter
  /** A good deal more waits for it to be read than when this was called last. */
  onWaiting(): void
  /** Its goodbye is on the way; it may not take it. */
  onEnding(session: Session): void
  onGone(session: Session): void
}

/** Frames of one client handled in one go, and the time after which it is another's turn. */
const SLICE_FRAMES = 1024
const SLICE_MS = 1
/** Of octets waiting to be read, before the server looks at them again. */
const WAITING_STEP_OCTETS = 256 * 1024
/** The clock is looked at this often. */
const FRAMES_PER_LOOK = 8

const reader = new MessageReader()

/** One connected application: its requests, its answers, and what it may burden the executive with. */
export class Session implements Client, FrameSocketListener, Worker {
  /** 'greeting' before its hello, 'ended' once nothing from it is heard any more. */
  state: 'greeting' | 'open' | 'ended' = 'greeting'
  /** For the log: program and pid, as it says. */
  who = 'a client before its hello'
  requests = 0
  requestOctets = 0
  holds = 0
  /** The clock when it last sent something. */
  activeAtMs = performance.now()
  /** Since when it has taken nothing, though more waits for it than may. */
  stuckSinceMs: number | undefined
  #reportedOctets = 0
  /** Who wants to know when fewer octets wait. */
  #awaited: { readonly octets: number; readonly run: () => void }[] = []
  readonly #frames: FrameSocket
  #isQueued = false
  #isPaused = false
  #isBlocked = false
  #isUnsent = false
  #isWorking = false
  #isGone = false
  #isGreeted = false

  constructor(
    readonly id: number,
    socket: Socket,
    private readonly owner: SessionOwner,
  ) {
    this.#frames = new FrameSocket(socket, this)
  }

  get waitingOctets(): number {
    return this.#frames.waitingOctets
  }

  get takenOctets(): number {
    return this.#frames.takenOctets
  }

  get unfinishedOctets(): number {
    return this.#frames.decoder.unfinishedOctets
  }

  /** It said its hello: services may know it. */
  get isGreeted(): boolean {
    return this.#isGreeted
  }

  /** Nobody would miss more than the connection itself. */
  get isIdle(): boolean {
    return this.requests === 0 && this.holds === 0
  }

  event(subscription: number, body: unknown): void {
    if (this.state !== 'open') return
    try {
      this.owner.events.write(this.#frames.writer, subscription, body)
    } catch (error) {
      return this.sayGoodbye('ERR_NO_RESOURCES', tooLarge(error))
    }
    this.#onWrite()
  }

  hold(): boolean {
    if (this.holds >= limits.ipcClientHolds) return false
    this.holds++
    return true
  }

  release(): void {
    if (this.holds > 0) this.holds--
  }

  whenTaken(octets: number, run: () => void): void {
    this.#awaited.push({ octets, run })
  }

  /** @param octets of the request */
  answer(id: number, octets: number, result: unknown): void {
    this.#settle(octets)
    if (this.state === 'open') {
      const { writer } = this.#frames
      try {
        writeBody(writer, MessageKind.answer, id, result)
      } catch (error) {
        // The application must not wait for ever.
        writeFailure(writer, id, 'ERR_NO_RESOURCES', tooLarge(error))
      }
      this.#onWrite()
    }
    this.#unblock()
  }

  fail(id: number, octets: number, code: AisErrorName, message: string): void {
    this.#settle(octets)
    if (this.state === 'open') {
      writeFailure(this.#frames.writer, id, code, message)
      this.#onWrite()
    }
    this.#unblock()
  }

  onInput(): void {
    this.activeAtMs = performance.now()
    if (this.#isQueued) return this.#pause()
    if (this.owner.turns.onInput(this)) {
      this.#isQueued = true
      this.#pause()
    }
    return undefined
  }

  onWritten(): void {
    const waiting = this.#frames.waitingOctets
    if (this.#awaited.length > 0) this.#tellTaken(waiting)
    this.#reportedOctets = Math.min(this.#reportedOctets, waiting)
    this.stuckSinceMs = waiting > limits.ipcClientWaitingOctetsMax ? performance.now() : undefined
    this.#frames.flush()
    this.#unblock()
  }

  onClosed(): void {
    this.#become('ended')
    this.#isGone = true
    this.owner.onGone(this)
  }

  work(): boolean {
    this.#isQueued = false
    this.#isWorking = true
    const unfinishedBefore = this.unfinishedOctets
    const isMore = this.#handleFrames()
    this.#isWorking = false
    const { unfinishedOctets } = this
    if (unfinishedOctets !== unfinishedBefore) this.owner.onUnfinished(unfinishedOctets - unfinishedBefore)
    if (isMore) this.#isQueued = true
    else if (this.#isPaused && !this.#isBlocked) this.#resume()
    return isMore
  }

  flush(): void {
    this.#isUnsent = false
    this.#frames.flush()
  }

  /** End the connection with the reason as its last message; the other side may take its time to read it. */
  sayGoodbye(code: AisErrorName, message: string): void {
    if (this.state === 'ended') return
    this.#become('ended')
    writeGoodbye(this.#frames.writer, code, message)
    this.#frames.end()
    this.owner.onEnding(this)
  }

  /** The same, but now: its place or its memory is needed. The goodbye arrives if there is room for it. */
  cut(code: AisErrorName, message: string): void {
    if (this.state !== 'ended') {
      this.#become('ended')
      writeGoodbye(this.#frames.writer, code, message)
    }
    this.#frames.cut()
  }

  destroy(): void {
    this.#frames.destroy()
  }

  /** @returns whether frames are left that could be handled at once */
  #handleFrames(): boolean {
    const { decoder } = this.#frames
    const endMs = performance.now() + SLICE_MS
    for (let frames = 1; this.state !== 'ended'; frames++) {
      if (this.#mustWait()) return false
      if (!decoder.next()) {
        if (decoder.broken !== undefined) this.sayGoodbye('ERR_MESSAGE_ERROR', decoder.broken)
        return false
      }
      if (reader.read(decoder.octets, decoder.start, decoder.end))
        this.#onMessage(decoder.end - decoder.start)
      else this.sayGoodbye('ERR_MESSAGE_ERROR', `a message that cannot be read: ${reader.problem}`)
      if (frames % FRAMES_PER_LOOK !== 0) continue
      if (frames >= SLICE_FRAMES || performance.now() >= endMs) return true
    }
    return false
  }

  #onMessage(octets: number): void {
    if (this.state === 'greeting') this.#onHello()
    else if (reader.kind === MessageKind.request) {
      this.requests++
      this.requestOctets += octets
      this.owner.onRequest(this, reader.id, octets, reader.method, reader.body)
    } else this.sayGoodbye('ERR_MESSAGE_ERROR', 'after its hello an application sends requests, nothing else')
  }

  #onHello(): void {
    if (reader.kind !== MessageKind.hello) {
      return this.sayGoodbye('ERR_MESSAGE_ERROR', 'the first message of a connection is a hello')
    }
    const hello = checkClientHello(reader.body)
    if (typeof hello === 'string') return this.sayGoodbye('ERR_MESSAGE_ERROR', hello)
    const version = commonVersion(hello.versions)
    if (version === undefined) return this.sayGoodbye('ERR_VERSION', noCommonVersion(hello.versions))
    this.who = `${hello.program} (pid ${hello.pid})`
    this.#become('open')
    this.#isGreeted = true
    writeHello(this.#frames.writer, this.owner.hello(version))
    return this.#onWrite()
  }

  #tellTaken(waiting: number): void {
    const taken = this.#awaited.filter(({ octets }) => waiting <= octets)
    if (taken.length === 0) return
    this.#awaited = this.#awaited.filter(({ octets }) => waiting > octets)
    for (const { run } of taken) run()
  }

  #onWrite(): void {
    if (!this.#isUnsent && !this.#isWorking) {
      this.#isUnsent = true
      this.owner.turns.flushLater(this)
    }
    const waiting = this.#frames.waitingOctets
    if (waiting < this.#reportedOctets + WAITING_STEP_OCTETS) return
    this.#reportedOctets = waiting
    if (waiting > limits.ipcClientWaitingOctetsMax) this.stuckSinceMs ??= performance.now()
    this.owner.onWaiting()
  }

  #become(state: 'open' | 'ended'): void {
    if (this.state === 'greeting') this.owner.onGreeted()
    this.state = state
  }

  #settle(octets: number): void {
    this.requests--
    this.requestOctets -= octets
    // What was unanswered when it went is off the server's account already.
    if (!this.#isGone) this.owner.onSettled(octets)
  }

  #mustWait(): boolean {
    this.#isBlocked =
      this.requests >= limits.ipcClientRequests ||
      this.requestOctets >= limits.ipcClientRequestOctets ||
      this.#frames.waitingOctets >= limits.ipcClientWaitingOctets ||
      (this.requests > 0 && this.owner.isFull)
    if (this.#isBlocked) this.#pause()
    return this.#isBlocked
  }

  /** Go on reading once half of what held it up is done. */
  #unblock(): void {
    if (!this.#isBlocked || this.state === 'ended') return
    if (
      this.requests > limits.ipcClientRequests / 2 ||
      this.requestOctets > limits.ipcClientRequestOctets / 2 ||
      this.#frames.waitingOctets > limits.ipcClientWaitingOctets / 2
    ) {
      return
    }
    this.#isBlocked = false
    if (!this.#isQueued) {
      this.#isQueued = true
      this.owner.turns.workLater(this)
    }
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#frames.pause()
  }

  #resume(): void {
    this.#isPaused = false
    this.#frames.resume()
  }
}

/** A service has more to say than a message holds. Anything else that cannot be sent is a bug of ours. */
function tooLarge(error: unknown): string {
  if (!(error instanceof EncodingError) || error.reason !== 'too-large') throw error
  return `what the executive has to say does not fit: ${error.message}`
}
