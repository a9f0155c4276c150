import { setTimeout } from 'node:timers/promises'
import {
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  CheckpointVectorError,
  SectionsChosen,
  TIME_END,
  type Checkpoint,
  type CheckpointChangeKind,
  type CheckpointCreationAttributes,
  type Ckpt,
} from '../api/index.js'
import { isAisError } from './ckpt-calls.js'
import type { TestReport } from './ckpt-test-report.js'

const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
const READ_WRITE = CHECKPOINT_READ | CHECKPOINT_WRITE
const SECTION_OCTETS = 1000
/** How long what is to happen by itself may take. */
const EVENT_TIMEOUT_MS = 20_000
const POLL_INTERVAL_MS = 20
const SHORT_MS = 200
const NS_PER_MS = 1_000_000n

const attributes: CheckpointCreationAttributes = {
  creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
  checkpointSize: 4 * SECTION_OCTETS,
  retentionDurationMs: 60_000,
  maxSections: 4,
  maxSectionSize: SECTION_OCTETS,
  maxSectionIdSize: 16,
}

/** The steps of the original testckpt, and those behind it that it never reached. */
export class CheckpointTest {
  readonly #made: string[] = []

  /** @param run part of the names of its checkpoints: no other run has it */
  constructor(
    private readonly ckpt: Ckpt,
    private readonly report: TestReport,
    private readonly run: string,
  ) {}

  async steps(): Promise<void> {
    const { report } = this
    await report.group('opening', () => this.opening())
    await report.group('unlinking', () => this.unlinking())
    await report.group('sections', () => this.sections())
    await report.group('access rights', () => this.access())
    await report.group('reading and writing', () => this.contents())
    await report.group('iteration', () => this.iteration())
    await report.group('the default section', () => this.defaultSection())
    await report.group('synchronizing', () => this.synchronizing())
    await report.group('expiration', () => this.expiration())
    await report.group('retention', () => this.retention())
  }

  /** Whatever is left of what the steps made. */
  async cleanUp(): Promise<void> {
    for (const name of this.#made) {
      await this.ckpt.checkpointUnlink(name).catch((error: unknown) => {
        if (!isAisError(error)) throw error
      })
    }
  }

  private async opening(): Promise<void> {
    const { report, ckpt } = this
    const name = this.name('open')
    const open = (with_: CheckpointCreationAttributes | null, flags: number) => () =>
      ckpt.checkpointOpen(name, with_, flags)
    const size = attributes.checkpointSize + 1
    await report.fails('checkpointOpen, nothing there', 'ERR_NOT_EXIST', open(null, READ_WRITE))
    await report.succeeds('checkpointOpen, created', open(attributes, READ_WRITE | CHECKPOINT_CREATE))
    await report.succeeds('checkpointOpen, there already', open(attributes, READ_WRITE | CHECKPOINT_CREATE))
    const other = { ...attributes, maxSectionIdSize: 17 }
    await report.fails('checkpointOpen, other attributes', 'ERR_EXIST', open(other, 7))
    await report.fails('checkpointOpen, no flags', 'ERR_BAD_FLAGS', open(null, 0))
    await report.fails('checkpointOpen, CREATE without attributes', 'ERR_INVALID_PARAM', open(null, 5))
    await report.fails('checkpointOpen, attributes without CREATE', 'ERR_INVALID_PARAM', open(attributes, 1))
    const large = { ...attributes, checkpointSize: size }
    await report.fails('checkpointOpen, size above its sections', 'ERR_INVALID_PARAM', open(large, 7))
    const long = 'n'.repeat(256)
    await report.fails('checkpointOpen, name of 256 octets', 'ERR_TOO_BIG', () =>
      ckpt.checkpointOpen(long, null, CHECKPOINT_READ),
    )
  }

  private async unlinking(): Promise<void> {
    const { report, ckpt } = this
    const name = this.name('unlink')
    const first = await this.create(name)
    await report.succeeds('sectionCreate', () =>
      first.sectionCreate('a', TIME_END, Buffer.from('still here')),
    )
    await report.succeeds('checkpointUnlink', () => ckpt.checkpointUnlink(name))
    await report.fails('checkpointOpen after unlink', 'ERR_NOT_EXIST', () =>
      ckpt.checkpointOpen(name, null, CHECKPOINT_READ),
    )
    await report.fails('checkpointUnlink again', 'ERR_NOT_EXIST', () => ckpt.checkpointUnlink(name))
    await report.fails('retentionDurationSet after unlink', 'ERR_BAD_OPERATION', () =>
      first.retentionDurationSet(1000),
    )
    await this.reads('checkpointRead by who has it open', first, 'a', 'still here')
    const second = await this.create(name)
    await this.counts('statusGet of the new one', second, 0, 0)
    await report.succeeds('checkpointClose', () => first.close())
    await report.fails('checkpointClose again', 'ERR_BAD_HANDLE', () => first.close())
    await report.fails('statusGet, closed', 'ERR_BAD_HANDLE', () => first.statusGet())
    await report.succeeds('checkpointClose of the new one', () => second.close())
    await report.succeeds('checkpointOpen again', () => ckpt.checkpointOpen(name, null, CHECKPOINT_READ))
  }

