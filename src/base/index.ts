export * from './ais-error.js'
export * from './invariant.js'
export * from './limits.js'
export * from './random.js'
