/** '3 executives' */
export function executives(count: number): string {
  return count === 1 ? '1 executive' : `${count} executives`
}

/** How the user is told of what takes longer than a moment. */
export interface Progress {
  /**
   * Do something under a title.
   * @param action may say how far it is
   */
  step<T>(title: string, action: (say: (detail: string) => void) => Promise<T>): Promise<T>
  /** A word besides: a warning, what is waited for. */
  notice(message: string): void
}
