import { isUtf8 } from 'node:buffer'
import { Cpg, type CpgAddress, type CpgChange, type CpgMembershipChange } from '../api/index.js'
import { printable } from '../config/index.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'
import { aborted } from './stop-signal.js'

/** Octets of a message that are shown to people. */
const SHOWN_OCTETS = 200

function addressText({ nodeId, pid }: CpgAddress): string {
  return `${nodeId}/${pid}`
}

function changesText(changes: readonly CpgChange[], word: string): string[] {
  return changes.map((change) => `${addressText(change)} ${word} (${change.reason})`)
}

/** Octets as text, where they are; null: they are not. */
function textOf(payload: Uint8Array): string | null {
  if (!isUtf8(payload)) return null
  const text = Buffer.from(payload).toString('utf8')
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) ? null : text
}

function contentText(payload: Uint8Array): string {
  const text = textOf(payload)
  if (text === null || payload.length > SHOWN_OCTETS) return `${payload.length} octets`
  return printable(text)
}

function membershipText({ members, joined, left }: CpgMembershipChange): string {
  const changes = [...changesText(joined, 'joined'), ...changesText(left, 'left')].join(', ')
  return `${changes}; members: ${members.map(addressText).join(' ')}`
}

/** What is told of a group, as lines for people or as documents. */
class GroupPrinter {
  constructor(
    private readonly output: ProgramOutput,
    private readonly asJson: boolean,
  ) {}

  print(document: object, text: () => string): void {
    if (this.asJson) this.output.line(JSON.stringify(document))
    else this.output.line(`${new Date().toISOString()} ${text()}`)
  }

  message(payload: Uint8Array, from: CpgAddress, guarantee: string): void {
    const text = textOf(payload)
    const content = text === null ? { base64: Buffer.from(payload).toString('base64') } : { text }
    const document = { type: 'message', from, guarantee, octets: payload.length, ...content }
    this.print(document, () => `${addressText(from)} (${guarantee}): ${contentText(payload)}`)
  }
}

/**
 * Join a group, and print what its members are told, until `stopped`.
 * @throws AisError as Cpg.initialize and join
 */
export async function watchGroup(
  socket: string,
  name: string,
  asJson: boolean,
  output: ProgramOutput,
  stopped: AbortSignal,
): Promise<void> {
  const cpg = await Cpg.initialize({ socket })
  const printer = new GroupPrinter(output, asJson)
  try {
    await cpg.join(name, {
      deliver: (payload, from, guarantee) => printer.message(payload, { ...from }, guarantee),
      membership: (change) => {
        printer.print({ type: 'membership', ...change }, () => membershipText(change))
      },
      configuration: ({ ringId, members }) => {
        const ring = `${ringId.representative}/${ringId.sequence}`
        const document = { type: 'configuration', ringId, members }
        printer.print(document, () => `configuration ${ring}: nodes ${members.join(' ')}`)
      },
      lost: (error) => {
        if (asJson) printer.print({ type: 'lost', message: error.message }, () => '')
        output.note(lostText(error))
      },
      restored: () => {
        if (asJson) printer.print({ type: 'restored' }, () => '')
        output.note(restoredText)
      },
    })
    await aborted(stopped)
  } finally {
    await cpg.finalize()
  }
}
