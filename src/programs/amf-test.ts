import { setTimeout } from 'node:timers/promises'
import { Amf, TrackFlags, type AmfEvents } from '../api/index.js'
import { printable } from '../config/index.js'
import {
  toldCsiRemove,
  toldCsiSet,
  toldHealthcheck,
  toldProtectionGroup,
  toldReadiness,
  toldTerminate,
  type ToldCallback,
} from './amf-callbacks.js'
import { isAisError } from './ckpt-calls.js'
import { lostText, restoredText, type ProgramOutput } from './program-output.js'
import { aborted } from './stop-signal.js'

/** The components of testamf1 to testamf6, as groups.conf of the original package has them. */
export const testComponents: readonly string[] = [
  'comp_a_in_su_x',
  'comp_b_in_su_x',
  'comp_a_in_su_y',
  'comp_b_in_su_y',
  'comp_a_in_su_z',
  'comp_b_in_su_z',
]

export interface AmfTestOptions {
  readonly socket: string
  readonly component: string
  /** It unregisters, registers, reports an error and takes it back, once: as testamf2 does. */
  readonly hasCourse: boolean
  /** Protection groups are told of as well. */
  readonly tracks: boolean
  readonly asJson: boolean
  readonly output: ProgramOutput
  readonly stopped: AbortSignal
}

/** Before a call that was answered ERR_TRY_AGAIN is made again. */
const RETRY_INTERVAL_MS = 50
/** Before it is looked again whether there is an executive. */
const CONNECTING_INTERVAL_MS = 200
/** For the executive to take what this says when it ends. */
const ENDING_TIMEOUT_MS = 1000

/** The course of testamf2 begins when it is in service, or so long after it has registered. */
const COURSE_LATEST_MS = 3000
const COURSE_FIRST_MS = 300
const COURSE_STEP_MS = 1000

/**
 * One of the test programs of the original package: registers a component and tells of each callback, until
 * `stopped` or until it is told to terminate. Where there is no executive it is waited for, at the beginning
 * as well as later.
 * @throws AisError as Amf.initialize (ERR_ACCESS, ERR_VERSION) and componentRegister
 */
export async function testAmf(options: AmfTestOptions): Promise<void> {
  const amf = await connected(options)
  if (amf === null) return
  const ending = new AbortController()
  const stopped = AbortSignal.any([options.stopped, ending.signal])
  const program = new AmfTestProgram(amf, { ...options, stopped }, () => ending.abort())
  try {
    await program.run()
  } finally {
    await amf.finalize()
  }
}

/** Wait for an executive. @returns null: stopped before there was one */
async function connected({ socket, output, stopped }: AmfTestOptions): Promise<Amf | null> {
  for (let isTold = false; !stopped.aborted; isTold = true) {
    try {
      return await Amf.initialize({ socket })
    } catch (error) {
      if (!isAisError(error, 'ERR_TRY_AGAIN')) throw error
      if (!isTold) output.note(`waiting for an executive: ${error.message}`)
    }
    await setTimeout(CONNECTING_INTERVAL_MS, undefined, { signal: stopped }).catch(() => undefined)
  }
  return null
}

class AmfTestProgram {
  #healthchecks = 0
  readonly #tracked = new Set<string>()
  #onInService: () => void = () => undefined
  readonly #inService = new Promise<void>((resolve) => (this.#onInService = resolve))
  #fail: (error: unknown) => void = () => undefined
  readonly #failed = new Promise<never>((_, reject) => (this.#fail = reject))

  constructor(
    private readonly amf: Amf,
    private readonly options: AmfTestOptions,
    private readonly end: () => void,
  ) {}

