import type { Host, InterfaceChoice, LoadedGroupsConfig, LoadedNetworkConfig } from '../config/index.js'

export type CheckStatus = 'ok' | 'warn' | 'fail' | 'skip'

/** What one check found out. */
export interface CheckResult {
  /** Of the check: 'multicast'. */
  readonly id: string
  readonly title: string
  readonly status: CheckStatus
  /** What was found. */
  readonly message: string
  /** What to do about it: a command where there is one. */
  readonly remedy: string | null
  /** For programs, of no fixed form but for the names each check documents. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}

/** What a program printed, and how it ended; null where it cannot be run. */
export interface ProgramRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What the checks go by, and how they look at the machine. Made once a run of the doctor. */
export interface DoctorContext {
  /** Directory of the configuration. */
  readonly configDir: string
  readonly network: LoadedNetworkConfig
  readonly groups: LoadedGroupsConfig
  /** The address to speak from; null: the configuration is wrong, or matches none. */
  readonly choice: InterfaceChoice | null
  /** What this machine gives where the configuration says nothing. */
  readonly host: Host
  /** The versions of Node that ais runs on, as package.json says it: '>=20.19'. */
  readonly nodeRequired: string
  /** Addresses where `ais doctor --listen` runs. */
  readonly peers: readonly string[]
  /** @returns null: there is no such file, or it may not be read */
  readonly readText: (path: string) => Promise<string | null>
  /** Run a program to its end, ten seconds at most or as said. @returns null: there is no such program */
  readonly run: (program: string, args: readonly string[], timeoutMs?: number) => Promise<ProgramRun | null>
}

/** One question about this machine. It reports what it finds, and throws only for a bug. */
export interface Check {
  readonly id: string
  readonly title: string
  run(context: DoctorContext): Promise<CheckResult | readonly CheckResult[]>
}
