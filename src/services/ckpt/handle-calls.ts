import type { CheckpointCreationAttributes } from '../../base/index.js'
import type { Client, Request } from '../front.js'
import { attributesDocument } from './documents.js'
import type { Handle, Handles } from './handles.js'
import type { MutatingContext } from './mutating-calls.js'
import type { Outcome } from './outcome.js'
import * as check from './params.js'
import type { Params } from './params.js'
import type { CkptPort } from './port.js'
import { tooMuchOpen, type ReadingCalls } from './reading-calls.js'
import { Refusal } from './refusal.js'
import type { Trackings } from './trackings.js'
import type { Upkeep } from './upkeep.js'
import { Kind, MessageWriter } from './wire.js'

/** Calls by which applications get handles, lose them, and follow what they stand for. */
export class HandleCalls {
  /** Clients that may still have a call to open under way. */
  private readonly gone = new WeakSet<Client>()

  constructor(
    private readonly port: CkptPort,
    private readonly context: MutatingContext,
    private readonly handles: Handles,
    private readonly upkeep: Upkeep,
    private readonly trackings: Trackings,
    private readonly reading: ReadingCalls,
  ) {}

  /** The application is gone: what it had open is closed. */
  onClientGone(client: Client): void {
    this.gone.add(client)
    const handles = this.handles.ofClient(client)
    for (const handle of handles) this.forget(handle)
    this.upkeep.close(handles.map(({ key, number }) => ({ key, handle: number })))
  }

  open(request: Request, { name, flags, attributes }: Params): void {
    const openFlags = check.openFlagsOf(flags)
    const checkedName = check.nameOf(name)
    const creation = check.attributesOf(attributes, openFlags)
    const { client } = request
    if (!client.hold()) throw tooMuchOpen()
    const handle = this.handles.reserve()
    const writer = new MessageWriter(Kind.open, this.port.wallMs())
    writer.u64(this.port.incarnation)
    writer.u32(handle)
    writer.u8(openFlags)
    writer.text(checkedName)
    writer.u8(creation === null ? 0 : 1)
    if (creation !== null) writer.attributes(creation)
    const giveUp = (): void => {
      this.handles.giveUp(handle)
      client.release()
    }
    this.context.submit(writer.finish(), {
      waitsForAll: true,
      onDone: (outcome) => {
        if (outcome.code !== null) {
          giveUp()
          return request.fail(outcome.code, outcome.text)
        }
        return this.opened(request, { number: handle, client, flags: openFlags, name: checkedName }, outcome)
      },
      onLost: (code, text) => {
        giveUp()
        request.fail(code, text)
      },
    })
  }

  private opened(
    request: Request,
    opening: Pick<Handle, 'number' | 'client' | 'flags' | 'name'>,
    { value }: Outcome,
  ): void {
    const { key, attributes } = value as {
      readonly key: number
      readonly attributes: CheckpointCreationAttributes
    }
    const { number, client } = opening
    if (this.gone.has(client)) {
      this.handles.giveUp(number)
      return this.upkeep.close([{ key, handle: number }])
    }
    const { retentionDurationMs, ...identity } = attributes
    const handle: Handle = { ...opening, attributes: identity, key, dead: undefined }
    this.handles.add(handle)
    this.upkeep.ensure(handle)
    return request.answer({ handle: number, attributes: attributesDocument(identity, retentionDurationMs) })
  }

  close(request: Request, { handle }: Params): void {
    const open = this.handles.get(request.client, handle)
    // One whose checkpoint is gone can be closed like any other.
    if (open === undefined) return void this.context.handleOf(request, handle)
    const writer = new MessageWriter(Kind.close, this.port.wallMs())
    writer.u64(this.port.incarnation)
    writer.handles([{ key: open.key, handle: open.number }])
    this.forget(open)
    return this.context.submit(writer.finish(), {
      waitsForAll: true,
      onDone: () => request.answer(null),
      // It is closed here, and for all others when they and this node know each other again.
      onLost: () => request.answer(null),
    })
  }

  private forget(handle: Handle): void {
    if (this.trackings.delete(handle)) handle.client.release()
    this.reading.onHandleClosed(handle)
    this.handles.delete(handle)
    handle.client.release()
  }

  track(request: Request, { handle, subscription }: Params): void {
    const open = this.context.handleOf(request, handle)
    const number = check.wholeNumber(subscription, 'subscription', 0, Number.MAX_SAFE_INTEGER)
    this.context.checkpointOf(open)
    if (this.trackings.set(open, number) && !request.client.hold()) {
      this.trackings.delete(open)
      throw tooMuchOpen()
    }
    request.answer(null)
  }

  trackStop(request: Request, { handle }: Params): void {
    const open = this.context.handleOf(request, handle)
    if (!this.trackings.delete(open)) {
      throw new Refusal('ERR_NOT_EXIST', `${open.name} is not tracked by this handle`)
    }
    request.client.release()
    request.answer(null)
  }
}
