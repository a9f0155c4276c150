import { distance } from 'fastest-levenshtein'

const folded = (text: string): string => text.toLowerCase().replaceAll('_', '-')

const sorted = (text: string): string => [...text].sort().join('')

/** Edits between two words; two neighbours swapped count as one. */
function edits(a: string, b: string): number {
  const count = distance(a, b)
  return count === 2 && a.length === b.length && sorted(a) === sorted(b) ? 1 : count
}

/**
 * The candidate most like a mistyped word, letter case and _ for - aside.
 * @returns null when none is like it: more than one edit in three letters
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null
  let bestEdits = Math.max(1, Math.ceil(word.length / 3)) + 1
  for (const candidate of candidates) {
    const count = edits(folded(word), folded(candidate))
    if (count < bestEdits && count < candidate.length - 1) {
      best = candidate
      bestEdits = count
    }
  }
  return best
}

/**
 * So near to `key` that it can hardly mean anything else: one edit, or two in a long word. In two letters
 * none: "on" is no way to write "no".
 */
export function isTypoOf(word: string, key: string): boolean {
  const most = key.length >= 8 ? 2 : key.length >= 3 ? 1 : 0
  return edits(folded(word), folded(key)) <= most
}

/** The only one of the candidates that a word is a typo of; null if there is none, or more than one. */
export function onlyTypoOf(word: string, candidates: readonly string[]): string | null {
  const found = candidates.filter((candidate) => isTypoOf(word, candidate))
  return found.length === 1 ? found[0] : null
}
