import { CkptCommand, nameArgument } from '../../cli/ckpt-command.js'

interface UnlinkDocument {
  readonly name: string
}

export default class CkptUnlink extends CkptCommand<typeof CkptUnlink> {
  static override readonly summary = 'Remove a checkpoint.'
  static override readonly description =
    'Its name is free at once; those who have it open go on with it until they close it. With --json one ' +
    'line: {"name"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders',
    '<%= config.bin %> <%= command.id %> orders --json',
  ]

  static override readonly args = nameArgument

  async run(): Promise<UnlinkDocument> {
    const { name } = this.args
    await this.withCkpt(({ ckpt, call }) => call(() => ckpt.checkpointUnlink(name)))
    this.log(`${name} is unlinked`)
    return { name }
  }
}