  private async sections(): Promise<void> {
    const { report } = this
    const checkpoint = await this.create(this.name('sections'))
    const create = (id: string | null) => () =>
      checkpoint.sectionCreate(id, TIME_END, Buffer.from('12345678'))
    await report.succeeds('retentionDurationSet', () => checkpoint.retentionDurationSet(30_000))
    const { retentionDurationMs } = await report.succeeds('statusGet', () => checkpoint.statusGet())
    report.value('retention duration', '30000 ms', `${retentionDurationMs} ms`)
    await report.succeeds('sectionCreate', create('section #1'))
    await report.fails('sectionCreate, there already', 'ERR_EXIST', create('section #1'))
    await report.fails('sectionCreate, id of 17 octets', 'ERR_INVALID_PARAM', create('s'.repeat(17)))
    await report.succeeds('sectionCreate, second', create('section #2'))
    const generated = await report.succeeds('sectionCreate, id generated', create(null))
    await report.succeeds('sectionCreate, fourth', create('section #4'))
    await report.fails('sectionCreate, fifth of four', 'ERR_NO_SPACE', create('section #5'))
    await this.counts('statusGet', checkpoint, 4, 32)
    await report.succeeds('sectionDelete', () => checkpoint.sectionDelete(generated))
    await report.fails('sectionDelete again', 'ERR_NOT_EXIST', () => checkpoint.sectionDelete(generated))
    await this.counts('statusGet', checkpoint, 3, 24)
  }

  private async access(): Promise<void> {
    const { report, ckpt } = this
    const name = this.name('access')
    const both = await this.create(name)
    await report.succeeds('sectionCreate', () => both.sectionCreate('a'))
    const open = (flags: number) => () => ckpt.checkpointOpen(name, null, flags)
    const reader = await report.succeeds('checkpointOpen for reading', open(CHECKPOINT_READ))
    const writer = await report.succeeds('checkpointOpen for writing', open(CHECKPOINT_WRITE))
    const data = Buffer.from('x')
    const refused: [string, () => Promise<unknown>][] = [
      ['sectionCreate by a reader', () => reader.sectionCreate('b')],
      ['sectionDelete by a reader', () => reader.sectionDelete('a')],
      ['expirationTimeSet by a reader', () => reader.sectionExpirationTimeSet('a', TIME_END)],
      ['sectionOverwrite by a reader', () => reader.sectionOverwrite('a', data)],
      ['checkpointWrite by a reader', () => reader.checkpointWrite([{ sectionId: 'a', data }])],
      ['checkpointRead by a writer', () => writer.checkpointRead([{ sectionId: 'a' }])],
    ]
    for (const [step, call] of refused) await report.fails(step, 'ERR_ACCESS', call)
    const write = (): Promise<void> => writer.checkpointWrite([{ sectionId: 'a', data }])
    await report.succeeds('checkpointWrite by a writer', write)
    await this.reads('checkpointRead by a reader', reader, 'a', 'x')
  }

  private async contents(): Promise<void> {
    const { report } = this
    const checkpoint = await this.create(this.name('contents'))
    const write = (sectionId: string, data: string, dataOffset = 0) => ({
      sectionId,
      dataOffset,
      data: Buffer.from(data),
    })
    const writes =
      (...vector: ReturnType<typeof write>[]) =>
      () =>
        checkpoint.checkpointWrite(vector)
    const initial = Buffer.from('Initial Data #2')
    await report.succeeds('sectionCreate', () => checkpoint.sectionCreate('a'))
    await report.succeeds('sectionCreate', () => checkpoint.sectionCreate('b', TIME_END, initial))
    await report.succeeds('checkpointWrite', writes(write('a', 'written #1')))
    await report.succeeds('checkpointWrite of two sections', writes(write('a', '1', 9), write('b', '!', 15)))
    await this.reads('checkpointRead', checkpoint, 'b', 'Initial Data #2!')
    await report.succeeds('sectionOverwrite', () =>
      checkpoint.sectionOverwrite('a', Buffer.from('Overwrite Data #1')),
    )
    await this.reads('checkpointRead', checkpoint, 'a', 'Overwrite Data #1')
    const failure = await report.fails(
      'checkpointWrite, second of two missing',
      'ERR_NOT_EXIST',
      writes(write('a', 'half'), write('none', 'x')),
    )
    const index = failure instanceof CheckpointVectorError ? failure.erroneousVectorIndex : 'none'
    report.value('erroneousVectorIndex', '1', String(index))
    await this.reads('checkpointRead: nothing was written', checkpoint, 'a', 'Overwrite Data #1')
    const whole = 'x'.repeat(SECTION_OCTETS)
    await report.succeeds('checkpointWrite of a whole section', writes(write('a', whole)))
    await report.fails('checkpointWrite behind its end', 'ERR_NO_RESOURCES', writes(write('a', 'xx', 999)))
    await report.fails('checkpointWrite of more', 'ERR_INVALID_PARAM', writes(write('a', `${whole}x`)))
    await report.fails('sectionOverwrite with more', 'ERR_INVALID_PARAM', () =>
      checkpoint.sectionOverwrite('a', Buffer.from(`${whole}x`)),
    )
    await report.fails('checkpointRead of none', 'ERR_NOT_EXIST', () =>
      checkpoint.checkpointRead([{ sectionId: 'none' }]),
    )
    await this.reads('checkpointRead behind the end', checkpoint, 'b', '', 500)
  }

