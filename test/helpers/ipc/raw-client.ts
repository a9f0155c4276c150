import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { Packr, Unpackr } from 'msgpackr'

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })

/** A frame with any value in it, by an implementation of MessagePack that is not ours. */
export function frameOf(value: unknown): Buffer {
  return lengthPrefixed(packr.pack(value))
}

export function lengthPrefixed(octets: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + octets.length)
  frame.writeUInt32LE(octets.length)
  frame.set(octets, 4)
  return frame
}

export const clientHello = { magic: 'ais', versions: [1], program: 'raw client', pid: 4711 }

/** An application that speaks the protocol by itself, octet by octet if need be. */
export class RawClient {
  /** Every message that came. */
  readonly messages: unknown[][] = []
  isClosed = false
  #octets = Buffer.alloc(0)
  #checks = new Set<() => void>()

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isClosed = true
      this.#recheck()
    })
  }

  /** The system refuses with EAGAIN while too many others are connecting: then it is tried again. */
  static async connect(path: string): Promise<RawClient> {
    for (;;) {
      const socket = createConnection(path)
      try {
        await once(socket, 'connect')
        return new RawClient(socket)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      }
    }
  }

  /** Connect and say hello. */
  static async greet(path: string, hello: object = clientHello): Promise<RawClient> {
    const client = await RawClient.connect(path)
    client.send([0, hello])
    await client.until(() => client.messages.length > 0 || client.isClosed, 'a hello')
    return client
  }

  send(...values: unknown[]): void {
    this.socket.write(Buffer.concat(values.map(frameOf)))
  }

  /** Send a request and await what is answered to it. */
  async ask(id: number, method: string, params: unknown = null): Promise<unknown[]> {
    this.send([1, id, method, params])
    return this.answerTo(id)
  }

  answerTo(id: number): Promise<unknown[]> {
    const isAnswer = (message: unknown[]): boolean => [2, 3].includes(Number(message[0])) && message[1] === id
    return this.until(() => this.messages.find(isAnswer), `an answer to ${id}`)
  }

  /** The reason of the goodbye that ended the connection. */
  async goodbye(): Promise<unknown[]> {
    await this.until(() => this.isClosed, 'the end of the connection')
    const last = this.messages[this.messages.length - 1]
    return last?.[0] === 5 ? last.slice(1) : []
  }

  /** The first truthy value of `check`, called now and after each message and the end. */
  until<T>(check: () => T, what: string, timeoutMs = 10_000): Promise<NonNullable<T>> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timeout)
        this.#checks.delete(attempt)
      }
      const timeout = setTimeout(() => {
        done()
        const last = inspect(this.messages.slice(-3), { maxArrayLength: 10, maxStringLength: 100 })
        reject(new Error(`${what} did not come; ${this.messages.length} messages came, the last: ${last}`))
      }, timeoutMs)
      const attempt = (): void => {
        const value = check()
        if (value) {
          done()
          resolve(value)
        }
      }
      this.#checks.add(attempt)
      attempt()
    })
  }

  async close(): Promise<void> {
    this.socket.destroy()
    await this.until(() => this.isClosed, 'the end of the connection')
  }

  #onData(chunk: Buffer): void {
    this.#octets = Buffer.concat([this.#octets, chunk])
    let at = 0
    while (this.#octets.length - at >= 4) {
      const end = at + 4 + this.#octets.readUInt32LE(at)
      if (end > this.#octets.length) break
      this.messages.push(unpackr.unpack(Buffer.from(this.#octets.subarray(at + 4, end))) as unknown[])
      at = end
    }
    this.#octets = this.#octets.subarray(at)
    this.#recheck()
  }

  #recheck(): void {
    for (const check of [...this.#checks]) check()
  }
}
