import { Flags } from '@oclif/core'
import { CheckpointOpenFlags } from '../../api/index.js'
import { CkptCommand, sectionArguments } from '../../cli/ckpt-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { sectionIdOf, sectionName, sectionText, type SectionName } from '../../programs/index.js'

interface DeleteDocument extends SectionName {
  readonly name: string
}

export default class CkptDelete extends CkptCommand<typeof CkptDelete> {
  static override readonly summary = 'Delete a section of a checkpoint.'
  static override readonly description =
    'The checkpoint itself goes with `ais ckpt unlink`. The default section cannot be deleted. With ' +
    '--json one line: {"name","section","sectionHex"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders 4711',
    '<%= config.bin %> <%= command.id %> orders c0ffee --hex',
  ]

  static override readonly args = sectionArguments

  static override readonly flags = {
    hex: Flags.boolean({ description: 'SECTION is given in hexadecimal digits' }),
  }

  async run(): Promise<DeleteDocument> {
    const { name, section = '' } = this.args
    const sectionId = sectionIdOf(section, this.flags.hex)
    if (sectionId === null) return this.fail(`${JSON.stringify(section)} is not hexadecimal`, exitCodes.usage)
    await this.withCkpt(async ({ ckpt, call }) => {
      const flags = CheckpointOpenFlags.CHECKPOINT_WRITE
      const checkpoint = await call(() => ckpt.checkpointOpen(name, null, flags))
      await call(() => checkpoint.sectionDelete(sectionId))
      await call(() => checkpoint.close())
    })
    this.log(`${sectionText(sectionId)} of ${name} is deleted`)
    return { name, ...sectionName(sectionId) }
  }
}
