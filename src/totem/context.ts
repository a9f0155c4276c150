import type { Counters } from './counters.js'
import type { KnownProcesses } from './membership/known-processes.js'
import type { Quarantine } from './membership/quarantine.js'
import type { TotemOptions } from './options.js'
import type { Outbox } from './outbox.js'
import type { TotemPort } from './port.js'
import type { ProcessId } from './wire/control.js'

/** What the parts of one ring share. */
export interface Context {
  readonly options: TotemOptions
  readonly self: ProcessId
  readonly port: TotemPort
  readonly outbox: Outbox
  readonly counters: Counters
  readonly known: KnownProcesses
  readonly quarantine: Quarantine
  /** Monotonic time of the present input. */
  nowMs: number
  /** Until then this process keeps to itself: another one has its node id. */
  mutedUntilMs: number
}
