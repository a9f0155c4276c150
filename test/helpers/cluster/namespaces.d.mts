import type { Host } from './cluster.mjs'

/** Why hosts made of network namespaces cannot be had here, or undefined when they can. */
export function namespacesUnavailable(): string | undefined

/** Hosts on a bridge, each a network namespace; none has a default route. */
export class Namespaces {
  constructor(count: number)
  readonly hosts: Host[]
  linkDown(index: number): void
  linkUp(index: number): void
  cut(index: number): void
  mend(index: number): void
  atHost(index: number, ...args: string[]): void
  atSwitch(...args: string[]): void
  setMulticastFlood(index: number, isOn: boolean): void
  close(): void
}
