import { Errors, Flags, type Interfaces } from '@oclif/core'
import { parseDuration, parseOctets, parseSeconds, type ParsedQuantity } from '../config/index.js'
import { exitCodes } from './exit-codes.js'

type FlagOptions = Partial<Interfaces.OptionFlag<number>>

/** A flag, or its default, as a number; what is wrong with it ends the command with exit code 2. */
function quantityFlag(parse: (text: string) => ParsedQuantity) {
  return Flags.custom<number, FlagOptions>({
    parse: async (text) => {
      const parsed = parse(text)
      if ('value' in parsed) return parsed.value
      throw new Errors.CLIError(parsed.problem, { exit: exitCodes.usage })
    },
  })
}

/** Octets: 64, 64KiB, 1MiB, 1MB. */
export const octetsFlag = quantityFlag(parseOctets)

/** Milliseconds: 500ms, 30s, 10m, 1h, forever (Infinity). */
export const durationFlag = quantityFlag(parseDuration)

/** Milliseconds, given in seconds: 5, 0.5, or with a unit. */
export const secondsFlag = quantityFlag(parseSeconds)
