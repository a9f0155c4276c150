import { ClientCommand } from '../../cli/client-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { testCheckpoints, testStepText, type TestLine, type TestStep } from '../../programs/index.js'

export default class CkptTest extends ClientCommand<typeof CkptTest> {
  static override readonly summary = 'The test program of the original package, testckpt: every call of CKPT.'
  static override readonly description =
    'Opens, unlinks and opens again, creates, doubles and deletes sections, writes, overwrites and ' +
    'reads back, lets a section expire and a checkpoint outlast its retention, and does what it has no ' +
    "right to. Each step with what came and what should, by the standard's names and numbers. It makes " +
    'checkpoints of its own and removes them. Exit code 1 on any difference. With --json one line: ' +
    '{"passed","failed","steps":[{"group","step","expected","came","ok"}]}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    "<%= config.bin %> <%= command.id %> --json | jq '.steps[] | select(.ok | not)'",
  ]

  private group = ''

  async run(): Promise<TestLine> {
    const choice = await this.socketChoice()
    try {
      const result = await testCheckpoints(choice.path, (step) => this.tell(step))
      const { passed, failed } = result
      this.log(`${passed} steps as they should be, ${failed} not`)
      if (failed > 0) process.exitCode = exitCodes.failed
      return result
    } catch (error) {
      return this.failCall(error, choice)
    }
  }

  private tell(step: TestStep): void {
    if (step.group !== this.group) this.log(step.group)
    this.group = step.group
    this.log(testStepText(step))
  }
}
