import type { AdminOperation, AisErrorName, EntityKind, Recovery } from '../../base/index.js'

/** Why a component failed. */
export const failureCauses = [
  'died',
  'reported',
  'healthcheck-timeout',
  'healthcheck-failed',
  'callback-timeout',
  'callback-failed',
  'process-died',
  'not-restarted',
] as const
export type FailureCause = (typeof failureCauses)[number]

interface Said {
  /**
   * Milliseconds since 1970 by the sender's clock: for the decision log, and for counters over probation
   * times.
   */
  readonly atMs: number
}

/** What a node says of a component registered on it. */
interface OfComponent extends Said {
  readonly component: string
  /** Which registration: numbers of one life of an executive, growing. */
  readonly registration: number
}

/** The node holds AMF's state and takes part; what is registered on it follows. */
export interface HelloMessage extends Said {
  readonly kind: 'hello'
  readonly incarnation: number
  readonly nodeName: string
  /** Of its own configuration. */
  readonly digest: string
}

/** The configuration all are to hold, as its canonical text. */
export interface ConfigureMessage extends Said {
  readonly kind: 'configure'
  readonly digest: string
  readonly text: string
}

/** A view began. Who is not in it any more is lost with this message. */
export interface ViewMessage extends Said {
  readonly kind: 'view'
  readonly number: number
  /** Node id and incarnation. */
  readonly members: readonly (readonly [number, number])[]
  readonly quorate: boolean
  readonly votes: number
  readonly expected: number | null
}

export interface RegisterMessage extends OfComponent {
  readonly kind: 'register'
  readonly proxy: string | null
}

/** The application gave it up: it holds nothing any more. */
export interface UnregisterMessage extends OfComponent {
  readonly kind: 'unregister'
}

/** Its connection broke: it holds nothing any more, for its lease ended with it. */
export interface GoneMessage extends OfComponent {
  readonly kind: 'gone'
}

/** The callback of its operation was answered. */
export interface AnsweredMessage extends OfComponent {
  readonly kind: 'answered'
  readonly operation: number
  /** null: as asked. */
  readonly error: AisErrorName | null
}

/** It has finished what it was to finish while quiescing (saAmfCSIQuiescingComplete). */
export interface QuiescedMessage extends OfComponent {
  readonly kind: 'quiesced'
  readonly operation: number
}

/** Its lease is not renewed from here on. */
export interface FailedMessage extends OfComponent {
  readonly kind: 'failed'
  readonly cause: FailureCause
  readonly recommended: Recovery
  readonly text: string
}

/** What failed holds nothing any more. */
export interface CleanedMessage extends OfComponent {
  readonly kind: 'cleaned'
  readonly how: 'demoted' | 'lease-over'
}

/** Its lease ran out while nothing else was wrong with it, and it has let go of all it held. */
export interface LapsedMessage extends OfComponent {
  readonly kind: 'lapsed'
  /** The operation under way, where the component was told of it and let go of that as well; 0: none. */
  readonly operation: number
}

/** Somebody reports an error of a component (saAmfComponentErrorReport). */
export interface ReportMessage extends Said {
  readonly kind: 'report'
  readonly component: string
  readonly recommended: Recovery
  readonly text: string
}

/** saAmfComponentErrorClear. */
export interface ClearMessage extends Said {
  readonly kind: 'clear'
  readonly component: string
}

export interface AdminMessage extends Said {
  readonly kind: 'admin'
  readonly operation: AdminOperation
  readonly entity: EntityKind
  readonly name: string
}

export type AmfMessage =
  | HelloMessage
  | ConfigureMessage
  | ViewMessage
  | RegisterMessage
  | UnregisterMessage
  | GoneMessage
  | AnsweredMessage
  | QuiescedMessage
  | FailedMessage
  | CleanedMessage
  | LapsedMessage
  | ReportMessage
  | ClearMessage
  | AdminMessage

/** Why a message had no effect. */
export interface Refusal {
  readonly code: AisErrorName
  /** For people. */
  readonly text: string
}
