import chalk from 'chalk'
import type { Explained } from '../config/explain/explain.js'

/** Longest line of running text. */
const WIDTH = 100

/** Break running text into lines; a word longer than a line stays whole. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

const indented = (text: string): string[] => text.split('\n').map((line) => `    ${line}`)

function titled(title: string, text: string | null): string[] {
  return text === null ? [] : ['', `${title}:`, ...indented(text)]
}

/** One answer of `ais config explain`, for people. */
export function explainedText(explained: Explained): string {
  if (explained.subject === 'code') {
    const { code, severity, summary, why, remedy, wrong, right, keys } = explained
    return [
      `${chalk.bold(code)} (${severity})`,
      ...wrapped(summary),
      '',
      ...wrapped(why),
      ...titled('Wrong', wrong),
      ...titled('Right', right),
      '',
      ...wrapped(`What to do: ${remedy}`),
      ...(keys.length > 0 ? ['', `Keys: ${keys.join(', ')}`] : []),
    ].join('\n')
  }
  const { key, file, scopes, unit, range, summary, story, example, related, elsewhere } = explained
  const place = scopes.includes('file') ? file : `${file}, in ${scopes.join(', ')}`
  return [
    `${chalk.bold(key)} (${place})`,
    ...wrapped(summary),
    '',
    ...wrapped(story),
    '',
    `Range:    ${range}${unit === null ? '' : ` ${unit}`}`,
    `Default:  ${explained.default}`,
    `Example:  ${example}`,
    ...(elsewhere === null ? [] : ['', ...wrapped(`Elsewhere: ${elsewhere}`)]),
    ...(related.length > 0 ? ['', `See also: ${related.join(', ')}`] : []),
  ].join('\n')
}
