import {
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  isSynchronous,
  limits,
  TIME_END,
  type AisErrorName,
} from '../../base/index.js'
import type { Request } from '../front.js'
import type { Checkpoint } from './checkpoint.js'
import type { Handle } from './handles.js'
import type { Mutation } from './mutations.js'
import type { Outcome } from './outcome.js'
import * as check from './params.js'
import type { Params } from './params.js'
import type { CkptPort } from './port.js'
import {
  noAccess,
  refuseWithoutActive,
  tooMuch,
  vectorLength,
  vectorProblem,
  type ReadingContext,
} from './reading-calls.js'
import { Refusal } from './refusal.js'
import { encodeOverwrite, Kind, MessageWriter, octetsOf, WriteEncoder } from './wire.js'

const NO_OCTETS = new Uint8Array(0)

/** What mutating calls need of the service. */
export interface MutatingContext extends ReadingContext {
  submit(payload: Uint8Array, mutation: Mutation): void
  /** Octets of all sections of all checkpoints. */
  memoryUsed(): number
}

/** A call of an application that is one ordered message. */
class CallMutation implements Mutation {
  constructor(
    private readonly request: Request,
    readonly waitsForAll: boolean,
    private readonly toResult: (value: unknown) => unknown = (value) => value,
  ) {}

  onDone(outcome: Outcome): void {
    const { code, text, index, value } = outcome
    if (code === null) this.request.answer(this.toResult(value))
    else if (index >= 0) this.request.answer(vectorProblem(outcome))
    else this.request.fail(code, text)
  }

  onLost(code: AisErrorName, text: string): void {
    this.request.fail(code, text)
  }
}

/** Calls that change a checkpoint: checked as far as this node can, then ordered. */
export class MutatingCalls {
  constructor(
    private readonly port: CkptPort,
    private readonly context: MutatingContext,
  ) {}

  /** @param params handle, then section id, offset and data of each element */
  write(request: Request, params: readonly unknown[]): void {
    const handle = this.writable(request, params[0])
    const checkpoint = this.context.checkpointOf(handle)
    const elements = vectorLength(params, 3)
    let octets = 0
    for (let index = 0; index < elements; index++) {
      const problem = checkElement(checkpoint, params, 1 + index * 3, index)
      if (problem !== null) return request.answer(vectorProblem(problem))
      octets += lengthOf(params[1 + index * 3]) + lengthOf(params[3 + index * 3])
    }
    this.checkRoom(octets)
    const message = new WriteEncoder(this.port.wallMs(), checkpoint.key, elements, octets)
    for (let at = 1; at < params.length; at += 3) {
      const id = check.sectionIdOf(params[at], checkpoint.attributes.maxSectionIdSize)
      message.add(id, params[at + 1] as number, params[at + 2] as Uint8Array)
    }
    this.context.submit(message.finish(), new CallMutation(request, this.waitsForAll(checkpoint)))
  }

  overwrite(request: Request, params: readonly unknown[]): void {
    const handle = this.writable(request, params[0])
    const checkpoint = this.context.checkpointOf(handle)
    const { maxSectionIdSize, maxSectionSize } = checkpoint.attributes
    const id = check.sectionIdOf(params[1], maxSectionIdSize)
    const data = check.octetsOf(params[2], 'data')
    if (data.length > maxSectionSize) throw tooLong(data.length, maxSectionSize)
    this.checkRoom(id.length + data.length)
    const message = encodeOverwrite(this.port.wallMs(), checkpoint.key, id, data)
    this.context.submit(message, new CallMutation(request, this.waitsForAll(checkpoint)))
  }

  sectionCreate(request: Request, params: Params): void {
    const handle = this.writable(request, params['handle'])
    const checkpoint = this.context.checkpointOf(handle)
    const { maxSectionIdSize, maxSectionSize } = checkpoint.attributes
    const { sectionId } = params
    const isGenerated = sectionId === null || sectionId === undefined
    const id = isGenerated ? '' : check.sectionIdOf(sectionId, maxSectionIdSize)
    const data = check.octetsOf(params['data'] ?? NO_OCTETS, 'data')
    if (data.length > maxSectionSize) throw tooLong(data.length, maxSectionSize)
    this.checkRoom(id.length + data.length)
    const writer = this.message(Kind.sectionCreate, checkpoint)
    writer.u8(isGenerated ? 1 : 0)
    writer.id(id)
    this.putExpiration(writer, check.timeOf(params['expirationTime'] ?? TIME_END))
    writer.bytes(data)
    this.send(request, writer, checkpoint, (value) => octetsOf(value as string))
  }

  sectionDelete(request: Request, { handle, sectionId }: Params): void {
    const checkpoint = this.context.checkpointOf(this.writable(request, handle))
    const writer = this.message(Kind.sectionDelete, checkpoint)
    writer.id(this.idBesidesDefault(checkpoint, sectionId, 'deleted'))
    this.send(request, writer, checkpoint)
  }

  expirationTimeSet(request: Request, { handle, sectionId, expirationTime }: Params): void {
    const checkpoint = this.context.checkpointOf(this.writable(request, handle))
    const writer = this.message(Kind.expirationSet, checkpoint)
    writer.id(this.idBesidesDefault(checkpoint, sectionId, 'made to expire'))
    this.putExpiration(writer, check.timeOf(expirationTime))
    this.send(request, writer, checkpoint)
  }

