import type { ComponentState, HeldCsi } from './state.js'

/**
 * Does another state tell of a component of this node what its node has never said? What a component was
 * told and holds is changed in the state by what its own node says alone. A state that goes on from this
 * node's last one has that, or has seen the node go; one that does not came by another history, against which
 * that of this node was decided while this node was elsewhere.
 * @param before what this node last knew of its component
 * @param after what the state says with which it is to go on
 */
export function isForeign(before: ComponentState, after: ComponentState | undefined): boolean {
  const { node, incarnation, registration } = before
  const isSame =
    after?.node === node && after.incarnation === incarnation && after.registration === registration
  if (!isSame || registration === 0) return false
  const isAwaited = before.operation === null || after.operation?.id === before.operation.id
  return !isAwaited || after.readiness !== before.readiness || !areSame(before.csis, after.csis)
}

function areSame(some: ReadonlyMap<string, HeldCsi>, others: ReadonlyMap<string, HeldCsi>): boolean {
  if (some.size !== others.size) return false
  return [...some].every(([csi, { instance, haState, epoch, operation }]) => {
    const other = others.get(csi)
    const isHeldAlike = other?.instance === instance && other.haState === haState
    return isHeldAlike && other.epoch === epoch && other.operation === operation
  })
}
