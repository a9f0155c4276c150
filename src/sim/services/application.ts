import type { AisErrorName } from '../../base/index.js'
import type { Client } from '../../services/index.js'
import type { CkptReplica } from './ckpt-replica.js'
import type { Answer, Call, CkptWatcher, OpenHandle, WatchedApplication } from './ckpt-watcher.js'

/** A virtual application, connected to the executive of its node. */
export class Application implements Client, WatchedApplication {
  readonly name: string
  readonly handles = new Map<number, OpenHandle>()
  holds = 0
  isGone = false
  /** It waits for its first checkpoint. */
  isOpening = false
  private lastSubscription = 0

  constructor(
    readonly id: number,
    readonly ckpt: CkptReplica,
    private readonly watch: CkptWatcher,
  ) {
    this.name = `${ckpt.process.name} application ${id}`
    watch.onApplication(this, ckpt)
  }

  /** @param onDone exactly once, unless the process ends before */
  call(method: string, params: unknown, onDone: (answer: Answer) => void = () => undefined): void {
    const call: Call = { ckpt: this.ckpt, application: this, method, params }
    const settle = (answer: Answer): void => {
      if (!this.isGone && answer.code === null) this.note(call, answer.result)
      this.watch.onAnswer(call, answer)
      onDone(answer)
    }
    this.watch.onCall(call)
    this.ckpt.service.onRequest({
      client: this,
      method,
      params,
      answer: (result) => settle(answerOf(result)),
      fail: (code, text) => settle({ code, text }),
    })
  }

  /** Follow the changes of what this handle stands for. */
  track(open: OpenHandle): void {
    const subscription = ++this.lastSubscription
    this.call('track', { handle: open.handle, subscription }, ({ code }) => {
      if (code !== null) return
      open.tracking = subscription
      open.replaced = 0
      open.replacedDue = 0
    })
  }

  /** The application ends, without a word. */
  end(): void {
    if (this.isGone) return
    this.isGone = true
    this.watch.onApplicationGone(this)
    this.ckpt.service.onClientGone(this)
  }

  event(subscription: number, body: unknown): void {
    const { changes } = body as { readonly changes: readonly (readonly [string])[] }
    for (const open of this.handles.values()) {
      if (open.tracking !== subscription) continue
      for (const [kind] of changes) if (kind === 'replaced') open.replaced++
    }
  }

  hold(): boolean {
    this.holds++
    return true
  }

  release(): void {
    this.holds--
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  cut(): void {
    // Nothing that is asked here is sent so fast.
  }

  private note({ method, params }: Call, result: unknown): void {
    if (method === 'checkpointOpen') {
      const { name, flags } = params as { readonly name: string; readonly flags: number }
      const { handle, attributes } = result as {
        readonly handle: number
        readonly attributes: Pick<OpenHandle, 'creationFlags' | 'maxSections' | 'maxSectionSize'>
      }
      const { creationFlags, maxSections, maxSectionSize } = attributes
      const kept = { creationFlags, maxSections, maxSectionSize }
      this.handles.set(handle, { handle, name, flags, ...kept, tracking: null, replaced: 0, replacedDue: 0 })
    }
    if (method === 'trackStop') {
      const open = this.handles.get((params as { readonly handle: number }).handle)
      if (open !== undefined) open.tracking = null
    }
  }
}

/** A vector that is wrong in one of its elements is an answer with an error in it. */
function answerOf(result: unknown): Answer {
  const problem = result as { readonly error?: AisErrorName; readonly text?: string } | null
  if (problem?.error === undefined) return { code: null, result }
  return { code: problem.error, text: problem.text ?? '' }
}
