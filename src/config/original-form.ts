import { isMulticast, scanIpv4 } from './ipv4.js'

/**
 * How the executive of 2004 read a file: line by line, a key at the very start of its line and its
 * value right after the colon. It stopped, content, at the first line that was none of its three keys.
 */
export interface OriginalReading {
  /** It found all three keys, with usable values, before it stopped: the file worked for it. */
  readonly complete: boolean
  /** The line it stopped at, counted from 1; one past the end if it read the whole file. */
  readonly stopLine: number
}

/** atoi(3): blanks, a sign, digits, and anything behind them. NaN where atoi gives 0 for want of digits. */
export function scanPort(text: string): {
  readonly port: number
  readonly text: string
  readonly rest: string
} {
  const match = /^[\t\n\v\f\r ]*([+-]?\d+)([^]*)$/.exec(text)
  if (match === null) return { port: Number.NaN, text: '', rest: text.trim() }
  return { port: Number(match[1]), text: match[1], rest: match[2].trim() }
}

/** Addresses a machine can speak from: not 0.x.x.x, not multicast, not reserved. */
export function isUsableBind(address: number): boolean {
  return address >>> 24 !== 0 && address >>> 28 < 0xe
}

export function isUsablePort(port: number): boolean {
  return port >= 2 && port <= 65_535
}

/** What one value meant to the original: usable, of no use in practice, or the end of it all. */
type Verdict = 'usable' | 'useless' | 'refused'

const verdict = (usable: boolean): Verdict => (usable ? 'usable' : 'useless')

const readers: Readonly<Record<string, (value: string) => Verdict>> = {
  'bindnetaddr:': (value) => {
    const scanned = scanIpv4(value)
    return scanned === null ? 'refused' : verdict(isUsableBind(scanned.address))
  },
  'mcastaddr:': (value) => {
    const scanned = scanIpv4(value)
    return scanned === null ? 'refused' : verdict(isMulticast(scanned.address))
  },
  'mcastport:': (value) => {
    const { port } = scanPort(value)
    const stored = Number.isNaN(port) ? 0 : port % 0x1_0000
    return stored === 0 ? 'refused' : verdict(isUsablePort(port))
  },
}

/** @param text the file, byte order mark and line ends included: to the original they were text */
export function readAsOriginal(text: string): OriginalReading {
  const found = new Map<string, Verdict>()
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  let stopLine = lines.length + 1
  for (const [index, line] of lines.entries()) {
    const prefix = Object.keys(readers).find((key) => line.startsWith(key))
    if (prefix === undefined) {
      stopLine = index + 1
      break
    }
    const read = readers[prefix](line.slice(prefix.length))
    if (read === 'refused') return { complete: false, stopLine: index + 1 }
    found.set(prefix, read)
  }
  const usable = [...found.values()].filter((read) => read === 'usable')
  return { complete: usable.length === Object.keys(readers).length, stopLine }
}
