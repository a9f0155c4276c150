/**
 * The one registry of errors: names of the standard with the numbers of both of its versions,
 * [B.01.01, A.01.01]; null: unknown to that version. Source: "SaAisErrorT" of B.01.01, "SaErrorT" of A.01.01.
 */
export const errorNumbers = {
  ERR_LIBRARY: [2, 2],
  ERR_VERSION: [3, 3],
  ERR_INIT: [4, 4],
  ERR_TIMEOUT: [5, 5],
  ERR_TRY_AGAIN: [6, 6],
  ERR_INVALID_PARAM: [7, 7],
  ERR_NO_MEMORY: [8, 8],
  ERR_BAD_HANDLE: [9, 9],
  ERR_BUSY: [10, 10],
  ERR_ACCESS: [11, 11],
  ERR_NOT_EXIST: [12, 12],
  ERR_NAME_TOO_LONG: [13, 13],
  ERR_EXIST: [14, 14],
  ERR_NO_SPACE: [15, 15],
  ERR_INTERRUPT: [16, 16],
  ERR_NAME_NOT_FOUND: [17, 18],
  ERR_NO_RESOURCES: [18, 19],
  ERR_NOT_SUPPORTED: [19, 20],
  ERR_BAD_OPERATION: [20, 21],
  ERR_FAILED_OPERATION: [21, 22],
  ERR_MESSAGE_ERROR: [22, 23],
  ERR_QUEUE_FULL: [23, 25],
  ERR_QUEUE_NOT_AVAILABLE: [24, 26],
  ERR_BAD_FLAGS: [25, 28],
  ERR_TOO_BIG: [26, null],
  ERR_NO_SECTIONS: [27, null],
} as const satisfies Record<string, readonly [number, number | null]>

export type AisErrorName = keyof typeof errorNumbers

export function isAisErrorName(name: unknown): name is AisErrorName {
  return typeof name === 'string' && Object.hasOwn(errorNumbers, name)
}

/** What a call of the API fails with. */
export class AisError extends Error {
  override readonly name = 'AisError'
  /** Number of the error in B.01.01. */
  readonly number: number
  /** Number of the error in A.01.01; null where that version has none. */
  readonly numberA: number | null

  /**
   * @param code name of the standard, without its prefix SA_AIS_
   * @param text what went wrong, for people; `message` has the code in front of it
   */
  constructor(
    readonly code: AisErrorName,
    readonly text: string,
    options?: { readonly cause?: unknown },
  ) {
    super(`${code}: ${text}`, options)
    ;[this.number, this.numberA] = errorNumbers[code]
  }
}
