import { createConnection } from 'node:net'
import { AisError } from '../base/index.js'
import {
  checkServerHello,
  FrameSocket,
  MAGIC,
  MessageKind,
  MessageReader,
  protocolVersions,
  writeHello,
  type ServerHello,
} from '../ipc/index.js'
import { NoExecutiveError } from './no-executive-error.js'

/** What a link tells the connection it serves. */
export interface LinkListener {
  /** Both have said hello. */
  onOpen(hello: ServerHello): void
  /** Octets came: before the messages in them. */
  onInput(): void
  /** A message, in the reader's fields; hold nothing of the reader. */
  onMessage(reader: MessageReader): void
  /** There is room for more to send. */
  onWritten(): void
  /** It is over; called once, and last. */
  onClosed(error: AisError): void
}

const reader = new MessageReader()

/** One attempt to talk with an executive: one socket, from connecting until it is gone. */
export class Link {
  readonly frames: FrameSocket
  #hello: ServerHello | undefined
  #error: AisError | undefined
  #timeout: NodeJS.Timeout | undefined

  /** @param helloTimeoutMs for the executive to answer the hello; a stopped one never does */
  constructor(
    private readonly path: string,
    program: string,
    helloTimeoutMs: number,
    private readonly listener: LinkListener,
  ) {
    this.frames = new FrameSocket(createConnection(path), {
      onInput: () => this.#onInput(),
      onWritten: () => this.listener.onWritten(),
      onClosed: (cause) => this.#onClosed(cause),
    })
    this.#timeout = setTimeout(() => {
      const message = `the executive at ${path} did not answer the hello within ${helloTimeoutMs} ms`
      this.#fail(new AisError('ERR_TIMEOUT', message))
    }, helloTimeoutMs)
    writeHello(this.frames.writer, { magic: MAGIC, versions: protocolVersions, program, pid: process.pid })
    this.frames.flush()
  }

  close(): void {
    this.frames.destroy()
  }

  #onInput(): void {
    const { decoder } = this.frames
    this.listener.onInput()
    while (!this.frames.isClosed && decoder.next()) {
      if (!reader.read(decoder.octets, decoder.start, decoder.end)) return this.#failBroken(reader.problem)
      if (reader.kind === MessageKind.goodbye) {
        this.#fail(new AisError(reader.error, `the executive ended the connection: ${reader.text}`))
      } else if (this.#hello === undefined) this.#onHello()
      else this.listener.onMessage(reader)
    }
    if (decoder.broken !== undefined) this.#failBroken(decoder.broken)
    return undefined
  }

  #onHello(): void {
    const hello = reader.kind === MessageKind.hello ? checkServerHello(reader.body) : 'it sent no hello'
    if (typeof hello === 'string') return this.#failBroken(hello)
    clearTimeout(this.#timeout)
    this.#hello = hello
    return this.listener.onOpen(hello)
  }

  #failBroken(why: string): void {
    this.#fail(new AisError('ERR_LIBRARY', `what answers at ${this.path} is not understood: ${why}`))
  }

  #fail(error: AisError): void {
    this.#error ??= error
    this.frames.destroy()
  }

  #onClosed(cause: Error | undefined): void {
    clearTimeout(this.#timeout)
    this.listener.onClosed(this.#error ?? this.#errorOf(cause))
  }

  #errorOf(cause: NodeJS.ErrnoException | undefined): AisError {
    const code = cause?.code
    if (cause !== undefined && (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR')) {
      return new NoExecutiveError(this.path, cause)
    }
    if (code === 'EACCES' || code === 'EPERM') {
      return new AisError('ERR_ACCESS', `this user may not connect to ${this.path}`, { cause })
    }
    const why = cause === undefined ? 'is gone' : `cannot be reached (${cause.message})`
    return new AisError('ERR_TRY_AGAIN', `the executive at ${this.path} ${why}`, { cause })
  }
}
