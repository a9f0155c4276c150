/** A broken internal promise: a bug of ours, never the effect of input. */
export class InvariantError extends Error {
  static readonly code = 'AIS_INVARIANT'
  override readonly name = 'InvariantError'
}

/**
 * Assert something that only a bug of ours could make false. Always on, in production too:
 * a daemon that has lost its footing must stop rather than order messages wrongly.
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
