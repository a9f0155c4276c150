export { TotemRing, type RingState } from './ring.js'
export { totemDefaults, type TotemOptions } from './options.js'
export type { LogLevel, TimerName, TotemPort } from './port.js'
export type { Counters } from './counters.js'
