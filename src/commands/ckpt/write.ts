import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { Flags } from '@oclif/core'
import { CkptCommand, sectionArguments } from '../../cli/ckpt-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { octetsFlag } from '../../cli/quantity-flags.js'
import { octetsText } from '../../config/index.js'
import {
  sectionIdOf,
  sectionName,
  sectionText,
  writeSection,
  type SectionName,
} from '../../programs/index.js'

interface WriteDocument extends SectionName {
  readonly name: string
  readonly offset: number
  readonly size: number
}

export default class CkptWrite extends CkptCommand<typeof CkptWrite> {
  static override readonly summary = 'Write to a section of a checkpoint.'
  static override readonly description =
    'What --data or --file say, else what comes from stdin, goes to the section at --offset; what else ' +
    'is in the section stays, unless --overwrite is given. --create makes a missing section, and a ' +
    'missing checkpoint with the defaults of `ais ckpt create`. It returns when as many replicas have it ' +
    'as the checkpoint guarantees. More than 512 KiB are written in pieces: each of them is there as a ' +
    'whole or not at all, all together are not. With --json one line: ' +
    '{"name","section","sectionHex","offset","size"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders 4711 --create --data "2 apples"',
    '<%= config.bin %> <%= command.id %> orders 4711 --offset 100 --file rest.bin',
    'tar c state | <%= config.bin %> <%= command.id %> backup state.tar --create --overwrite',
  ]

  static override readonly args = sectionArguments

  static override readonly flags = {
    offset: octetsFlag({
      description: 'where to write, octets',
      helpValue: 'N',
      default: 0,
      exclusive: ['overwrite'],
    }),
    create: Flags.boolean({ description: 'make the section, and the checkpoint, where they are missing' }),
    overwrite: Flags.boolean({ description: 'what was in the section goes' }),
    data: Flags.string({ description: 'what to write', helpValue: 'TEXT', exclusive: ['file'] }),
    file: Flags.string({ description: 'what to write is in this file', helpValue: 'PATH' }),
    hex: Flags.boolean({ description: 'SECTION is given in hexadecimal digits' }),
  }

  async run(): Promise<WriteDocument> {
    const { name, section = '' } = this.args
    const { offset, create, overwrite, hex } = this.flags
    const sectionId = sectionIdOf(section, hex)
    if (sectionId === null) return this.fail(`${JSON.stringify(section)} is not hexadecimal`, exitCodes.usage)
    const source = await this.source()
    const request = { name, sectionId, offset, create, overwrite }
    const size = await this.withCkpt(({ ckpt, call }) => writeSection(ckpt, request, source, call))
    this.log(`${octetsText(size)} written to ${name}, ${sectionText(sectionId)}`)
    return { name, ...sectionName(sectionId), offset, size }
  }

  private async source(): Promise<AsyncIterable<Uint8Array>> {
    const { data, file } = this.flags
    if (data !== undefined) return once(Buffer.from(data))
    if (file === undefined) return process.stdin as AsyncIterable<Uint8Array>
    try {
      await access(file, constants.R_OK)
    } catch (error) {
      return this.fail(`cannot read ${file}: ${(error as Error).message}`, exitCodes.failed)
    }
    return createReadStream(file, { highWaterMark: 512 * 1024 }) as AsyncIterable<Uint8Array>
  }
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array> {
  yield data
}
