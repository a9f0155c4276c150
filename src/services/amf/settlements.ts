import type { Client } from '../front.js'
import type { Machine } from './machine.js'

interface Waiting {
  readonly client: Client
  readonly group: string | null
  readonly onSettled: () => void
}

/** Those who wait until what they ordered is carried out. */
export class Settlements {
  private waiting: Waiting[] = []

  constructor(private readonly machine: Machine) {}

  wait(client: Client, group: string | null, onSettled: () => void): void {
    this.waiting.push({ client, group, onSettled })
  }

  onClientGone(client: Client): void {
    this.waiting = this.waiting.filter((waiting) => waiting.client !== client)
  }

  /** The state may be another one now. */
  review(): void {
    if (this.waiting.length === 0) return
    const settled = this.waiting.filter(({ group }) => this.machine.isSettled(group))
    this.waiting = this.waiting.filter((waiting) => !settled.includes(waiting))
    for (const { onSettled } of settled) onSettled()
  }
}
