import { errorNumbers, type AisErrorName } from '../api/index.js'
import { isAisError, patientCaller } from './ckpt-calls.js'

/** How a call is to end. */
export type Outcome = 'OK' | AisErrorName

/** What was tried, what it was to come to, and what it came to. */
export interface TestStep {
  /** What it belongs to: opening, access rights … */
  readonly group: string
  readonly step: string
  readonly expected: string
  readonly came: string
  readonly ok: boolean
}

/** Number of success in the standard (SA_AIS_OK). */
const OK_NUMBER = 1
/** How long the cluster may be changing. */
const CALL_TIMEOUT_MS = 20_000

/** `ERR_EXIST (14)`: the standard's name, and its number in B.01.01. */
export function outcomeText(outcome: Outcome): string {
  return `${outcome} (${outcome === 'OK' ? OK_NUMBER : errorNumbers[outcome][0]})`
}

/** What follows cannot be tried, because a step before it failed. */
export class StepsCutShort extends Error {}

/** Takes steps, and keeps what came of them. */
export class TestReport {
  readonly steps: TestStep[] = []
  #group = ''
  readonly #call = patientCaller(CALL_TIMEOUT_MS)

  /** @param tell is told of each step */
  constructor(private readonly tell: (step: TestStep) => void) {}

  get failed(): number {
    return this.steps.filter(({ ok }) => !ok).length
  }

  /** A call that is to succeed. @throws StepsCutShort when it does not */
  async succeeds<R>(step: string, call: () => Promise<R>): Promise<R> {
    let result: { readonly value: R } | undefined
    const came = await this.outcomeOf(async () => (result = { value: await call() }))
    this.add(step, outcomeText('OK'), came)
    if (result === undefined) throw new StepsCutShort(step)
    return result.value
  }

  /** A call that is to fail with this error. @returns the error */
  async fails(step: string, expected: AisErrorName, call: () => Promise<unknown>): Promise<unknown> {
    let failure: unknown
    const came = await this.outcomeOf(async () => {
      try {
        await call()
      } catch (error) {
        failure = error
        throw error
      }
    })
    this.add(step, outcomeText(expected), came)
    return failure
  }

  /** Something that is to be as expected. */
  value(step: string, expected: string, came: string): void {
    this.add(step, expected, came)
  }

  /** Steps that hang together: what makes the rest of them impossible ends them. */
  async group(name: string, steps: () => Promise<void>): Promise<void> {
    this.#group = name
    try {
      await steps()
    } catch (error) {
      if (!(error instanceof StepsCutShort)) throw error
      this.add('all its steps', 'done', `ended by ${error.message}`)
    }
  }

  private async outcomeOf(call: () => Promise<unknown>): Promise<string> {
    try {
      await this.#call(call)
      return outcomeText('OK')
    } catch (error) {
      if (isAisError(error)) return outcomeText(error.code)
      throw error
    }
  }

  private add(step: string, expected: string, came: string): void {
    const taken = { group: this.#group, step, expected, came, ok: expected === came }
    this.steps.push(taken)
    this.tell(taken)
  }
}
