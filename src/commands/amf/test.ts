import { Args, Flags } from '@oclif/core'
import { ClientCommand } from '../../cli/client-command.js'
import { standardOutput, stopSignal, testAmf, testComponents } from '../../programs/index.js'

const numbers = testComponents.map((_, index) => String(index + 1))

export default class AmfTest extends ClientCommand<typeof AmfTest> {
  static override readonly summary = 'The test programs of the original package, testamf1 to testamf6.'
  static override readonly description =
    'Registers a component of conf/groups.conf and prints each callback: 1 comp_a_in_su_x, ' +
    '2 comp_b_in_su_x, 3 comp_a_in_su_y, 4 comp_b_in_su_y, 5 comp_a_in_su_z, 6 comp_b_in_su_z. Health ' +
    'checks are told of by the score. Number 2 also unregisters, registers again, reports an error of ' +
    'itself and takes it back, once, then stays. With --json a line for each callback: {"callback":' +
    '"csi-set|csi-remove|healthcheck|readiness|terminate|protection-group","component","csi","haState",' +
    '"readiness"}; a csi-set has "si","flags","epoch","transition","activeComponent","activeNode",' +
    '"standbyRank","attributes" as well. Where there is no executive that is said on stderr, and it is ' +
    'waited for; when it is back the component registers again. SIGINT (Ctrl-C) or SIGTERM ends it with ' +
    'exit code 0, and so does AMF when it tells the component to terminate.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> 1',
    '<%= config.bin %> <%= command.id %> 2 --node node1',
    '<%= config.bin %> <%= command.id %> 3 --node node2 --track --json',
  ]

  static override readonly args = {
    number: Args.string({ name: 'N', description: 'which of them', options: numbers, required: true }),
  }

  static override readonly flags = {
    track: Flags.boolean({ description: 'tell of the protection groups of its CSIs as well' }),
  }

  async run(): Promise<void> {
    const { number } = this.args
    const choice = await this.socketChoice()
    try {
      await testAmf({
        socket: choice.path,
        component: testComponents[Number(number) - 1],
        hasCourse: number === '2',
        tracks: this.flags.track,
        asJson: this.jsonEnabled(),
        output: standardOutput,
        stopped: stopSignal(),
      })
    } catch (error) {
      this.failCall(error, choice)
    }
  }
}
