import { Flags } from '@oclif/core'
import { CkptCommand, sectionArguments } from '../../cli/ckpt-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { octetsFlag } from '../../cli/quantity-flags.js'
import { writeOctets } from '../../cli/standard-output.js'
import { readSection, sectionIdOf, sectionName, type SectionName } from '../../programs/index.js'

/** More than that is not for one line of JSON. */
const JSON_OCTETS_MAX = 64 * 1024 * 1024

interface ReadDocument extends SectionName {
  readonly name: string
  readonly offset: number
  readonly size: number
  /** Base64. */
  readonly data: string
}

export default class CkptRead extends CkptCommand<typeof CkptRead> {
  static override readonly summary = 'Read a section of a checkpoint.'
  static override readonly description =
    'Writes its octets to stdout as they are, from --offset on, at most --length of them. The replica of ' +
    'the node that is asked answers. More than 512 KiB are read in pieces, each as it is at that moment: ' +
    'a section that is being written may be seen half old and half new. With --json one line: ' +
    '{"name","section","sectionHex","offset","size","data"}, data in base64, section null if the id is ' +
    'no text; 64 MiB at most.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders 4711',
    '<%= config.bin %> <%= command.id %> orders 4711 --offset 100 --length 20 --node node2',
    '<%= config.bin %> <%= command.id %> orders 4711 --json | jq -r .data | base64 -d',
  ]

  static override readonly args = sectionArguments

  static override readonly flags = {
    offset: octetsFlag({ description: 'where to begin, octets', helpValue: 'N', default: 0 }),
    length: octetsFlag({ description: 'how many octets [default: all up to the end]', helpValue: 'N' }),
    hex: Flags.boolean({ description: 'SECTION is given in hexadecimal digits' }),
  }

  async run(): Promise<ReadDocument> {
    const { name, section = '' } = this.args
    const { offset, length = Infinity, hex } = this.flags
    const sectionId = sectionIdOf(section, hex)
    if (sectionId === null) return this.fail(`${JSON.stringify(section)} is not hexadecimal`, exitCodes.usage)
    const kept: Buffer[] = []
    let size = 0
    await this.withCkpt(async ({ ckpt, call }) => {
      for await (const piece of readSection(ckpt, { name, sectionId, offset, length }, call)) {
        size += piece.length
        if (this.jsonEnabled()) this.keep(kept, piece, size)
        else if (!(await writeOctets(piece))) break
      }
    })
    return { name, ...sectionName(sectionId), offset, size, data: Buffer.concat(kept).toString('base64') }
  }

  private keep(kept: Buffer[], piece: Buffer, size: number): void {
    if (size > JSON_OCTETS_MAX) {
      this.fail('--json is for 64 MiB at most: use --length, or read it without --json', exitCodes.failed)
    }
    kept.push(piece)
  }
}
