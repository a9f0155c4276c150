import { isForeign } from '../../../../src/services/amf/foreign-history.js'
import type { ComponentState, HeldCsi, Operation } from '../../../../src/services/amf/state.js'

const held: HeldCsi = { instance: 'si', haState: 'active', epoch: 5n, operation: 3 }
const pending = { kind: 'readiness', readiness: 'out-of-service', id: 9 } as Operation

function component(different: Partial<ComponentState> = {}): ComponentState {
  return {
    name: 'x',
    ...{ node: 1, incarnation: 10, registration: 4, proxy: null, presence: 'instantiated' },
    ...{ operational: 'enabled', readiness: 'in-service', error: null, isCleaning: false, isEnding: false },
    ...{ csis: new Map([['csi', held]]), operation: null, restarts: null },
    ...different,
  }
}

test.each<[string, Partial<ComponentState>, Partial<ComponentState>]>([
  ['the same', {}, {}],
  ['something is asked of it anew', {}, { operation: pending }],
  ['what is asked of it is asked still', { operation: pending }, { operation: { ...pending } }],
  ['its node was seen to go', {}, { node: 0, registration: 0, readiness: 'out-of-service', csis: new Map() }],
  ['another life of its node', {}, { incarnation: 11, readiness: 'out-of-service' }],
  ['it was not registered', { registration: 0 }, { registration: 0, readiness: 'out-of-service' }],
])('a state that goes on from what the node knows: %s', (_, before, after) => {
  expect(isForeign(component(before), component(after))).toBe(false)
})

test('a state without the component tells nothing of it', () => {
  expect(isForeign(component(), undefined)).toBe(false)
})

test.each<[string, Partial<ComponentState>, Partial<ComponentState>]>([
  ['it was told another readiness', { readiness: 'out-of-service' }, {}],
  ['it holds something else', { csis: new Map() }, {}],
  ['it holds it otherwise', {}, { csis: new Map([['csi', { ...held, haState: 'quiesced' }]]) }],
  ['it holds it by another epoch', {}, { csis: new Map([['csi', { ...held, epoch: 6n }]]) }],
  ['it holds it by another operation', {}, { csis: new Map([['csi', { ...held, operation: 4 }]]) }],
  ['it holds another', {}, { csis: new Map([['other', held]]) }],
  ['what it was asked is not known there', { operation: pending }, {}],
  ['something else is asked', { operation: pending }, { operation: { ...pending, id: 10 } }],
])('a state by another history: %s', (_, before, after) => {
  expect(isForeign(component(before), component(after))).toBe(true)
})