  private async iteration(): Promise<void> {
    const { report } = this
    const checkpoint = await this.create(this.name('iteration'))
    const inAnHour = BigInt(Date.now() + 3_600_000) * NS_PER_MS
    await report.succeeds('sectionCreate', () => checkpoint.sectionCreate('ends', inAnHour))
    await report.succeeds('sectionCreate', () => checkpoint.sectionCreate('stays', TIME_END))
    const all = await this.iterate(checkpoint, SectionsChosen.SECTIONS_ANY)
    report.value('sectionIteration, any', 'ends, stays', all)
    const forever = await this.iterate(checkpoint, SectionsChosen.SECTIONS_FOREVER)
    report.value('sectionIteration, for ever', 'stays', forever)
    const early = await this.iterate(checkpoint, SectionsChosen.SECTIONS_LEQ_EXPIRATION_TIME, inAnHour * 2n)
    report.value('sectionIteration, ending', 'ends', early)
    await report.succeeds('sectionExpirationTimeSet', () =>
      checkpoint.sectionExpirationTimeSet('ends', TIME_END),
    )
    const now = await this.iterate(checkpoint, SectionsChosen.SECTIONS_FOREVER)
    report.value('sectionIteration, for ever', 'ends, stays', now)
  }

  /** @returns the ids of the sections, in their order */
  private async iterate(checkpoint: Checkpoint, choice: SectionsChosen, time?: bigint): Promise<string> {
    const { report } = this
    const iterator = await report.succeeds('sectionIterationInitialize', () =>
      checkpoint.sectionIterationInitialize(choice, time),
    )
    const ids: string[] = []
    for await (const { sectionId } of iterator) ids.push(String(sectionId))
    const again = await report.succeeds('sectionIterationInitialize', () =>
      checkpoint.sectionIterationInitialize(choice, time),
    )
    for (let count = 0; count < ids.length; count++) await again.next()
    await report.fails('sectionIterationNext at the end', 'ERR_NO_SECTIONS', () => again.next())
    await report.succeeds('sectionIterationFinalize', () => again.finalize())
    return ids.sort().join(', ')
  }

  private async defaultSection(): Promise<void> {
    const { report } = this
    const single = { ...attributes, maxSections: 1, checkpointSize: SECTION_OCTETS }
    const checkpoint = await this.create(this.name('default'), single)
    const data = Buffer.from('by default')
    await report.succeeds('checkpointWrite', () => checkpoint.checkpointWrite([{ sectionId: '', data }]))
    await this.reads('checkpointRead', checkpoint, '', 'by default')
    await report.fails('sectionCreate', 'ERR_EXIST', () => checkpoint.sectionCreate(''))
    await report.fails('sectionDelete', 'ERR_INVALID_PARAM', () => checkpoint.sectionDelete(''))
    await report.fails('sectionExpirationTimeSet', 'ERR_INVALID_PARAM', () =>
      checkpoint.sectionExpirationTimeSet('', TIME_END),
    )
  }

  private async synchronizing(): Promise<void> {
    const { report } = this
    const all = await this.create(this.name('all'))
    await report.fails('synchronize, all replicas', 'ERR_BAD_OPERATION', () => all.synchronize())
    const creationFlags = CheckpointCreationFlags.WR_ACTIVE_REPLICA
    const active = await this.create(this.name('active'), { ...attributes, creationFlags })
    await report.succeeds('sectionCreate, active replica', () => active.sectionCreate('a'))
    await report.succeeds('checkpointWrite, active replica', () =>
      active.checkpointWrite([{ sectionId: 'a', data: Buffer.from('x') }]),
    )
    await report.succeeds('synchronize, active replica', () => active.synchronize())
    await report.fails('activeReplicaSet, not collocated', 'ERR_BAD_OPERATION', () =>
      active.activeReplicaSet(),
    )
  }

