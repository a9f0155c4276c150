import { createConnection } from 'node:net'
import {
  checkServerHello,
  FrameSocket,
  MAGIC,
  MessageKind,
  MessageReader,
  protocolVersions,
  writeHello,
} from '../../ipc/index.js'
import { systemCauseOf } from '../exec-error.js'

/** A live executive answers at once; a stopped one accepts and says nothing. */
const ANSWER_TIMEOUT_MS = 2000

/** @returns 'dead' when nobody listens there, 'gone' when that changed just now, else words on who does */
export function askHolder(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    const reader = new MessageReader()
    let answer = 'gone'
    let code: string | undefined
    const frames = new FrameSocket(socket, {
      onInput: () => {
        const { decoder } = frames
        const isWhole = decoder.next()
        if (!isWhole && decoder.broken === undefined) return
        const isMessage = isWhole && reader.read(decoder.octets, decoder.start, decoder.end)
        answer = describe(isMessage ? reader : undefined)
        frames.destroy()
      },
      onWritten: () => undefined,
      onClosed: (cause) => {
        clearTimeout(timeout)
        code ??= (cause as NodeJS.ErrnoException | undefined)?.code
        if (code === 'ECONNREFUSED') resolve('dead')
        else if (cause === undefined || ['ENOENT', 'ECONNRESET', 'EPIPE'].includes(code ?? ''))
          resolve(answer)
        else resolve(`it cannot be asked (${systemCauseOf(cause)})`)
      },
    })
    const timeout = setTimeout(() => {
      answer = 'an executive that does not answer (it may be stopped: look for state T in `ps`)'
      frames.destroy()
    }, ANSWER_TIMEOUT_MS)
    const own = { magic: MAGIC, versions: protocolVersions, program: 'ais exec', pid: process.pid }
    writeHello(frames.writer, own)
    frames.flush()
  })
}

function describe(message: MessageReader | undefined): string {
  if (message?.kind === MessageKind.goodbye) return `an executive that says: ${message.error} ${message.text}`
  const hello = message?.kind === MessageKind.hello ? checkServerHello(message.body) : 'no hello'
  if (typeof hello === 'string') return 'a program that is not an executive answers there'
  return `the executive with pid ${hello.pid} answers there (node ${hello.nodeName}, id ${hello.nodeId})`
}
