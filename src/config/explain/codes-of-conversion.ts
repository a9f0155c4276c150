import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import type { CodeStory } from './story.js'

/** About `ais config convert`. */
export const codesOfConversion = {
  'not-convertible': {
    why:
      'The two formats do not say the same things. What is left out is named, each with its place, ' +
      'so that you can decide whether the cluster can do without.',
    remedy: 'Read the list. --strict makes an error of each, for scripts.',
  },
  'value-assumed': {
    why:
      'The other format demands a value that the file does not give. One was taken that is usual ' +
      'there, and the result says so in a comment.',
    remedy: 'Check the value where the result says that it was assumed.',
  },
  'format-unknown': {
    why: 'Neither the name of the file nor what is in it tells what format it is.',
    remedy: 'Say it with --from.',
  },
  'format-mismatch': {
    why:
      'A network configuration and a groups configuration are different things: corosync.conf holds ' +
      'the first alone, amf.conf, imm.xml and a CIB the second.',
    remedy: '--type network or --type groups says which is meant where a file could be both.',
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
