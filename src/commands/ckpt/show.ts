import { Flags } from '@oclif/core'
import { CkptCommand, nameArgument } from '../../cli/ckpt-command.js'
import { textTable } from '../../cli/text-table.js'
import {
  checkpointDetailLine,
  checkpointFacts,
  listSections,
  sectionCells,
  sectionColumns,
  type CheckpointDetailLine,
} from '../../programs/index.js'

export default class CkptShow extends CkptCommand<typeof CkptShow> {
  static override readonly summary = 'Show all there is to know about a checkpoint.'
  static override readonly description =
    'Its attributes, what it holds, and which nodes have a replica. With --sections each section too, ' +
    'with its size, when it expires and when it was changed. With --json one line: the fields of `ais ' +
    'ckpt list --json`, activeReplica, replicas (ids of nodes) and unlinked; with --sections also ' +
    '"sections":[{"section","sectionHex","sectionSize","sectionState","expirationTime","lastUpdate"}], ' +
    'where section is null if the id is not text, times are decimal strings of nanoseconds since 1970, ' +
    'and expirationTime null stands for never.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> orders',
    '<%= config.bin %> <%= command.id %> orders --sections',
    "<%= config.bin %> <%= command.id %> orders --sections --json | jq '.sections[].sectionSize'",
  ]

  static override readonly args = nameArgument

  static override readonly flags = {
    sections: Flags.boolean({ description: 'show each section' }),
  }

  async run(): Promise<CheckpointDetailLine> {
    const { name } = this.args
    return this.withCkpt(async ({ ckpt, call }) => {
      const summary = await call(() => ckpt.show(name))
      const sections = this.flags.sections ? await listSections(ckpt, name, call) : undefined
      const facts = checkpointFacts(summary)
      const width = Math.max(...facts.map(([fact]) => fact.length))
      for (const [fact, value] of facts) this.log(`${fact.padEnd(width)}  ${value}`)
      if (sections !== undefined) {
        const rows = sections.map((section) => sectionCells(section, Date.now()))
        this.log(`\n${textTable(sectionColumns, rows)}`)
      }
      return checkpointDetailLine(summary, sections)
    })
  }
}
