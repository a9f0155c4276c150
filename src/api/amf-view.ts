import { EventEmitter } from 'node:events'
import {
  AisError,
  areTrackFlags,
  asksForChanges,
  TrackFlags,
  type AdminOperation,
  type EntityKind,
  type Recovery,
} from '../base/index.js'
import { checkAdminOperation, checkEntityName, checkKind, checkRecovery } from './amf-arguments.js'
import { readExplanation, readMembers, readStatus } from './amf-documents.js'
import { restored, type Restorable } from './amf-restoring.js'
import type { AmfConnection } from './amf-subscription.js'
import { DecisionWatch, ProtectionGroupTracking } from './amf-trackings.js'
import type { AmfDecision, AmfEvents, AmfExplanation, AmfStatus, ProtectionGroupMember } from './amf-types.js'
import {
  checkedTimeoutMs,
  checkListener,
  DEFAULT_TIMEOUT_MS,
  Lifetime,
  tellSafely,
} from './service-object.js'

const { TRACK_CURRENT } = TrackFlags

/** For whom no events come. */
const NO_SUBSCRIPTION = 0

/** What of `Amf` is about all components, whoever has registered them. */
export class AmfView extends EventEmitter<AmfEvents> {
  protected readonly life = new Lifetime('Amf')
  readonly #connection: AmfConnection
  readonly #trackings = new Map<string, ProtectionGroupTracking>()
  readonly #watches = new Set<DecisionWatch>()

  constructor(connection: AmfConnection) {
    super()
    this.#connection = connection
  }

  /**
   * Report an error of a component, of whichever node (saAmfComponentErrorReport): it is recovered as
   * recommended or configured.
   * @param text what is wrong, for people
   * @throws AisError ERR_NOT_EXIST: no such component is configured; ERR_BAD_OPERATION: it is not registered;
   * ERR_INVALID_PARAM: an argument is none; ERR_TRY_AGAIN, ERR_TIMEOUT: the executive does not answer;
   * ERR_BAD_HANDLE: after `finalize`
   */
  async errorReport(component: string, recovery: Recovery = 'no-recommendation', text = ''): Promise<void> {
    this.life.check('errorReport')
    checkEntityName('errorReport', 'component', component)
    checkRecovery('errorReport', recovery)
    await this.ask('componentErrorReport', { component, recovery, text: String(text) })
  }

  /**
   * The error of a component is gone: it may be assigned again (saAmfComponentErrorClear).
   * @throws AisError as errorReport
   */
  async errorClear(component: string): Promise<void> {
    this.life.check('errorClear')
    checkEntityName('errorClear', 'component', component)
    await this.ask('componentErrorClear', { component })
  }

