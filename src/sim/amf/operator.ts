import type { AdminOperation, EntityKind, Random } from '../../base/index.js'
import type { AmfWatch } from '../checkers/amf.js'
import type { SimNode } from '../node.js'
import type { Client } from '../../services/index.js'

/** Nobody listens at this end but for the answers. */
class Terminal implements Client {
  readonly id = 0

  event(): void {
    return undefined
  }

  hold(): boolean {
    return true
  }

  release(): void {
    return undefined
  }

  readonly waitingOctets = 0
  readonly takenOctets = 0

  whenTaken(): void {
    // Everything is read at once.
  }

  cut(): void {
    // Nothing that is asked here is sent so fast.
  }
}

const AGAIN_MS = 50

/** Who orders things by the command line, on any node. */
export class Operator {
  private readonly terminal = new Terminal()
  /** Of executives that live: requests without an answer. */
  private serial = 0
  private readonly open = new Map<object, Set<string>>()

  constructor(
    private readonly watch: AmfWatch,
    private readonly random: Random,
    private readonly nodes: readonly SimNode[],
  ) {}

  get quiet(): boolean {
    return [...this.open].every(([service, requests]) => {
      const lives = this.nodes.some(({ services }) => services?.amf.service === service)
      return !lives || requests.size === 0
    })
  }

  administer(operation: AdminOperation, kind: EntityKind, name: string): void {
    this.watch.note(`asked.${operation}`)
    this.ask('adminOperation', { operation, kind, name })
  }

  /** Until it is done, or cannot be. */
  insist(operation: AdminOperation, kind: EntityKind, name: string): void {
    this.ask('adminOperation', { operation, kind, name }, (code) => {
      const isPassing = code === 'ERR_TRY_AGAIN' || code === 'ERR_TIMEOUT' || code === 'gone'
      if (isPassing) this.watch.after(AGAIN_MS, () => this.insist(operation, kind, name))
    })
  }

  /** @param onDone with the code of the error, or null */
  ask(method: string, params: object, onDone: (code: string | null) => void = () => undefined): void {
    const running = this.nodes.filter(({ services, paused }) => services !== null && !paused)
    if (running.length === 0) return onDone('gone')
    const node = this.random.pick(running)
    node.request(({ amf: { service } }) => {
      const what = `${++this.serial}: ${method} ${JSON.stringify(params)}`
      const requests = this.open.get(service) ?? new Set<string>()
      this.open.set(service, requests.add(what))
      let isAnswered = false
      const settle = (code: string | null): void => {
        if (isAnswered) this.watch.violate('calls have one answer', `${what} was answered twice`)
        isAnswered = true
        requests.delete(what)
        this.watch.note(`answer.${code ?? 'ok'}`)
        onDone(code)
      }
      service.onRequest({
        client: this.terminal,
        method,
        params,
        answer: () => settle(null),
        fail: (code) => settle(code),
      })
    })
  }
}
