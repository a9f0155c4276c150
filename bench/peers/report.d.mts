import type { ComparedRow, Run } from './rows.mjs'

export interface Setting {
  readonly nodes: number
  readonly mtu: number
  readonly rounds: number
  readonly seconds: number
  readonly cpus: number
  readonly nodeVersion: string
  readonly corosyncVersion: string
  /** Of the optional library that sends many frames at once; null: it is missing. */
  readonly koffiVersion: string | null
  /** Load of the machine before: other work there takes from both. */
  readonly load: number
  readonly date: string
}

export function asText(setting: Setting, compared: readonly ComparedRow[], runs: readonly Run[]): string
export function asMarkdown(setting: Setting, compared: readonly ComparedRow[], runs: readonly Run[]): string
