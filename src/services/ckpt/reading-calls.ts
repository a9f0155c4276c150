import { CheckpointOpenFlags, invariant, limits, SectionsChosen } from '../../base/index.js'
import type { Request } from '../front.js'
import type { Checkpoint } from './checkpoint.js'
import { sectionDocument, statusDocument } from './documents.js'
import type { Handle } from './handles.js'
import { sectionIdOf, timeOf, wholeNumber, type Params } from './params.js'
import { Refusal } from './refusal.js'
import { lacksActiveReplica, noActiveReplica, noSection } from './section-operations.js'
import type { Section } from './section.js'
import { shown } from '../shown.js'
import type { Outcome } from './outcome.js'

/** An iteration that an application goes through: the sections as they were when it began. */
interface Iteration {
  readonly number: number
  readonly handle: Handle
  readonly sections: readonly Section[]
  at: number
}

/** What reading calls need of the service. */
export interface ReadingContext {
  handleOf(request: Request, number: unknown): Handle
  /** @throws Refusal when the handle cannot be used any more */
  checkpointOf(handle: Handle): Checkpoint
  /** Node ids of those who have a replica. */
  replicas(): readonly number[]
}

/** Calls that this node's replica answers. */
export class ReadingCalls {
  private readonly iterations = new Map<number, Iteration>()
  private lastIteration = 0

  constructor(private readonly context: ReadingContext) {}

  statusGet(request: Request, { handle }: Params): void {
    const checkpoint = this.context.checkpointOf(this.context.handleOf(request, handle))
    refuseWithoutActive(checkpoint)
    request.answer(statusDocument(checkpoint, this.context.replicas()))
  }

  /** @param params handle, then section id, offset and length of each element */
  read(request: Request, params: readonly unknown[]): void {
    const handle = this.context.handleOf(request, params[0])
    if ((handle.flags & CheckpointOpenFlags.CHECKPOINT_READ) === 0) throw noAccess(handle, 'reading')
    const checkpoint = this.context.checkpointOf(handle)
    refuseWithoutActive(checkpoint)
    const elements = vectorLength(params, 3)
    const data: Uint8Array[] = []
    let octets = 0
    for (let index = 0; index < elements; index++) {
      const part = readElement(checkpoint, params, 1 + index * 3, index)
      if (!(part instanceof Uint8Array)) return request.answer(vectorProblem(part))
      octets += part.length
      data.push(part)
    }
    if (octets > limits.ckptCallOctets) throw tooMuch(octets, 'read')
    request.answer(data)
  }

  iterationInitialize(request: Request, { handle, choice, expirationTime }: Params): void {
    const open = this.context.handleOf(request, handle)
    const checkpoint = this.context.checkpointOf(open)
    refuseWithoutActive(checkpoint)
    const isChosen = chooser(choice, expirationTime)
    if (!request.client.hold()) throw tooMuchOpen()
    const number = ++this.lastIteration
    const sections = [...checkpoint.sections.values()].filter(isChosen)
    this.iterations.set(number, { number, handle: open, sections, at: 0 })
    request.answer({ iteration: number })
  }

  iterationNext(request: Request, { iteration, count }: Params): void {
    const known = this.iterationOf(request, iteration)
    this.context.checkpointOf(known.handle)
    const items = wholeNumber(count, 'count', 1, limits.ckptPageItems)
    const { sections, at } = known
    known.at = Math.min(sections.length, at + items)
    request.answer(sections.slice(at, known.at).map(sectionDocument))
  }

  iterationFinalize(request: Request, { iteration }: Params): void {
    const { number } = this.iterationOf(request, iteration)
    this.iterations.delete(number)
    request.client.release()
    request.answer(null)
  }

  /** What is gone through by this handle ends with it. */
  onHandleClosed(handle: Handle): void {
    for (const { number, handle: own } of this.iterations.values()) {
      if (own !== handle) continue
      this.iterations.delete(number)
      handle.client.release()
    }
  }

  private iterationOf({ client }: Request, number: unknown): Iteration {
    const iteration = this.iterations.get(number as number)
    if (iteration?.handle.client === client) return iteration
    throw new Refusal('ERR_BAD_HANDLE', `there is no iteration ${shown(number)}; was it finalized?`)
  }
}

export function refuseWithoutActive(checkpoint: Checkpoint): void {
  if (!lacksActiveReplica(checkpoint)) return
  const { code, text } = noActiveReplica(checkpoint)
  throw new Refusal(code!, text)
}

/** How many elements of so many values follow the handle. @throws Refusal */
export function vectorLength(params: readonly unknown[], valuesEach: number): number {
  const elements = (params.length - 1) / valuesEach
  if (Number.isInteger(elements) && elements >= 1 && elements <= limits.ckptVectorElements) return elements
  const most = limits.ckptVectorElements
  const expected = `a handle, then ${valuesEach} values for each of 1 to ${most} elements`
  throw new Refusal('ERR_INVALID_PARAM', `parameters are ${expected}; these are ${params.length} values`)
}

export function vectorProblem({ code, text, index }: Outcome): Record<string, unknown> {
  return { error: code, text, index }
}

export function tooMuch(octets: number, what: string): Refusal {
  const text = `a ${what} of ${octets} octets; one call carries at most ${limits.ckptCallOctets}: use several`
  return new Refusal('ERR_NO_RESOURCES', text)
}

export function tooMuchOpen(): Refusal {
  return new Refusal('ERR_NO_RESOURCES', 'the connection has too much open: close what is not needed')
}

export function noAccess({ name }: Handle, what: string): Refusal {
  return new Refusal('ERR_ACCESS', `${name} was not opened for ${what}`)
}

/** @returns the octets, or what is wrong with the element */
function readElement(
  checkpoint: Checkpoint,
  params: readonly unknown[],
  at: number,
  index: number,
): Uint8Array | Outcome {
  const { maxSectionSize, maxSectionIdSize } = checkpoint.attributes
  try {
    const id = sectionIdOf(params[at], maxSectionIdSize)
    const offset = wholeNumber(params[at + 1], 'offset', 0, maxSectionSize)
    const length = params[at + 2] ?? null
    const size = length === null ? Infinity : wholeNumber(length, 'size', 0, maxSectionSize)
    const section = checkpoint.sections.get(id)
    if (section === undefined) return noSection(checkpoint, id, index)
    return section.read(offset, size)
  } catch (error) {
    invariant(error instanceof Refusal, String(error))
    return { code: error.code, text: error.text, index, value: null }
  }
}

function chooser(choice: unknown, expirationTime: unknown): (section: Section) => boolean {
  switch (choice) {
    case SectionsChosen.SECTIONS_ANY:
      return () => true
    case SectionsChosen.SECTIONS_CORRUPTED:
      return () => false
    case SectionsChosen.SECTIONS_FOREVER:
      return ({ dueMs }) => dueMs === Infinity
    case SectionsChosen.SECTIONS_LEQ_EXPIRATION_TIME: {
      const time = timeOf(expirationTime)
      return (section) => section.expirationTime <= time
    }
    case SectionsChosen.SECTIONS_GEQ_EXPIRATION_TIME: {
      const time = timeOf(expirationTime)
      return (section) => section.expirationTime >= time
    }
    default:
      throw new Refusal('ERR_INVALID_PARAM', `sectionsChosen ${shown(choice)} is not 1 to 5`)
  }
}
