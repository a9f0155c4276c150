import type { ComparedRow, Run } from './rows.mjs'

export interface Setting {
  readonly nodes: number
  readonly mtu: number
  readonly rounds: number
  readonly seconds: number
  readonly cpus: number
  readonly nodeVersion: string
  readonly corosyncVersion: string
  readonly date: string
}

export function asText(setting: Setting, compared: readonly ComparedRow[], runs: readonly Run[]): string
export function asMarkdown(setting: Setting, compared: readonly ComparedRow[], runs: readonly Run[]): string
