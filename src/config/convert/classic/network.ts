import type { CheckContext } from '../../check-context.js'
import { readAsOriginal, scanPort } from '../../original-form.js'
import { parseText, type Entry } from '../../parse.js'
import type { Convertible, Read, ReadOptions, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { givenKeys, swappedPort } from '../own-keys.js'

const PORTS = 0x1_0000

/** The entry with the port that the original executive really used. */
function withSwappedPort(entry: Entry): Entry {
  if (entry.key !== 'mcastport') return entry
  const { port, rest } = scanPort(entry.value)
  if (Number.isNaN(port)) return entry
  const wired = String(swappedPort(((port % PORTS) + PORTS) % PORTS))
  return { ...entry, value: rest === '' ? wired : `${wired} ${rest}` }
}

export function readNetwork(text: string, { legacyPortByteorder }: ReadOptions): Read {
  const parsed = parseText(text)
  const entries = legacyPortByteorder ? parsed.entries.map(withSwappedPort) : parsed.entries
  return { kind: 'network', parsed: { ...parsed, entries }, original: readAsOriginal(text) }
}

/**
 * The three keys of the original come first, written as it read them: it stopped, content, at the first line
 * that it did not know.
 */
export function writeNetwork(
  { parsed, config }: Extract<Convertible, { kind: 'network' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  const notes = headLines(options)
  const lines = givenKeys(parsed, config).map(({ key, value }) => {
    if (key.kind !== 'original') return { isFirst: false, line: `${key.name}: ${value}` }
    if (key.name !== 'mcastport' || !options.legacyPortByteorder) {
      return { isFirst: true, line: `${key.name}:${value}` }
    }
    const stored = swappedPort(config.mcastPort)
    if (stored < 2) {
      context.error(
        parsed.entries.find((entry) => entry.key === 'mcastport')!,
        {
          code: 'value-range',
          message: `port ${value} cannot be said in the original's octet order: it would be ${stored}`,
          expected: 'another port',
        },
      )
    }
    notes.push(`mcastport is for the original executive alone: its octets are swapped, it is UDP ${value}.`)
    return { isFirst: true, line: `${key.name}:${stored}` }
  })
  const first = lines.filter(({ isFirst }) => isFirst).map(({ line }) => line)
  const others = lines.filter(({ isFirst }) => !isFirst).map(({ line }) => line)
  return [...first, ...notes.map((note) => `# ${note}`), ...others, ''].join('\n')
}
