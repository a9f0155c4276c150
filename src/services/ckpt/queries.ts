import { limits } from '../../base/index.js'
import type { View } from '../../group/index.js'
import type { Request } from '../front.js'
import { shown } from '../shown.js'
import type { Process } from './checkpoint-status.js'
import type { DigestQueue } from './digest-queue.js'
import { isSame, type Machine } from './machine.js'
import type { Mutations } from './mutations.js'
import { nameOf, type Params } from './params.js'
import type { CkptPort } from './port.js'
import { Refusal } from './refusal.js'
import { BODY_AT, BodyReader, Kind, MessageWriter, type ReportedCheckpoint } from './wire.js'

/** A question of this process that is not answered by all yet. */
interface Asked {
  readonly request: Request
  readonly names: readonly string[]
  /** Who has not answered; null: the question itself is on its way. */
  awaited: Process[] | null
  readonly answers: Map<number, readonly ReportedCheckpoint[]>
}

/**
 * Ordered queries: every member says of the same place in the order what its replica holds. A digest takes
 * its time, so checkpoints are frozen at that place, and the answers come as further messages.
 */
export class Queries {
  private readonly asked = new Map<number, Asked>()
  private last = 0
  private view: View | null = null
  /** Answers of this process that did not get through. */
  private readonly unsent: Uint8Array[] = []

  constructor(
    private readonly port: CkptPort,
    private readonly machine: Machine,
    private readonly digests: DigestQueue,
    private readonly mutations: Mutations,
  ) {}

  ask(request: Request, { names }: Params): void {
    if (!Array.isArray(names) || names.length === 0 || names.length > limits.ckptQueryNames) {
      const expected = `an array of 1 to ${limits.ckptQueryNames} names of checkpoints`
      throw new Refusal('ERR_INVALID_PARAM', `names ${shown(names)} are not ${expected}`)
    }
    this.put(
      request,
      names.map((name) => nameOf(name)),
    )
  }

  private put(request: Request, names: readonly string[]): void {
    const number = ++this.last
    const asked: Asked = { request, names, awaited: null, answers: new Map() }
    this.asked.set(number, asked)
    const writer = this.message(Kind.query, this.port, number)
    writer.u16(names.length)
    for (const name of names) writer.text(name)
    this.mutations.submit(writer.finish(), {
      waitsForAll: false,
      onDone: () => {
        asked.awaited = (this.view?.members ?? []).map(({ nodeId, incarnation }) => ({ nodeId, incarnation }))
      },
      onLost: (code, text) => {
        this.asked.delete(number)
        request.fail(code, text)
      },
    })
  }

  onView(view: View): void {
    this.view = view
    for (const [number, asked] of [...this.asked]) {
      if (asked.awaited === null) continue
      const isHere = (process: Process): boolean => view.members.some((member) => isSame(member, process))
      asked.awaited = asked.awaited.filter(isHere)
      this.answerIfDone(number, asked)
      if (asked.awaited.length === 0) continue
      // Those who were apart have not seen the question, or their answers did not get here.
      this.asked.delete(number)
      this.put(asked.request, asked.names)
    }
  }

  /** A query came in its order. */
  onQuery(payload: Uint8Array): void {
    const reader = new BodyReader(payload, BODY_AT)
    const asker = reader.process()
    const number = reader.u32()
    const checkpoints = []
    for (let left = reader.count(limits.ckptQueryNames, 2); left > 0 && !reader.broken; left--) {
      checkpoints.push(this.machine.state.byName.get(reader.text()))
    }
    this.digests.add(checkpoints, (reports) => this.report(asker, number, reports))
  }

  /** A member's answer came in its order. */
  onReport(from: number, payload: Uint8Array): void {
    const reader = new BodyReader(payload, BODY_AT)
    const asker = reader.process()
    const number = reader.u32()
    const asked = isSame(asker, this.port) ? this.asked.get(number) : undefined
    if (asked === undefined || asked.awaited === null) return
    asked.answers.set(from, reader.reports())
    asked.awaited = asked.awaited.filter(({ nodeId }) => nodeId !== from)
    this.answerIfDone(number, asked)
  }

  private report(asker: Process, number: number, reports: readonly ReportedCheckpoint[]): void {
    const writer = this.message(Kind.report, asker, number)
    writer.reports(reports)
    this.send(writer.finish())
  }

  /** Who asked waits for it as long as this process is a member: what is lost goes out again. */
  private send(payload: Uint8Array): void {
    this.mutations.submit(payload, {
      waitsForAll: false,
      onDone: () => undefined,
      onLost: () => this.unsent.push(payload.slice()),
    })
  }

  /** The state is here: what could not be said before is said now. */
  onOpen(): void {
    for (const payload of this.unsent.splice(0)) this.send(payload)
  }

  private answerIfDone(number: number, { request, names, awaited, answers }: Asked): void {
    if (awaited === null || awaited.length > 0) return
    this.asked.delete(number)
    const members = this.view?.members ?? []
    request.answer({
      viewNumber: this.view?.number ?? 0,
      members: [...answers].sort(byNode).map(([nodeId, reports]) => ({
        nodeId,
        nodeName: members.find((member) => member.nodeId === nodeId)?.name ?? String(nodeId),
        checkpoints: reports.map((report, at) => ({ name: names[at], ...report })),
      })),
    })
  }

  private message(kind: number, asker: Process, number: number): MessageWriter {
    const writer = new MessageWriter(kind, this.port.wallMs())
    writer.process(asker)
    writer.u32(number)
    return writer
  }
}

function byNode([a]: readonly [number, unknown], [b]: readonly [number, unknown]): number {
  return a - b
}
