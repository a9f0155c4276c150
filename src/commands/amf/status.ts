import type { AmfStatus } from '../../api/index.js'
import { AmfCommand } from '../../cli/amf-command.js'
import { statusText } from '../../programs/index.js'

export default class AmfStatusCommand extends AmfCommand<typeof AmfStatusCommand> {
  static override readonly summary = 'Show which component is active, which stands by, and why not.'
  static override readonly description =
    'Groups with their units and components as a tree: the node each is registered on, readiness, HA ' +
    'state, administrative and operational state, presence; below them the service instances and the ' +
    'units they are assigned to, the protection groups, and the quorum. It is the same on every node. ' +
    'With --json one line: {"groups":[{"name","model","units":[{"name","node","admin","operational",' +
    '"presence","readiness","haStates":[{"si","haState"}],"components":[{"name","node","operational",' +
    '"presence","readiness","csis":[{"csi","haState"}]}]}],"serviceInstances":[{"name","assignment",' +
    '"active","standby"}],"protectionGroups":[{"csi","members":[{"component","readiness","haState"}]}]}],' +
    '"quorum":{"quorate","votes","expected"},"settled","nodes","configuration"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.groups[].serviceInstances[].active[]'",
  ]

  async run(): Promise<AmfStatus> {
    return this.withAmf(async ({ amf, call }) => {
      const status = await call(() => amf.status())
      this.log(statusText(status))
      return status
    })
  }
}
