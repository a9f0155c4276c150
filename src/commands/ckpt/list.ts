import { CkptCommand } from '../../cli/ckpt-command.js'
import { textTable } from '../../cli/text-table.js'
import {
  checkpointCells,
  checkpointColumns,
  checkpointLine,
  listCheckpoints,
  type CheckpointLine,
} from '../../programs/index.js'

interface ListDocument {
  readonly checkpoints: readonly CheckpointLine[]
}

export default class CkptList extends CkptCommand<typeof CkptList> {
  static override readonly summary = 'Show all checkpoints of the cluster.'
  static override readonly description =
    'As the replica of the node that is asked has them: the guarantee of writes, sections and octets ' +
    'used and allowed, how often it is open in the whole cluster, how long it stays when nobody has it ' +
    'open, and the beginning of its digest, which is the same on all nodes when their replicas are. With ' +
    '--json one line: {"checkpoints":[{"name","creationFlags","checkpointSize","retentionDurationMs",' +
    '"maxSections","maxSectionSize","maxSectionIdSize","numberOfSections","memoryUsed","openers",' +
    '"digest"}]}; retentionDurationMs null stands for ever.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --node node2',
    "<%= config.bin %> <%= command.id %> --json | jq -r '.checkpoints[] | [.name, .digest] | @tsv'",
  ]

  async run(): Promise<ListDocument> {
    const checkpoints = await this.withCkpt(({ ckpt, call }) => listCheckpoints(ckpt, call))
    if (checkpoints.length === 0) this.log('there are no checkpoints')
    else this.log(textTable(checkpointColumns, checkpoints.map(checkpointCells)))
    return { checkpoints: checkpoints.map(checkpointLine) }
  }
}
