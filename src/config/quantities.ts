/** A number read from a text, or what is wrong with the text. */
export type ParsedQuantity = { readonly value: number } | { readonly problem: string }

const octetUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1000,
  kib: 1024,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
}

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Longest duration that is told apart from for ever: a hundred years. */
const DURATION_MAX_MS = 100 * 366 * 86_400_000

/** @returns octets, a whole number: `64`, `64KiB`, `1MiB`, `1MB`, `1.5GB` */
export function parseOctets(text: string): ParsedQuantity {
  const value = quantityOf(text, octetUnits)
  if (value !== null && Number.isSafeInteger(value)) return { value }
  return { problem: `${JSON.stringify(text)} is no size; sizes are like 64, 64KiB, 1MiB, 1MB` }
}

/** @returns milliseconds: `500ms`, `30s`, `10m`, `1h`, `2d`; Infinity for `forever` */
export function parseDuration(text: string): ParsedQuantity {
  if (text.trim().toLowerCase() === 'forever') return { value: Infinity }
  const value = text.trim() === '0' ? 0 : quantityOf(text, durationUnits)
  if (value !== null && value <= DURATION_MAX_MS) return { value: Math.round(value) }
  const isBare = /^\s*\d+(\.\d+)?\s*$/.test(text)
  const hint = isBare ? `: ${text.trim()} of what? Durations` : '; durations'
  return { problem: `${JSON.stringify(text)} is no duration${hint} are like 500ms, 30s, 10m, 1h, forever` }
}

/** A span of seconds as flags take it that are in seconds. @returns milliseconds: `5`, `0.5`, `5s`, `1m` */
export function parseSeconds(text: string): ParsedQuantity {
  const value = quantityOf(text, { ...durationUnits, '': 1000 })
  if (value !== null && value > 0 && value <= DURATION_MAX_MS) return { value: Math.round(value) }
  return { problem: `${JSON.stringify(text)} is no number of seconds above 0` }
}

function quantityOf(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^\s*(\d{1,16}(?:\.\d{1,9})?)\s*([a-z]*)\s*$/i.exec(text)
  if (match === null) return null
  const [, digits = '', unit = ''] = match
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  if (factor === undefined) return null
  const value = Number(digits) * factor
  return Number.isFinite(value) ? value : null
}

const shownOctets = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const

/** A number of octets as people read it: `1 MiB`, `1.5 KiB`, `64 B`. */
export function octetsText(octets: number): string {
  const [factor, unit] = shownOctets.find(([least]) => octets >= least) ?? [1, 'B']
  const value = octets / factor
  return `${Number.isInteger(value) ? value : value.toFixed(value < 10 ? 2 : 1)} ${unit}`
}

const shownDurations = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
] as const

/** A duration as people read it, and as `parseDuration` reads it again where it is a whole one: `10m`. */
export function durationText(durationMs: number): string {
  if (durationMs === Infinity) return 'forever'
  const whole = shownDurations.find(([unitMs]) => durationMs >= unitMs && durationMs % unitMs === 0)
  if (whole !== undefined) return `${durationMs / whole[0]}${whole[1]}`
  const near = shownDurations.find(([unitMs]) => durationMs >= 10 * unitMs)
  if (near !== undefined) return `${(durationMs / near[0]).toFixed(1)}${near[1]}`
  return `${Math.round(durationMs)}ms`
}
