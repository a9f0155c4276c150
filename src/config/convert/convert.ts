import { CheckContext, quoted } from '../check-context.js'
import { checkEntries } from '../check.js'
import { checkGroupsSource } from '../groups/check-groups.js'
import type { Diagnostic } from '../model/diagnostic.js'
import type { SourcePosition } from '../model/network-config.js'
import { formatNames, type ConfigKind, type Convertible, type Format, type FormatName } from './format.js'
import type { Read, ReadOptions } from './format.js'
import { findFormat, recognise } from './formats.js'
import { membersOf } from './member.js'
import { trimNames } from './outer-blanks.js'
import { putUnitsOnNodes } from './unit-nodes.js'

export interface ConvertOptions {
  /** As the user named it: for the head of what is written, and to tell what the file is. */
  readonly fileName: string
  /** null: what the file looks like. */
  readonly from: FormatName | null
  readonly to: FormatName
  /** null: what the file looks like. */
  readonly kind: ConfigKind | null
  readonly node: string | null
  readonly mcastAddress: string | null
  readonly mcastPort: string | null
  /** Nodes of units that name none, by the unit. */
  readonly nodesOfUnits: ReadonlyMap<string, string>
  /** Nodes of the cluster, each NAME=ADDRESS or NAME=ADDRESS,NODEID. */
  readonly members: readonly string[]
  readonly legacyPortByteorder: boolean
  /** What has no counterpart is an error. */
  readonly isStrict: boolean
}

export interface Conversion {
  readonly ok: boolean
  /** null: it could not be told. */
  readonly from: FormatName | null
  readonly to: FormatName
  /** null where there is no way to write one, or, with `isStrict`, not all of it. */
  readonly text: string | null
  /** By the places of the source. */
  readonly diagnostics: readonly Diagnostic[]
}

const fileStart: SourcePosition = { line: 1, column: 1, length: 1, source: '' }

/** The format to read; null after an error was reported. */
function sourceFormat(text: string, options: ConvertOptions, context: CheckContext): Format | null {
  const format = options.from === null ? recognise(options.fileName, text) : findFormat(options.from)
  if (format !== null) return format
  context.report('error', null, fileStart, {
    code: 'format-unknown',
    message: 'it cannot be told what format this is',
    expected: `--from with one of ${formatNames.join(', ')}`,
  })
  return null
}

/** Can this be asked for at all? */
function checkRequest(source: Format, options: ConvertOptions, context: CheckContext): boolean {
  const mismatch = (message: string, expected: string): false => {
    context.report('error', null, fileStart, { code: 'format-mismatch', message, expected })
    return false
  }
  const { kind, to, legacyPortByteorder } = options
  if (kind !== null && !source.reads.includes(kind)) {
    return mismatch(`${source.title} holds no ${kind} configuration`, `--type ${source.reads.join(' or ')}`)
  }
  if (legacyPortByteorder && source.name !== 'classic' && to !== 'classic') {
    const message = '--legacy-port-byteorder is about a network.conf of the original, and there is none here'
    return mismatch(message, 'a classic file to read or to write')
  }
  return true
}

function checkTarget(read: Read, target: Format, context: CheckContext): boolean {
  if (target.writes.includes(read.kind)) return true
  context.report('error', null, fileStart, {
    code: 'format-mismatch',
    message: `this is a ${read.kind} configuration, and ${target.title} holds none`,
    expected: `--to with a format for ${read.kind}`,
  })
  return false
}

/** What the file means; null where there are errors. Findings are in the context or in the list. */
function checked(read: Read, context: CheckContext): Convertible | null {
  if (read.kind === 'network') {
    const { parsed, original, notes = new Map() } = read
    const answer = checkEntries(parsed, original, context)
    return answer.ok ? { kind: 'network', parsed, config: answer.config, notes } : null
  }
  const { source } = read
  const answer = checkGroupsSource(source, context)
  return answer.ok ? { kind: 'groups', source, config: answer.config } : null
}

function readOptionsOf({
  fileName,
  node,
  mcastAddress,
  mcastPort,
}: ConvertOptions): Omit<ReadOptions, 'legacyPortByteorder'> {
  return { fileName, node, mcastAddress, mcastPort }
}

/** The text, if there is one; errors are in the context. */
function written(
  text: string,
  source: Format,
  target: Format,
  options: ConvertOptions,
  context: CheckContext,
): string | null {
  const members = membersOf(options.members, fileStart, context)
  if (members === null) return null
  const isClassic = source.name === 'classic'
  const { kind, legacyPortByteorder } = options
  const readOptions = {
    ...readOptionsOf(options),
    legacyPortByteorder: legacyPortByteorder && isClassic,
  }
  const read = source.read(text, kind, readOptions, context)
  if (read === null || !checkTarget(read, target, context)) return null
  if (read.kind === 'groups') {
    trimNames(read.source, context)
    putUnitsOnNodes(read.source, options.nodesOfUnits, context)
  }
  const model = checked(read, context)
  if (model === null) return null
  const output = target.write(
    model,
    {
      sourcePath: options.fileName,
      sourceFormat: source.name,
      members,
      legacyPortByteorder: legacyPortByteorder && !isClassic,
    },
    context,
  )
  return context.hasErrors ? null : output
}

/** With --strict what is lost is an error. */
function weighed(diagnostics: readonly Diagnostic[], isStrict: boolean): Diagnostic[] {
  return diagnostics.map((diagnostic) =>
    isStrict && diagnostic.code === 'not-convertible' ? { ...diagnostic, severity: 'error' } : diagnostic,
  )
}

/**
 * The text of one configuration file in another format. Whatever has no counterpart there is among the
 * findings, at its place. Never throws.
 */
export function convertText(text: string, options: ConvertOptions): Conversion {
  const context = new CheckContext({ isFixable: false, isWhole: true })
  const source = sourceFormat(text, options, context)
  const target = findFormat(options.to)
  let output: string | null = null
  if (target === null) {
    const message = `nothing is known of the format ${quoted(options.to)}`
    context.report('error', null, fileStart, { code: 'format-unknown', message })
  } else if (source !== null && checkRequest(source, options, context)) {
    output = written(text, source, target, options, context)
  }
  const diagnostics = weighed(context.finish(), options.isStrict)
  // Among findings too many to list may be any.
  const isLost =
    options.isStrict && diagnostics.some(({ code }) => code === 'not-convertible' || code === 'too-many')
  const ok = output !== null && !isLost
  return { ok, from: source?.name ?? null, to: options.to, text: ok ? output : null, diagnostics }
}
