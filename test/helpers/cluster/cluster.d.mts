import type { Daemon, PrintedConfiguration } from './daemon.mjs'

export interface Host {
  readonly address: string
  /** Command that runs another on this host; empty on the machine itself. */
  readonly prefix: readonly string[]
}

/** Keys and values of a network.conf. */
export type NetworkKeys = Readonly<Record<string, string | number>>

/** Hosts on the loopback interface: 127.0.X.1, .2 … */
export function loopbackHosts(count: number, network?: string): Host[]

/** Daemons of one cluster. Nodes are counted from 0; node i lives on hosts[i], called node-(i+1). */
export class Cluster {
  static create(options: {
    readonly hosts: readonly Host[]
    readonly network?: NetworkKeys
  }): Promise<Cluster>
  readonly lives: { readonly index: number; readonly daemon: Daemon }[]
  readonly directory: string
  readonly hosts: readonly Host[]
  get port(): number
  configDir(index: number): string
  stateDir(index: number): string
  socketPath(index: number): string
  start(
    index: number,
    overrides?: NetworkKeys,
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<Daemon>
  spawn(index: number, args?: readonly string[], env?: Readonly<Record<string, string>>): Daemon
  startAll(indices?: Iterable<number>): Promise<Daemon[]>
  node(index: number): Daemon
  formed(indices: readonly number[], timeoutMs?: number): Promise<PrintedConfiguration>
  describe(indices?: readonly number[]): string
  close(): Promise<void>
}

export function namesOf(configuration: PrintedConfiguration): string[]
