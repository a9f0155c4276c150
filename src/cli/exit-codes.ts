/** What the exit code of a command says; the same for all of them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A configuration file is wrong, missing or unreadable. */
  configuration: 3,
  /** No executive listens on the socket. */
  noExecutive: 4,
  /** Not done within --timeout. */
  timedOut: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
