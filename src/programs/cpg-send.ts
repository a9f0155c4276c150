import { AisError, Cpg, type CpgAddress, type CpgGuarantee } from '../api/index.js'

/** What `ais cpg send --json` prints. */
export interface CpgSendDocument {
  readonly group: string
  readonly messages: number
  readonly octets: number
  /** Others that were in the group when the last message came back. */
  readonly members: readonly CpgAddress[]
}

/**
 * Join a group, send messages to it, wait until they have come in their order, and leave.
 * @param messages as they come
 * @param timeoutMs for those that are on their way to come back
 * @throws AisError as Cpg.initialize, join and multicast; ERR_TIMEOUT: they did not all come back
 */
export async function sendToGroup(
  socket: string,
  name: string,
  messages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  guarantee: CpgGuarantee,
  timeoutMs: number,
): Promise<CpgSendDocument> {
  const cpg = await Cpg.initialize({ socket })
  try {
    let own = 0
    let lost: AisError | undefined
    let onProgress: () => void = () => undefined
    const group = await cpg.join(name, {
      deliver: (_, { nodeId, pid }) => {
        if (nodeId === self.nodeId && pid === self.pid) own++
        onProgress()
      },
      lost: (error) => {
        lost = error
        onProgress()
      },
    })
    const self = group.self
    let sent = 0
    let octets = 0
    for await (const message of messages) {
      await group.multicast(message, guarantee)
      sent++
      octets += message.length
    }
    await new Promise<void>((resolve, reject) => {
      const timeout = setTimeout(() => {
        const message = `${own} of ${sent} messages have come back within ${timeoutMs} ms`
        reject(new AisError('ERR_TIMEOUT', message))
      }, timeoutMs)
      onProgress = () => {
        if (lost === undefined && own < sent) return
        clearTimeout(timeout)
        if (lost === undefined) resolve()
        else
          reject(
            new AisError('ERR_TIMEOUT', `the executive is gone, the outcome is unknown: ${lost.message}`),
          )
      }
      onProgress()
    })
    const members = group.members.filter(({ nodeId, pid }) => nodeId !== self.nodeId || pid !== self.pid)
    await group.leave()
    return { group: name, messages: sent, octets, members }
  } finally {
    await cpg.finalize()
  }
}
