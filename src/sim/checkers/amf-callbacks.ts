import type { AmfEvent, Sent, WatchedComponent } from '../amf/amf-watcher.js'
import { isServing, type AmfFacts, mostCsis } from './amf-model.js'

type Violate = (promise: string, message: string) => void

interface Conversation {
  /** Highest invocation that came. */
  last: number
  /** Came, and has no answer; health checks do not count. */
  readonly unanswered: Map<number, AmfEvent['type']>
}

const ORDER = 'amf: callbacks in order'

/**
 * What one process of a component is called back for: one thing at a time, and in an order that has sense.
 */
export class Callbacks {
  private readonly conversations = new Map<WatchedComponent, Conversation>()

  constructor(
    private readonly violate: Violate,
    private readonly note: (what: string) => void,
    private readonly facts: () => AmfFacts,
  ) {}

  onRegistered(component: WatchedComponent): void {
    this.conversations.set(component, { last: 0, unanswered: new Map() })
  }

  onGone(component: WatchedComponent): void {
    this.conversations.delete(component)
  }

  onEvent(component: WatchedComponent, { body }: Sent): void {
    const conversation = this.conversations.get(component)
    if (conversation === undefined || body.type === 'lease') return
    const { invocation, type } = body
    if (invocation <= conversation.last) {
      this.violate(ORDER, `${component.who}: ${type} ${invocation} after ${conversation.last}`)
    }
    conversation.last = Math.max(conversation.last, invocation)
    if (type === 'healthcheck') return
    const [open] = conversation.unanswered
    if (open !== undefined && type !== 'demote') {
      const [before, kind] = open
      this.violate(ORDER, `${component.who}: ${type} ${invocation} while ${kind} ${before} has no answer`)
    }
    // Who holds nothing, nor is about to, has nothing to let go of: nobody waits for its answer.
    const isIdle = component.held.size === 0 && ![...conversation.unanswered.values()].includes('csi-set')
    if (type === 'demote' && isIdle) conversation.unanswered.clear()
    else conversation.unanswered.set(invocation, type)
  }

  onAnswered(component: WatchedComponent, invocation: number): void {
    const conversation = this.conversations.get(component)
    const type = conversation?.unanswered.get(invocation)
    // Who is demoted has failed: what it did not answer until then is over.
    if (type === 'demote') conversation!.unanswered.clear()
    conversation?.unanswered.delete(invocation)
  }

  /** What was to be held is let go of, and has no answer. */
  onLapse(component: WatchedComponent): void {
    this.note('lapsed')
    const unanswered = this.conversations.get(component)?.unanswered
    if (unanswered === undefined) return
    for (const [invocation, type] of unanswered) if (type === 'csi-set') unanswered.delete(invocation)
  }

  onCallback(component: WatchedComponent, body: AmfEvent): void {
    const { who, held, readiness } = component
    if (held.size > 0 && component.machineMs() >= component.leaseEndMs) {
      this.violate(
        'amf: demoted before any callback',
        `${who} holds ${[...held.keys()].join(' ')} at ${body.type}`,
      )
    }
    if (body.type === 'csi-set') this.onCsiSet(component, body)
    if (body.type === 'csi-remove') {
      const state = held.get(body.csi)?.haState
      if (state === undefined || isServing(state)) {
        this.violate(ORDER, `${who} is to give up ${body.csi}, for which it is ${state ?? 'nothing'}`)
      }
    }
    if (body.type !== 'readiness') return
    if (body.readiness === 'out-of-service' && held.size > 0) {
      this.violate(ORDER, `${who} is out of service with ${[...held.keys()].join(' ')}`)
    }
    if (body.readiness === readiness) this.violate(ORDER, `${who} is told twice that it is ${readiness}`)
  }

  onHeld(component: WatchedComponent): void {
    const { name, who, held } = component
    const place = this.facts().places.get(name)
    if (place === undefined || place.group.isClassic) return
    const active = [...held.values()].filter(({ haState }) => isServing(haState)).length
    const standby = [...held.values()].filter(({ haState }) => haState === 'standby').length
    const { capability } = place.component
    if (active > mostCsis(place.component, 'active') || standby > mostCsis(place.component, 'standby')) {
      this.violate(
        'amf: legal assignments',
        `${who} (${capability}) is active for ${active}, stands by for ${standby}`,
      )
    }
  }

  private onCsiSet(component: WatchedComponent, body: AmfEvent & { readonly type: 'csi-set' }): void {
    const { who, held, readiness } = component
    const { csi, haState, si } = body
    const before = held.get(csi)
    const say = (what: string): void => this.violate(ORDER, `${who}: ${csi} ${haState} ${what}`)
    if ((haState === 'active' || haState === 'standby') && readiness !== 'in-service')
      say(`while ${readiness}`)
    if (haState === 'quiescing' && before?.haState !== 'active') say(`from ${before?.haState ?? 'nothing'}`)
    if (haState === 'quiesced' && before !== undefined && !isServing(before.haState)) {
      say(`from ${before.haState}`)
    }
    if (haState === 'standby' && before !== undefined && before.haState !== 'quiesced') {
      if (before.haState !== 'standby') say(`from ${before.haState}`)
    }
    if (haState === 'active' && before?.haState === 'active' && body.epoch <= before.epoch) {
      say(`again, with epoch ${body.epoch} after ${before.epoch}`)
    }
    if (
      this.facts()
        .instances.get(si)
        ?.config.csis.some(({ name }) => name === csi) !== true
    ) {
      say(`of ${si}, which has no such`)
    }
  }
}
