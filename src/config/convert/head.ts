import { printable } from '../check-context.js'
import type { WriteOptions } from './format.js'

/** The lines at the head of what is written, without the sign of a comment: the same for the same source. */
export function headLines({ sourcePath, sourceFormat }: WriteOptions): string[] {
  return [`Made by ais config convert from ${printable(sourcePath)} (${sourceFormat}).`]
}
