import type { PlainService, ViewedService } from './replicated-service.js'
import type { View } from './view.js'

interface Waiting {
  readonly from: number
  readonly payload: Uint8Array
}

/**
 * The messages of a service without state, in views alone: what comes while the members of a configuration
 * do not know each other yet waits for the view. Where that configuration ends first, the messages of those
 * who came along from the last view still belong to that one, and the others are of nobody's view.
 */
export class ViewedMessages {
  private mode: 'waiting' | 'open' | 'passing' = 'waiting'
  private waiting: Waiting[] = []
  private companions: ReadonlySet<number> = new Set()

  constructor(private readonly service: ViewedService) {}

  onRegular(): void {
    this.mode = 'waiting'
  }

  /** @param companions node ids of those that have come along since the last view */
  onTransitional(companions: ReadonlySet<number>): void {
    if (this.mode === 'open') return
    this.mode = 'passing'
    this.companions = companions
    const { waiting } = this
    this.waiting = []
    for (const { from, payload } of waiting) this.onMessage(from, payload)
  }

  onView(view: View, companions: ReadonlySet<number>): void {
    this.mode = 'open'
    this.service.onView(view, companions)
    const { waiting } = this
    this.waiting = []
    for (const { from, payload } of waiting) this.service.onMessage(from, payload)
  }

  onMessage(from: number, payload: Uint8Array): void {
    if (this.mode === 'waiting') this.waiting.push({ from, payload })
    else if (this.mode === 'open' || this.companions.has(from)) this.service.onMessage(from, payload)
  }
}

export function isViewed(service: PlainService): service is ViewedService {
  return (service as Partial<ViewedService>).isViewed === true
}
