import { type CheckContext } from '../../check-context.js'
import type { Entry } from '../../parse.js'
import { capabilityOrder, modelOrder, recoveryOrder } from '../saf/words.js'
import type { Conversion } from './classes.js'
import { firstRdn, splitDn } from './dn.js'

const NANOSECONDS_PER_MILLISECOND = 1_000_000n

/** Digits of a number that is read: a time of 64 bits has 19. */
const DIGITS_MAX = 25

/** Values of imm.xml as amf.conf has them. What is none of what it should be stays, and is judged later. */
export class Conversions {
  private readonly converted = new Map<Entry, Entry>()
  private readonly typeNames = new Map<string, string>()

  /** @param types whole names of all types of component service instances */
  constructor(
    types: readonly string[],
    private readonly context: CheckContext,
  ) {
    const taken = new Set<string>()
    for (const dn of types) {
      if (this.typeNames.has(dn)) continue
      const name = this.shortTypeName(dn)
      this.typeNames.set(dn, taken.has(name) ? dn : name)
      taken.add(name)
    }
  }

  /** The same entry comes to the same one: it is judged, and reported, once. */
  convert(entry: Entry, conversion: Conversion): Entry {
    const known = this.converted.get(entry)
    if (known !== undefined) return known
    const result = { ...entry, value: this.valueOf(entry, conversion) }
    this.converted.set(entry, result)
    return result
  }

  private valueOf(entry: Entry, conversion: Conversion): string {
    const { value } = entry
    const ordered = (words: readonly string[]): string =>
      /^[1-9]$/.test(value) ? (words[Number(value) - 1] ?? value) : value
    switch (conversion) {
      case 'plain':
        return value
      case 'time':
        return this.time(entry)
      case 'model':
        return ordered(modelOrder)
      case 'capability':
        return ordered(capabilityOrder)
      case 'recovery':
        return ordered(recoveryOrder)
      case 'category':
        return value === '1' ? 'sa_aware' : value
      case 'rdn':
        return firstRdn(value).value
      default:
        return this.typeNames.get(value) ?? this.shortTypeName(value)
    }
  }

  /** `safVersion=1,safCSType=NAME`: what is between is the version, and the name is enough. */
  private shortTypeName(dn: string): string {
    return firstRdn(splitDn(dn).at(-1) ?? dn).value
  }

  /** Nanoseconds to milliseconds, rounded up. */
  private time(entry: Entry): string {
    const { value } = entry
    if (!/^\d+$/.test(value) || value.length > DIGITS_MAX) return value
    const nanoseconds = BigInt(value)
    const up = nanoseconds + NANOSECONDS_PER_MILLISECOND - 1n
    const milliseconds = (up / NANOSECONDS_PER_MILLISECOND).toString()
    if (nanoseconds % NANOSECONDS_PER_MILLISECOND !== 0n) {
      const message = `${entry.key} is no whole number of milliseconds: it is read as ${milliseconds} ms`
      this.context.warning(entry, { code: 'value-form', message })
    }
    return milliseconds
  }
}