  async run(): Promise<void> {
    const { component, hasCourse, stopped } = this.options
    this.listen()
    await this.register()
    const course = hasCourse ? this.course() : Promise.resolve()
    course.catch(this.#fail)
    await Promise.race([aborted(stopped), this.#failed])
    const farewell = this.amf.componentUnregister(component).catch(() => undefined)
    await Promise.race([farewell, setTimeout(ENDING_TIMEOUT_MS, undefined, { ref: false })])
  }

  private listen(): void {
    const { amf } = this
    this.answer('csiSet', toldCsiSet, ({ csiDescriptor }) => this.track(csiDescriptor.csiName))
    this.answer('csiRemove', toldCsiRemove)
    this.answer('healthcheck', (check) => toldHealthcheck(check, ++this.#healthchecks))
    this.answer('readiness', toldReadiness, ({ readiness }) => {
      if (readiness === 'in-service') this.#onInService()
    })
    this.answer('componentTerminate', toldTerminate, () => this.end())
    amf.on('protectionGroupTrack', (buffer) => this.tell(toldProtectionGroup(buffer)))
    amf.on('lapsed', ({ text }) => this.options.output.note(text))
    amf.on('lost', (error) => this.options.output.note(lostText(error)))
    amf.on('restored', () => this.options.output.note(restoredText))
    amf.on('dropped', (_, error) => this.#fail(error))
  }

  /** Tell of a callback, and answer that it was done. */
  private answer<E extends 'csiSet' | 'csiRemove' | 'healthcheck' | 'readiness' | 'componentTerminate'>(
    event: E,
    told: (callback: AmfEvents[E][0]) => ToldCallback,
    act: (callback: AmfEvents[E][0]) => void = () => undefined,
  ): void {
    const listener = (callback: AmfEvents[E][0]): void => {
      this.tell(told(callback))
      // Where the executive goes meanwhile nobody waits for the answer any more.
      const answered = this.amf.response(callback.invocation, 'OK').catch(() => undefined)
      void answered.then(() => act(callback))
    }
    this.amf.on(event as 'csiSet', listener as (callback: AmfEvents['csiSet'][0]) => void)
  }

  private tell({ text, line }: ToldCallback): void {
    const { asJson, output } = this.options
    if (asJson) output.line(JSON.stringify(line))
    else if (text !== null) output.line(text)
  }

  private track(csi: string): void {
    if (!this.options.tracks || this.#tracked.has(csi)) return
    this.#tracked.add(csi)
    const flags = TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES
    const told = this.amf.protectionGroupTrack(csi, flags).then((members = []) => {
      this.tell(toldProtectionGroup({ csiName: csi, members, numberOfMembers: members.length }))
    })
    told.catch(() => this.#tracked.delete(csi))
  }

  private async register(): Promise<void> {
    const { component, output, stopped } = this.options
    let isTold = false
    while (!stopped.aborted) {
      try {
        await this.amf.componentRegister(component)
        output.note(`${printable(component)} is registered`)
        return
      } catch (error) {
        if (!isAisError(error, 'ERR_TRY_AGAIN', 'ERR_TIMEOUT')) throw error
        if (!isTold) output.note(`waiting: ${(error as Error).message}`)
        isTold = true
      }
      await this.pause(RETRY_INTERVAL_MS)
    }
  }

  /** What testamf2 did besides. Where the executive is not there a step waits for it. */
  private async course(): Promise<void> {
    const { component, stopped } = this.options
    await Promise.race([this.#inService, this.pause(COURSE_LATEST_MS)])
    await this.pause(COURSE_FIRST_MS)
    await this.step('Unregistering component', () => this.amf.componentUnregister(component))
    await this.pause(COURSE_STEP_MS)
    if (!stopped.aborted) this.say('Registering component')
    await this.register()
    await this.pause(COURSE_STEP_MS)
    const text = 'testamf2 reports an error of itself'
    await this.step('REPORTING ERROR.', () => this.amf.errorReport(component, 'no-recommendation', text))
    await this.pause(COURSE_STEP_MS)
    await this.step('CANCELING ERROR.', () => this.amf.errorClear(component))
  }

  private async step(text: string, action: () => Promise<void>): Promise<void> {
    if (this.options.stopped.aborted) return
    this.say(text)
    while (!this.options.stopped.aborted) {
      try {
        return await action()
      } catch (error) {
        // It is not registered while the executive is away, nor right after that is back.
        if (!isAisError(error, 'ERR_TRY_AGAIN', 'ERR_TIMEOUT', 'ERR_NOT_EXIST')) throw error
      }
      await this.pause(RETRY_INTERVAL_MS)
    }
  }

  /** What it does itself: with --json stdout is for callbacks. */
  private say(text: string): void {
    const { asJson, output } = this.options
    if (asJson) output.note(text)
    else output.line(text)
  }

  private async pause(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.options.stopped }).catch(() => undefined)
  }
}
