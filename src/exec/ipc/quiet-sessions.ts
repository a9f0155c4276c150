import type { Session } from './session.js'

/** Found in one look at all of them, so that a flood of connections does not cost one look each. */
const FOUND_AT_ONCE = 256

/** Which connection with nothing open was quiet longest. */
export class QuietSessions {
  /** The last one was quiet longest, when they were looked for. */
  #found: { readonly session: Session; readonly activeAtMs: number }[] = []

  /** @returns undefined when all of them have something open, or no hello yet */
  longest(sessions: Iterable<Session>): Session | undefined {
    return this.#take() ?? (this.#look(sessions), this.#take())
  }

  #take(): Session | undefined {
    for (let found = this.#found.pop(); found !== undefined; found = this.#found.pop()) {
      const { session, activeAtMs } = found
      if (isQuiet(session) && session.activeAtMs === activeAtMs) return session
    }
    return undefined
  }

  #look(sessions: Iterable<Session>): void {
    const quiet = [...sessions]
      .filter(isQuiet)
      .map((session) => ({ session, activeAtMs: session.activeAtMs }))
    this.#found = quiet.sort((a, b) => b.activeAtMs - a.activeAtMs).slice(-FOUND_AT_ONCE)
  }
}

function isQuiet(session: Session): boolean {
  return session.state === 'open' && session.isIdle
}
