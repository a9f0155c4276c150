import type { History, HistoryEvent, ProcessHistory } from '../history.js'
import { ringKey } from '../history.js'

type Delivery = Extract<HistoryEvent, { kind: 'deliver' }>

export function deliveriesOf(process: ProcessHistory): Delivery[] {
  return process.events.filter((event): event is Delivery => event.kind === 'deliver')
}

/** Promise 1: what is delivered was sent, as it was sent, and is delivered once. */
export function checkInvention(history: History): void {
  const accepted = new Map<string, { guarantee: string; octets: number }>()
  for (const { events } of history.processes) {
    for (const event of events) if (event.kind === 'accept') accepted.set(event.message, event)
  }
  for (const process of history.processes) {
    const seen = new Set<string>()
    for (const delivery of deliveriesOf(process)) {
      const { message } = delivery
      const original = accepted.get(message)
      if (seen.has(message)) history.violate('1 no duplicates', `${process.name} delivered ${message} twice`)
      seen.add(message)
      if (original?.octets === delivery.octets && original.guarantee === delivery.guarantee) continue
      history.violate('1 no invention', `${process.name} delivered ${message}, which was not sent like that`)
    }
  }
}

/** Promise 2: who stays up delivers what it sent, in the order in which it sent it. */
export function checkSelfDelivery(history: History): void {
  for (const process of history.processes) {
    const { nodeId, incarnation } = process.id
    const prefix = `${nodeId}.${incarnation}.`
    const own = deliveriesOf(process).filter(({ message }) => message.startsWith(prefix))
    const accepted = process.events.filter(({ kind }) => kind === 'accept').length
    own.forEach(({ message }, index) => {
      if (message === `${prefix}${index + 1}`) return
      history.violate('2 self-delivery', `${process.name} delivered its ${message} as number ${index + 1}`)
    })
    if (process.end !== null || own.length === accepted) continue
    const what = `${process.name} delivered ${own.length} of the ${accepted} messages it sent`
    history.violate('2 self-delivery', what)
  }
}

/**
 * Promise 3: one order. Every message has one place, (ring, position, index there), the same at
 * all processes, and every process delivers in the order of places.
 */
export function checkTotalOrder(history: History): void {
  const places = new Map<string, string>()
  for (const process of history.processes) {
    let ring = ''
    let last = -1
    let index = 0
    for (const event of process.events) {
      if (event.kind === 'configuration' && event.configuration.kind === 'regular') {
        ring = ringKey(event.configuration.ringId)
        last = -1
      }
      if (event.kind !== 'deliver') continue
      if (event.position < last) {
        history.violate('3 total order', `${process.name} delivered ${event.message} after position ${last}`)
      }
      index = event.position === last ? index + 1 : 0
      last = event.position
      const place = `${ring}/${event.position}/${index}`
      const known = places.get(event.message)
      places.set(event.message, place)
      if (known === undefined || known === place) continue
      history.violate('3 total order', `${event.message} is at ${known} and at ${place} (${process.name})`)
    }
  }
}

/** How many messages before a sending are looked at: what lies further back follows by transitivity. */
const PAST = 24

interface Sending {
  /** Delivered by the sender before it sent this. */
  readonly past: readonly string[]
}

/**
 * Promise 6: who delivers a message has delivered before it what its sender had delivered before
 * sending it (if both lie on one ring, it must have; else it must not do so later), and all that the
 * sender itself sent before on that ring.
 */
export function checkCausality(history: History): void {
  const sendings = new Map<string, Sending>()
  const rings = new Map<string, string>()
  for (const process of history.processes) {
    const past: string[] = []
    for (const { delivery, ring } of placedDeliveries(process)) rings.set(delivery.message, ring)
    for (const event of process.events) {
      if (event.kind === 'deliver') past.push(event.message)
      else if (event.kind === 'accept') sendings.set(event.message, { past: past.slice(-PAST) })
    }
  }
  for (const process of history.processes) {
    checkFifo(history, process)
    const order = new Map(deliveriesOf(process).map(({ message }, index) => [message, index]))
    for (const [message, index] of order) {
      const late = sendings.get(message)?.past.find((cause) => {
        const at = order.get(cause)
        return at === undefined ? rings.get(cause) === rings.get(message) : at > index
      })
      if (late === undefined) continue
      history.violate(
        '6 causality',
        `${process.name} delivered ${message} without or before ${late}, its cause`,
      )
    }
  }
}

/** What one process sent on one ring is delivered without gaps. */
function checkFifo(history: History, process: ProcessHistory): void {
  const last = new Map<string, number>()
  for (const { delivery, ring } of placedDeliveries(process)) {
    const dot = delivery.message.lastIndexOf('.')
    const key = `${ring} ${delivery.message.slice(0, dot)}`
    const number = Number(delivery.message.slice(dot + 1))
    const before = last.get(key)
    last.set(key, number)
    if (before === undefined || number === before + 1) continue
    history.violate('6 causality', `${process.name} delivered ${delivery.message} after number ${before}`)
  }
}

function placedDeliveries(process: ProcessHistory): { delivery: Delivery; ring: string }[] {
  const placed: { delivery: Delivery; ring: string }[] = []
  let ring = ''
  for (const event of process.events) {
    if (event.kind === 'deliver') placed.push({ delivery: event, ring })
    else if (event.kind === 'configuration' && event.configuration.kind === 'regular') {
      ring = ringKey(event.configuration.ringId)
    }
  }
  return placed
}
