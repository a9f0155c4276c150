import { limits } from '../../base/index.js'
import type { Request } from '../front.js'
import { shown } from '../shown.js'
import type { Checkpoint } from './checkpoint.js'
import type { CkptState, Conflict } from './ckpt-state.js'
import type { ConflictKeeper } from './conflict-keeper.js'
import { conflictDocument } from './documents.js'
import { sectionIdOf, wholeNumber, type Params } from './params.js'
import { Refusal } from './refusal.js'
import { noSection } from './section-operations.js'
import { octetsOf } from './wire.js'

/** Where listing the sections of something that does not change any more has got to. */
interface Cursor {
  readonly checkpoint: Checkpoint
  readonly ids: Iterator<string>
  /** The last one given out. */
  last: string
}

/** Calls that look at what lost conflicts. */
export class ConflictCalls {
  private cursor: Cursor | null = null

  constructor(
    private readonly keeper: ConflictKeeper,
    private readonly state: () => CkptState,
  ) {}

  /** One page of all conflicts, the oldest first. */
  list(request: Request, { after, count }: Params): void {
    const items = wholeNumber(count, 'count', 1, limits.ckptPageItems)
    const all = [...this.state().conflicts.values()]
    const begin = after === null || after === undefined ? 0 : placeBehind(idOf(after), all)
    const page = all.slice(begin, begin + items)
    request.answer({ conflicts: page.map(conflictDocument), more: begin + items < all.length })
  }

  /** One page of the sections of what lost, in the order in which they were made. */
  sections(request: Request, { id, after, count }: Params): void {
    const items = wholeNumber(count, 'count', 1, limits.ckptPageItems)
    const from = after === null || after === undefined ? null : sectionIdOf(after, limits.ckptSectionIdOctets)
    this.with(request, id, (checkpoint) => {
      const page = this.next(checkpoint, from, items)
      const sections = page.map((sectionId) => {
        return { sectionId: octetsOf(sectionId), size: checkpoint.sections.get(sectionId)!.size }
      })
      request.answer({ sections, more: page.length === items })
    })
  }

  read(request: Request, { id, sectionId, offset, length }: Params): void {
    const section = sectionIdOf(sectionId, limits.ckptSectionIdOctets)
    const at = wholeNumber(offset, 'offset', 0, limits.ckptSectionOctets)
    const octets = wholeNumber(length, 'length', 0, limits.ckptCallOctets)
    this.with(request, id, (checkpoint) => {
      const found = checkpoint.sections.get(section)
      if (found !== undefined) return request.answer(found.read(at, octets))
      const { code, text } = noSection(checkpoint, section)
      return request.fail(code!, text)
    })
  }

  private with(request: Request, id: unknown, onFound: (checkpoint: Checkpoint) => void): void {
    this.keeper.read(idOf(id), (found) => {
      if (typeof found === 'string') request.fail('ERR_NOT_EXIST', found)
      else onFound(found)
    })
  }

  /** The ids behind this one: those who ask for page after page go on where they were. */
  private next(checkpoint: Checkpoint, after: string | null, items: number): string[] {
    if (after === null || this.cursor?.checkpoint !== checkpoint || this.cursor.last !== after) {
      this.cursor = { checkpoint, ids: checkpoint.sections.keys(), last: '' }
      if (after !== null) this.skipTo(this.cursor, after)
    }
    const { cursor } = this
    const page: string[] = []
    while (page.length < items) {
      const next = cursor.ids.next()
      if (next.done === true) break
      page.push(next.value)
    }
    cursor.last = page[page.length - 1] ?? cursor.last
    return page
  }

  private skipTo({ ids }: Cursor, after: string): void {
    for (let next = ids.next(); next.done !== true; next = ids.next()) if (next.value === after) return
  }
}

/** @throws Refusal */
function placeBehind(id: string, all: readonly Conflict[]): number {
  const at = all.findIndex((conflict) => conflict.id === id)
  if (at >= 0) return at + 1
  throw new Refusal('ERR_NOT_EXIST', `there is no conflict ${id} to go on behind: begin with the first one`)
}

/** @throws Refusal */
export function idOf(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-z]{1,16}$/.test(value)) return value
  throw new Refusal('ERR_INVALID_PARAM', `id ${shown(value)} is none of a conflict`)
}