  private async expiration(): Promise<void> {
    const { report } = this
    const checkpoint = await this.create(this.name('expiration'))
    const expired = changeOf(checkpoint, 'expired')
    await report.succeeds('track', () => checkpoint.track())
    const soon = (): bigint => BigInt(Date.now() + SHORT_MS) * NS_PER_MS
    await report.succeeds('sectionCreate', () => checkpoint.sectionCreate('a', TIME_END, Buffer.from('x')))
    await report.succeeds('sectionExpirationTimeSet', () => checkpoint.sectionExpirationTimeSet('a', soon()))
    report.value(`tracked within ${EVENT_TIMEOUT_MS / 1000} s`, 'expired a', await expired)
    await report.fails('checkpointRead, expired', 'ERR_NOT_EXIST', () =>
      checkpoint.checkpointRead([{ sectionId: 'a' }]),
    )
    await this.counts('statusGet', checkpoint, 0, 0)
    await report.succeeds('sectionCreate of the same id', () => checkpoint.sectionCreate('a'))
  }

  private async retention(): Promise<void> {
    const { report, ckpt } = this
    const name = this.name('retention')
    const first = await this.create(name)
    await report.succeeds('sectionCreate', () => first.sectionCreate('a', TIME_END, Buffer.from('kept')))
    await report.succeeds('checkpointClose, 60 s of retention', () => first.close())
    const again = await report.succeeds('checkpointOpen within it', () =>
      ckpt.checkpointOpen(name, null, CHECKPOINT_READ),
    )
    await this.reads('checkpointRead', again, 'a', 'kept')
    await report.succeeds(`retentionDurationSet, ${SHORT_MS} ms`, () => again.retentionDurationSet(SHORT_MS))
    await report.succeeds('checkpointClose', () => again.close())
    const gone = await this.goneWithin(name, EVENT_TIMEOUT_MS)
    report.value(`gone within ${EVENT_TIMEOUT_MS / 1000} s`, 'yes', gone ? 'yes' : 'no')
    await report.fails('checkpointOpen after it', 'ERR_NOT_EXIST', () =>
      ckpt.checkpointOpen(name, null, CHECKPOINT_READ),
    )
  }

  /** Nobody can be told: whoever has it open keeps it. */
  private async goneWithin(name: string, timeoutMs: number): Promise<boolean> {
    const deadlineMs = performance.now() + timeoutMs
    while (performance.now() < deadlineMs) {
      try {
        await this.ckpt.show(name)
      } catch (error) {
        if (isAisError(error, 'ERR_NOT_EXIST')) return true
        if (!isAisError(error)) throw error
      }
      await setTimeout(POLL_INTERVAL_MS)
    }
    return false
  }

  private name(part: string): string {
    const name = `${this.run}-${part}`
    this.#made.push(name)
    return name
  }

  private create(name: string, with_: CheckpointCreationAttributes = attributes): Promise<Checkpoint> {
    return this.report.succeeds('checkpointOpen, created', () =>
      this.ckpt.checkpointOpen(name, with_, READ_WRITE | CHECKPOINT_CREATE),
    )
  }

  private async reads(
    step: string,
    checkpoint: Checkpoint,
    sectionId: string,
    expected: string,
    dataOffset = 0,
  ): Promise<void> {
    const element = { sectionId, dataOffset }
    const [data] = await this.report.succeeds(step, () => checkpoint.checkpointRead([element]))
    this.report.value('what was read', JSON.stringify(expected), JSON.stringify(String(data)))
  }

  private async counts(
    step: string,
    checkpoint: Checkpoint,
    sections: number,
    octets: number,
  ): Promise<void> {
    const { numberOfSections, memoryUsed } = await this.report.succeeds(step, () => checkpoint.statusGet())
    const text = (count: number, used: number): string => `${count} sections, ${used} octets`
    this.report.value('what it holds', text(sections, octets), text(numberOfSections, memoryUsed))
  }
}

/** The next change of this kind: `expired a`. Nothing, if none comes in time. */
function changeOf(checkpoint: Checkpoint, kind: CheckpointChangeKind): Promise<string> {
  return new Promise((resolve) => {
    const done = (text: string): void => {
      clearTimeout(timer)
      resolve(text)
    }
    const timer = globalThis.setTimeout(() => done('nothing'), EVENT_TIMEOUT_MS).unref()
    checkpoint.on('changes', (changes) => {
      const found = changes.find(({ change }) => change === kind)
      if (found !== undefined) done(`${kind} ${String(found.sectionId ?? '')}`)
    })
  })
}
