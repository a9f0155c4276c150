import { limits, type EntityKind } from '../../base/index.js'
import type { AmfState, Decision } from './state.js'

/** What a decision is made on: the message that is being applied. */
export interface Occasion {
  readonly atMs: number
  readonly node: string
}

/** The last decisions, with their causes: part of the state, so that every node tells the same story. */
export class DecisionLog {
  private occasion: Occasion = { atMs: 0, node: '' }

  constructor(
    private readonly state: () => AmfState,
    private readonly onDecision: (decision: Decision) => void,
  ) {}

  begin(occasion: Occasion): void {
    this.occasion = occasion
  }

  note(kind: EntityKind, name: string, what: string, text: string): void {
    const state = this.state()
    const sequence = ++state.lastDecision
    const decision = { sequence, ...this.occasion, kind, name, what, text }
    state.decisions.push(decision)
    if (state.decisions.length > limits.amfDecisions) state.decisions.shift()
    this.onDecision(decision)
  }
}
