import { limits } from '../../base/index.js'
import type { Request } from '../front.js'
import type { Checkpoint } from './checkpoint.js'
import type { DigestQueue } from './digest-queue.js'
import { statusDocument } from './documents.js'
import type { Machine } from './machine.js'
import { nameOf, wholeNumber, type Params } from './params.js'
import { Refusal } from './refusal.js'

/** What there is, with digests, for `ais ckpt list` and `show`. */
export class Listing {
  constructor(
    private readonly machine: Machine,
    private readonly digests: DigestQueue,
    private readonly replicas: () => readonly number[],
  ) {}

  /** One page of all checkpoints, by name. */
  list(request: Request, { after, count }: Params): void {
    const items = wholeNumber(count, 'count', 1, limits.ckptPageItems)
    const from = after === null || after === undefined ? '' : nameOf(after)
    const page = this.firstAfter(from, items + 1)
    const checkpoints = page.slice(0, items)
    this.describe(checkpoints, (documents) => {
      request.answer({ checkpoints: documents, more: page.length > items })
    })
  }

  show(request: Request, { name }: Params): void {
    const checkpoint = this.machine.state.byName.get(nameOf(name))
    if (checkpoint === undefined) {
      throw new Refusal('ERR_NOT_EXIST', `there is no checkpoint ${String(name)}`)
    }
    this.describe([checkpoint], ([document]) => request.answer(document))
  }

  private describe(
    checkpoints: readonly Checkpoint[],
    onDone: (documents: readonly Record<string, unknown>[]) => void,
  ): void {
    const replicas = this.replicas()
    const documents = checkpoints.map((checkpoint) => statusDocument(checkpoint, replicas))
    this.digests.add(checkpoints, (reports) => {
      onDone(documents.map((document, at) => ({ ...document, digest: reports[at]!.digest })))
    })
  }

  /** The next ones in the order of their names. */
  private firstAfter(after: string, items: number): Checkpoint[] {
    const { byName } = this.machine.state
    const names = [...byName.keys()].filter((name) => name > after).sort()
    return names.slice(0, items).map((name) => byName.get(name)!)
  }
}