  /**
   * Get the components that can carry a CSI, or be told of changes, or both (saAmfProtectionGroupTrack).
   *
   * Changes come as 'protectionGroupTrack' events until `protectionGroupTrackStop`. Tracking again replaces
   * TRACK_CHANGES by TRACK_CHANGES_ONLY or the other way round.
   * @param flags TrackFlags, added up
   * @returns with TRACK_CURRENT the present members, else undefined
   * @throws AisError ERR_BAD_FLAGS: none, unknown ones, or TRACK_CHANGES with TRACK_CHANGES_ONLY; ERR_INIT:
   * changes are asked for and nobody listens; ERR_NOT_EXIST: no such CSI is configured; ERR_INVALID_PARAM:
   * the name is none; ERR_TRY_AGAIN, ERR_TIMEOUT: the executive does not answer; ERR_BAD_HANDLE: after
   * `finalize`
   */
  async protectionGroupTrack(
    csi: string,
    flags: number,
  ): Promise<readonly ProtectionGroupMember[] | undefined> {
    const call = 'protectionGroupTrack'
    this.life.check(call)
    checkEntityName(call, 'CSI', csi)
    if (!areTrackFlags(flags)) {
      const expected =
        'TRACK_CURRENT, TRACK_CHANGES or TRACK_CHANGES_ONLY, or the first with one of the others'
      throw new AisError('ERR_BAD_FLAGS', `flags of ${call} are ${expected}; these are ${String(flags)}`)
    }
    if (!asksForChanges(flags)) {
      const params = { csi, flags: TRACK_CURRENT, subscription: NO_SUBSCRIPTION }
      return readMembers(await this.ask(call, params))
    }
    checkListener(call, this as EventEmitter, call, 'changes')
    const members = await this.life.unlessOver(call, this.#track(csi, flags & ~TRACK_CURRENT))
    return (flags & TRACK_CURRENT) === 0 ? undefined : members
  }

  /**
   * Be told of changes of this protection group no more (saAmfProtectionGroupTrackStop).
   * @throws AisError ERR_NOT_EXIST: it is not tracked; ERR_INVALID_PARAM: the name is none; ERR_BAD_HANDLE:
   * after `finalize`
   */
  async protectionGroupTrackStop(csi: string): Promise<void> {
    const call = 'protectionGroupTrackStop'
    this.life.check(call)
    checkEntityName(call, 'CSI', csi)
    const tracking = this.#trackings.get(csi)
    if (tracking === undefined) throw new AisError('ERR_NOT_EXIST', `${call}: ${csi} is not tracked`)
    this.#trackings.delete(csi)
    await this.life.unlessOver(call, tracking.stop())
  }

  /**
   * All of AMF as it is now: groups with their units and components, service instances, nodes.
   * @throws AisError ERR_TRY_AGAIN: AMF has no configuration yet, or the executive is gone; ERR_TIMEOUT: no
   * answer in time; ERR_BAD_HANDLE: after `finalize`
   */
  async status(): Promise<AmfStatus> {
    this.life.check('status')
    return readStatus(await this.ask('status', {}))
  }

  /**
   * Why something is in the state it is in.
   * @param kind needed if things of several kinds have this name
   * @throws AisError ERR_NOT_EXIST: nothing has this name; ERR_INVALID_PARAM: several things have, or an
   * argument is none; else as status
   */
  async explain(name: string, kind: EntityKind | null = null): Promise<AmfExplanation> {
    this.life.check('explain')
    checkEntityName('explain', 'entity', name)
    checkKind('explain', kind)
    return readExplanation(await this.ask('explain', { name, kind }))
  }

  /**
   * Have the administrative state of something changed, and wait until what follows from that is done.
   * @param kind needed if things of several kinds have this name
   * @param timeoutMs for that; 0 stands for the default of 10 s
   * @throws AisError ERR_NOT_EXIST: nothing has this name; ERR_INVALID_PARAM: several things have, or the
   * operation is none for this kind; ERR_BAD_OPERATION: it is not possible now; ERR_TIMEOUT: not done in
   * time, it goes on; ERR_TRY_AGAIN: AMF has no configuration yet, or the executive is gone;
   * ERR_BAD_HANDLE: after `finalize`
   */
  async adminOperation(
    operation: AdminOperation,
    name: string,
    kind: EntityKind | null = null,
    timeoutMs = 0,
  ): Promise<void> {
    const call = 'adminOperation'
    this.life.check(call)
    checkAdminOperation(call, operation)
    checkEntityName(call, 'entity', name)
    checkKind(call, kind)
    await this.ask(call, { operation, name, kind }, checkedTimeoutMs(call, timeoutMs))
  }

  /**
   * Be told each decision of AMF, from now on.
   * @returns ends it
   * @throws AisError ERR_TRY_AGAIN, ERR_TIMEOUT: the executive does not answer; ERR_BAD_HANDLE: after
   * `finalize`
   */
  async watch(listener: (decision: AmfDecision) => void): Promise<() => Promise<void>> {
    this.life.check('watch')
    const watch = new DecisionWatch(this.#connection, listener)
    this.#watches.add(watch)
    try {
      await this.life.unlessOver('watch', watch.start(DEFAULT_TIMEOUT_MS))
    } catch (error) {
      watch.close()
      this.#watches.delete(watch)
      throw error
    }
    return async () => {
      if (this.life.isOver || !this.#watches.delete(watch)) return
      // An executive that is gone tells nobody anything.
      await watch.stop().catch(() => undefined)
    }
  }

  protected ask(call: string, params: object, timeoutMs: number = DEFAULT_TIMEOUT_MS): Promise<unknown> {
    return this.life.unlessOver(call, this.#connection.call(`amf.${call}`, params, timeoutMs))
  }

  protected tell<E extends keyof AmfEvents>(event: E, ...told: AmfEvents[E]): void {
    if (!this.life.isOver) tellSafely(this as EventEmitter, event, told)
  }

  /** The executive is gone. */
  protected lose(): void {
    for (const restorable of this.#restorables) restorable.onLost()
  }

  /** Another executive is there. */
  protected async restore(isOver: () => boolean): Promise<void> {
    const trackings = [...this.#trackings.values()].map(async (tracking) => {
      const error = await restored(tracking, isOver)
      if (error === null) return
      tracking.close()
      this.#trackings.delete(tracking.csi)
      this.tell('dropped', tracking.csi, error)
    })
    await Promise.all([...trackings, ...[...this.#watches].map((watch) => restored(watch, isOver))])
  }

  protected close(): void {
    for (const restorable of this.#restorables) restorable.close()
    this.#trackings.clear()
    this.#watches.clear()
    this.#connection.close()
  }

  get #restorables(): Restorable[] {
    return [...this.#trackings.values(), ...this.#watches]
  }

  async #track(csi: string, flags: number): Promise<readonly ProtectionGroupMember[]> {
    const tracked = this.#trackings.get(csi)
    if (tracked !== undefined) return tracked.track(flags, DEFAULT_TIMEOUT_MS)
    const tracking = new ProtectionGroupTracking(this.#connection, csi, (buffer) =>
      this.tell('protectionGroupTrack', buffer),
    )
    this.#trackings.set(csi, tracking)
    try {
      return await tracking.track(flags, DEFAULT_TIMEOUT_MS)
    } catch (error) {
      tracking.close()
      if (this.#trackings.get(csi) === tracking) this.#trackings.delete(csi)
      throw error
    }
  }
}
