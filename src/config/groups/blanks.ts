// Blanks of groups.conf: the blank and the tab. What else looks like one is part of a name. Counted by
// hand, for an expression that looks for blanks at an end takes the square of their number.

function isBlank(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t'
}

/** How many blanks a text begins with. */
export function blanksBefore(text: string): number {
  let count = 0
  while (isBlank(text, count)) count++
  return count
}

/** The text without the blanks at its ends. */
export function trimmed(text: string): string {
  let end = text.length
  while (isBlank(text, end - 1)) end--
  return text.slice(blanksBefore(text.slice(0, end)), end)
}

/** The last word of a text. */
export function lastWord(text: string): string {
  const end = trimmed(text)
  let from = end.length
  while (from > 0 && !isBlank(end, from - 1)) from--
  return end.slice(from)
}
