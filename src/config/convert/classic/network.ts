import type { CheckContext } from '../../check-context.js'
import { readAsOriginal, scanPort } from '../../original-form.js'
import { parseText, type Entry } from '../../parse.js'
import type { Convertible, Read, ReadOptions, WriteOptions } from '../format.js'
import { headLines } from '../head.js'
import { entryOf, givenKeys, swappedPort } from '../own-keys.js'

type NetworkModel = Extract<Convertible, { kind: 'network' }>

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
  const original = readAsOriginal(text)
  if (!legacyPortByteorder) return { kind: 'network', parsed, original }
  const entries = parsed.entries.map(withSwappedPort)
  const notes = new Map([['mcastport', 'on the wire, where the original executive swapped its octets']])
  return { kind: 'network', parsed: { ...parsed, entries }, original, notes }
}

/** The port as the original executive has to be told it. */
function portForOriginal(model: NetworkModel, context: CheckContext): number {
  const stored = swappedPort(model.config.mcastPort)
  if (stored < 2) {
    context.error(entryOf('mcastport', model.parsed)!, {
      code: 'value-range',
      message: `port ${model.config.mcastPort} cannot be said in the octet order of the original`,
      expected: 'another port',
    })
  }
  return stored
}

/**
 * The three keys of the original come first, written as it read them: it stopped, content, at the first line
 * that it did not know.
 */
export function writeNetwork(model: NetworkModel, options: WriteOptions, context: CheckContext): string {
  const { parsed, config, notes } = model
  const first: string[] = []
  const head = headLines(options)
  const others: string[] = []
  for (const { key, value } of givenKeys(parsed, config)) {
    const note = notes.get(key.name)
    if (key.kind !== 'original') {
      others.push(...(note === undefined ? [] : [`# ${note}`]), `${key.name}: ${value}`)
      continue
    }
    if (note !== undefined) head.push(`${key.name}: ${note}`)
    const isSwapped = key.name === 'mcastport' && options.legacyPortByteorder
    first.push(`${key.name}:${isSwapped ? portForOriginal(model, context) : value}`)
    if (isSwapped) head.push(`mcastport is for the original executive alone, which makes ${value} of it.`)
  }
  return [...first, ...head.map((line) => `# ${line}`), ...others, ''].join('\n')
}
