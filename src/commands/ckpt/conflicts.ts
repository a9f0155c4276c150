import { Flags } from '@oclif/core'
import { resolve } from 'node:path'
import type { CheckpointConflict } from '../../api/index.js'
import { CkptCommand, type CkptSession } from '../../cli/ckpt-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { textTable } from '../../cli/text-table.js'
import { octetsText } from '../../config/index.js'
import {
  conflictCells,
  conflictColumns,
  conflictSections,
  exportConflict,
  findConflict,
  listConflicts,
  sectionName,
  sectionText,
  type SectionName,
} from '../../programs/index.js'

type ConflictDocument =
  | { readonly conflicts: readonly CheckpointConflict[] }
  | { readonly conflict: CheckpointConflict; readonly sections: readonly (SectionName & { size: number })[] }
  | { readonly conflict: CheckpointConflict; readonly dir: string }
  | { readonly dismissed: string }

export default class CkptConflicts extends CkptCommand<typeof CkptConflicts> {
  static override readonly summary = 'Show what lost when parts of the cluster met again, and save it.'
  static override readonly description =
    'When a checkpoint was changed on both sides of a split, one content is kept when they meet, and the ' +
    'other is kept aside until it is dismissed. Without a flag all of them: which checkpoint, how much, ' +
    'in which view it was decided, which nodes held it, which nodes held what was kept, and where it is ' +
    'stored: in memory or on disk of the node that is asked, or elsewhere. With --json one line: ' +
    '{"conflicts":[{"id","name","ringSequence","digest","keptDigest","numberOfSections","memoryUsed",' +
    '"nodes","keptNodes","stored"}]}; with --show {"conflict","sections"}, with --export ' +
    '{"conflict","dir","sections"}, with --dismiss {"dismissed"}.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --show ID',
    '<%= config.bin %> <%= command.id %> --export ID --out lost',
    '<%= config.bin %> <%= command.id %> --dismiss ID',
  ]

  static override readonly flags = {
    show: Flags.string({
      description: 'one of them, with its sections',
      helpValue: 'ID',
      exclusive: ['export', 'dismiss'],
    }),
    export: Flags.string({
      description: 'write the sections of one to files in --out',
      helpValue: 'ID',
      dependsOn: ['out'],
      exclusive: ['show', 'dismiss'],
    }),
    out: Flags.string({
      description: 'directory for --export; made if missing',
      helpValue: 'DIR',
      dependsOn: ['export'],
    }),
    dismiss: Flags.string({
      description: 'forget one, on all nodes',
      helpValue: 'ID',
      exclusive: ['show', 'export'],
    }),
  }

  async run(): Promise<ConflictDocument> {
    return this.withCkpt(async (session) => {
      const { show, export: exported, dismiss } = this.flags
      if (show !== undefined) return this.show(session, show)
      if (exported !== undefined) return this.export(session, exported)
      if (dismiss !== undefined) return this.dismiss(session, dismiss)
      const conflicts = await listConflicts(session.ckpt, session.call)
      if (conflicts.length === 0) this.log('there are no conflicts')
      else this.log(textTable(conflictColumns, conflicts.map(conflictCells)))
      return { conflicts }
    })
  }

  private async show({ ckpt, call }: CkptSession, id: string): Promise<ConflictDocument> {
    const conflict = await this.find({ ckpt, call }, id)
    const sections = await conflictSections(ckpt, id, call)
    this.log(textTable(conflictColumns, [conflictCells(conflict)]))
    this.log(`lost digest  ${conflict.digest ?? 'not known'}`)
    this.log(`kept digest  ${conflict.keptDigest ?? 'not known'}\n`)
    const rows = sections.map(({ sectionId, sectionSize }) => [
      sectionText(sectionId),
      octetsText(sectionSize),
    ])
    this.log(textTable(['section', 'size'], rows))
    const lines = sections.map(({ sectionId, sectionSize }) => ({
      ...sectionName(sectionId),
      size: sectionSize,
    }))
    return { conflict, sections: lines }
  }

  private async export({ ckpt, call }: CkptSession, id: string): Promise<ConflictDocument> {
    const conflict = await this.find({ ckpt, call }, id)
    try {
      const exported = await exportConflict(ckpt, conflict, resolve(this.flags.out!), call)
      const { length } = exported.sections
      this.log(
        `${length === 1 ? '1 section' : `${length} sections`} and conflict.json are in ${exported.dir}`,
      )
      return exported
    } catch (error) {
      const { syscall, message } = error as NodeJS.ErrnoException
      if (syscall === undefined) throw error
      return this.fail(`cannot export it: ${message}`, exitCodes.failed)
    }
  }

  private async dismiss({ ckpt, call }: CkptSession, id: string): Promise<ConflictDocument> {
    await call(() => ckpt.conflictDismiss(id))
    this.log(`${id} is dismissed`)
    return { dismissed: id }
  }

  private async find({ ckpt, call }: CkptSession, id: string): Promise<CheckpointConflict> {
    const conflict = await findConflict(ckpt, id, call)
    if (conflict !== null) return conflict
    return this.fail(`there is no conflict ${JSON.stringify(id)}`, exitCodes.failed, ['ais ckpt conflicts'])
  }
}