  retentionDurationSet(request: Request, { handle, retentionDurationMs }: Params): void {
    const checkpoint = this.context.checkpointOf(this.context.handleOf(request, handle))
    const durationMs = check.durationOf(retentionDurationMs)
    if (checkpoint.unlinked) {
      throw new Refusal('ERR_BAD_OPERATION', `${checkpoint.name} was unlinked: it goes with its last handle`)
    }
    const writer = this.message(Kind.retentionSet, checkpoint)
    writer.duration(durationMs)
    this.send(request, writer, checkpoint)
  }

  activeReplicaSet(request: Request, { handle }: Params): void {
    const checkpoint = this.context.checkpointOf(this.writable(request, handle))
    const { creationFlags } = checkpoint.attributes
    const isCollocated = (creationFlags & CheckpointCreationFlags.CHECKPOINT_COLLOCATED) !== 0
    if (isSynchronous(creationFlags) || !isCollocated) {
      const text = `${checkpoint.name} was not created collocated and asynchronous: it has no active replica`
      throw new Refusal('ERR_BAD_OPERATION', text)
    }
    const writer = this.message(Kind.activeSet, checkpoint)
    writer.u64(this.port.incarnation)
    this.context.submit(writer.finish(), new CallMutation(request, true))
  }

  synchronize(request: Request, { handle }: Params): void {
    const checkpoint = this.context.checkpointOf(this.writable(request, handle))
    if (isSynchronous(checkpoint.attributes.creationFlags)) {
      const text = `${checkpoint.name} writes to all replicas: there is never anything to synchronize`
      throw new Refusal('ERR_BAD_OPERATION', text)
    }
    refuseWithoutActive(checkpoint)
    const writer = this.message(Kind.synchronize, checkpoint)
    this.context.submit(writer.finish(), new CallMutation(request, true))
  }

  unlink(request: Request, { name }: Params): void {
    const writer = new MessageWriter(Kind.unlink, this.port.wallMs())
    writer.text(check.nameOf(name))
    this.context.submit(writer.finish(), new CallMutation(request, true))
  }

  private writable(request: Request, number: unknown): Handle {
    const handle = this.context.handleOf(request, number)
    if ((handle.flags & CheckpointOpenFlags.CHECKPOINT_WRITE) !== 0) return handle
    throw noAccess(handle, 'writing')
  }

  private message(kind: number, { key }: Checkpoint): MessageWriter {
    const writer = new MessageWriter(kind, this.port.wallMs())
    writer.u64(key)
    return writer
  }

  private send(
    request: Request,
    writer: MessageWriter,
    checkpoint: Checkpoint,
    toResult?: (value: unknown) => unknown,
  ): void {
    const mutation = new CallMutation(request, this.waitsForAll(checkpoint), toResult)
    this.context.submit(writer.finish(), mutation)
  }

  /** All replicas, or the active one; where the application did not choose it, that of this node is it. */
  private waitsForAll({ attributes, activeReplica }: Checkpoint): boolean {
    if (isSynchronous(attributes.creationFlags)) return true
    return activeReplica !== null && activeReplica.nodeId !== this.port.nodeId
  }

  /** The absolute time is made relative here, once: clocks of others do not count. */
  private putExpiration(writer: MessageWriter, expirationTime: bigint): void {
    writer.time(expirationTime)
    const atMs = expirationTime === TIME_END ? Infinity : Number(expirationTime / 1_000_000n)
    writer.duration(Math.max(0, atMs - this.port.wallMs()))
  }

  private idBesidesDefault(checkpoint: Checkpoint, value: unknown, what: string): string {
    const { maxSectionIdSize, maxSections } = checkpoint.attributes
    const id = check.sectionIdOf(value, maxSectionIdSize)
    if (maxSections !== 1 || id !== '') return id
    throw new Refusal('ERR_INVALID_PARAM', `the default section of ${checkpoint.name} cannot be ${what}`)
  }

  private checkRoom(octets: number): void {
    if (octets > limits.ckptCallOctets) throw tooMuch(octets, 'write')
    const used = this.context.memoryUsed()
    if (used + octets <= limits.ckptOctets) return
    throw new Refusal('ERR_NO_RESOURCES', `all checkpoints together hold ${used} octets: no more is taken`)
  }
}

function tooLong(octets: number, most: number): Refusal {
  return new Refusal('ERR_INVALID_PARAM', `data of ${octets} octets; a section has at most ${most}`)
}

function lengthOf(octets: unknown): number {
  return (octets as Uint8Array).length
}

/** @returns what is wrong; null: nothing is, as far as this node can tell */
function checkElement(
  checkpoint: Checkpoint,
  params: readonly unknown[],
  at: number,
  index: number,
): Outcome | null {
  const { maxSectionSize, maxSectionIdSize } = checkpoint.attributes
  const [id, offset, data] = [params[at], params[at + 1], params[at + 2]]
  const isId = id instanceof Uint8Array && id.length <= maxSectionIdSize
  const isOffset = typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0
  if (isId && isOffset && data instanceof Uint8Array && offset + data.length <= maxSectionSize) return null
  return { ...elementProblem(maxSectionSize, maxSectionIdSize, id, offset, data), index, value: null }
}

function elementProblem(
  maxSectionSize: number,
  maxSectionIdSize: number,
  id: unknown,
  offset: unknown,
  data: unknown,
): Pick<Outcome, 'code' | 'text'> {
  try {
    check.sectionIdOf(id, maxSectionIdSize)
    check.wholeNumber(offset, 'offset', 0, Number.MAX_SAFE_INTEGER)
    const { length } = check.octetsOf(data, 'data')
    if (length > maxSectionSize) throw tooLong(length, maxSectionSize)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  const text = `octets past ${maxSectionSize}, which is where sections of this checkpoint end`
  return { code: 'ERR_NO_RESOURCES', text }
}
