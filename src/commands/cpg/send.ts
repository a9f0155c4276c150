import { Args, Flags } from '@oclif/core'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { ClientCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { secondsFlag } from '../../cli/quantity-flags.js'
import { sendToGroup, type CpgSendDocument } from '../../programs/index.js'

const guarantees = ['agreed', 'safe'] as const

export default class CpgSend extends ClientCommand<typeof CpgSend> {
  static override readonly strict = false
  static override readonly summary = 'Send messages to a process group.'
  static override readonly description =
    'Joins the group, sends each TEXT as a message of its own, and ends when all of them have come back in ' +
    'their order: then every member that goes on with this node gets them, too. With --file the octets of ' +
    'a file are one message; --file - sends each line of stdin as it comes. With --json one line: {"group",' +
    '"messages","octets","members"}; members are the others in the group.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders "one more"',
    '<%= config.bin %> <%= command.id %> orders first second --guarantee safe --node node1',
    'tail -f orders.log | <%= config.bin %> <%= command.id %> orders --file -',
  ]

  static override readonly args = {
    group: Args.string({
      description: 'name of the group, at most 128 octets',
      required: true,
      ignoreStdin: true,
    }),
    text: Args.string({ description: 'a message; may be given several times', ignoreStdin: true }),
  }

  static override readonly flags = {
    guarantee: Flags.option({ options: guarantees })({
      description: 'agreed: delivered in its turn; safe: once every node is known to have it',
      default: 'agreed',
    }),
    file: Flags.string({
      description: 'send what this file holds as one message; -: each line of stdin',
      helpValue: 'PATH',
    }),
    timeout: secondsFlag({
      description: 'for the messages to come back; then exit code 5',
      helpValue: 'SECONDS',
      default: 10_000,
      defaultHelp: async () => '10',
    }),
  }

  async run(): Promise<CpgSendDocument> {
    const { guarantee, file, timeout } = this.flags
    const { argv } = await this.parse(CpgSend)
    const [group, ...texts] = argv as [string, ...string[]]
    if ((texts.length === 0) === (file === undefined)) {
      this.fail('give the messages, or --file', exitCodes.usage)
    }
    const choice = await this.socketChoice()
    const messages = file === undefined ? texts.map((text) => Buffer.from(text)) : await this.messagesOf(file)
    try {
      const sent = await sendToGroup(choice.path, group, messages, guarantee, timeout)
      const others = sent.members.length === 1 ? '1 other member' : `${sent.members.length} other members`
      const count = sent.messages === 1 ? '1 message' : `${sent.messages} messages`
      this.log(`${count}, ${sent.octets} octets, to ${others} of ${group}`)
      return sent
    } catch (error) {
      return this.failCall(error, choice)
    }
  }

  private async messagesOf(file: string): Promise<AsyncIterable<Buffer> | Buffer[]> {
    if (file === '-') return lines()
    try {
      return [await readFile(file)]
    } catch (error) {
      return this.fail(`${file} cannot be read: ${(error as Error).message}`, exitCodes.failed)
    }
  }
}

async function* lines(): AsyncIterable<Buffer> {
  const input = createReadStream('', { fd: 0, autoClose: false })
  for await (const line of createInterface({ input, crlfDelay: Infinity })) yield Buffer.from(line)
}
