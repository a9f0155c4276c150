import { cosmiconfig, defaultLoaders, type Loader } from 'cosmiconfig'
import { open, readdir, stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { extname, isAbsolute } from 'node:path'
import { checkNetworkText } from './check.js'
import { printable, quoted } from './check-context.js'
import { newBlock, type Block } from './groups/block.js'
import { checkGroupsText } from './groups/check-groups.js'
import { checkGroupsObject } from './groups/structured-blocks.js'
import type { Diagnostic, DiagnosticCode } from './model/diagnostic.js'
import { emptyGroups, type GroupsConfig } from './model/groups-config.js'
import type { InterfaceAddress, NetworkConfig } from './model/network-config.js'
import { readAsOriginal } from './original-form.js'
import { checkNetworkObject, structuredFailure } from './structured.js'

// The one file of this room that touches the machine.

/** A configuration as a file gave it; `path` is the file as the user named it. */
export type Loaded<C> =
  | {
      readonly ok: true
      readonly path: string
      readonly config: C
      /** What counts of what is written, with its places: keys, and the blocks of a groups.conf. */
      readonly written: Block
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly path: string; readonly diagnostics: readonly Diagnostic[] }

export type LoadedNetworkConfig = Loaded<NetworkConfig>

/** `notice`: what is worth a line in the log, though nothing is wrong. */
export type LoadedGroupsConfig = Loaded<GroupsConfig> & { readonly notice: string | null }

/** What a user may set for all commands in `.aisrc` or `ais.config.*`. */
export interface UserSettings {
  readonly configDir?: string
  readonly socket?: string
  readonly output?: 'text' | 'json'
}

export type LoadedUserSettings =
  | {
      readonly ok: true
      readonly settings: UserSettings
      readonly path: string | null
      /** Files that were found and not used, with the reason. */
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly path: string; readonly diagnostics: readonly Diagnostic[] }

const octetsMax = 1024 * 1024

type Checked<C> =
  | {
      readonly ok: true
      readonly config: C
      readonly written: Block
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** What is different from one configuration file to the other. */
interface FileKind<C> {
  readonly name: 'network' | 'groups'
  /** What there should be where there is no file. */
  readonly example: string
  readonly checkText: (text: string) => Checked<C>
  /** @param value what a loader of YAML, JSON or TypeScript made of the text */
  readonly checkObject: (value: unknown, text: string) => Checked<C>
  /** Did it work in spite of NUL octets? */
  readonly isTextAllTheSame: (text: string) => boolean
}

type TextKind = Pick<FileKind<unknown>, 'example' | 'isTextAllTheSame'>

const network: FileKind<NetworkConfig> = {
  name: 'network',
  example:
    'a file such as conf/network.conf of the package: bindnetaddr, mcastaddr and mcastport, a line each',
  checkText: checkNetworkText,
  checkObject: checkNetworkObject,
  isTextAllTheSame: (text) => readAsOriginal(text).complete,
}

const groups: FileKind<GroupsConfig> = {
  name: 'groups',
  example: 'a file such as conf/groups.conf of the package',
  checkText: checkGroupsText,
  checkObject: checkGroupsObject,
  isTextAllTheSame: () => false,
}

const filesOf = (kind: string): string[] =>
  ['conf', 'yaml', 'yml', 'json', 'ts'].map((extension) => `${kind}.${extension}`)

function fileFailure(code: DiagnosticCode, message: string, expected: string): Diagnostic {
  const place = { line: 1, column: 1, length: 1, key: null, source: null, fix: null }
  return { severity: 'error', code, message: printable(message), expected: printable(expected), ...place }
}

/** The words for an error of the file system; never its stack. */
function errorText(error: unknown): string {
  const { code = '', message } = error as { readonly code?: string; readonly message: string }
  const known: Record<string, string> = {
    ENOENT: 'no such file',
    ENOTDIR: 'no such file: a part of the path is not a directory',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'is a directory, not a file',
    ELOOP: 'too many symbolic links',
    ENAMETOOLONG: 'the path is too long',
  }
  return known[code] ?? (code === '' ? message.split('\n')[0] : code)
}

/** The telling line of a parser's error: some begin with the path, which we name ourselves. */
function saidBy(error: unknown, path: string): string {
  const lines = (error as Error).message.split('\n')
  return printable(lines.find((line) => !line.includes(path) && line.trim() !== '') ?? errorText(error))
}

function missing(path: string, { example }: Pick<FileKind<unknown>, 'example'>): Diagnostic {
  return fileFailure('file-missing', `${printable(path)}: no such file`, example)
}

/** The text of a file, or why there is none. */
export type FileText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly diagnostic: Diagnostic }

/** At most `octetsMax` octets, and one more to tell that there are more. */
async function readOctets(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r')
  try {
    const buffer = new Uint8Array(octetsMax + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return buffer.subarray(0, length)
  } finally {
    await handle.close()
  }
}

/** Octets to text; a file of other than text is refused unless it worked for the original all the same. */
function decodeText(octets: Uint8Array, kind: TextKind): FileText {
  if (octets.length > octetsMax) {
    const expected = 'a text file of at most 1 MiB'
    return { ok: false, diagnostic: fileFailure('file-too-large', 'the file is larger than 1 MiB', expected) }
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)
  if (octets.includes(0) && !kind.isTextAllTheSame(text)) {
    const utf16 = (octets[0] === 0xff && octets[1] === 0xfe) || (octets[0] === 0xfe && octets[1] === 0xff)
    const message = utf16 ? 'the file is UTF-16' : 'the file is binary, not text'
    return { ok: false, diagnostic: fileFailure('file-not-text', message, 'plain text in UTF-8') }
  }
  return { ok: true, text }
}

async function readText(path: string, kind: TextKind): Promise<FileText> {
  try {
    return decodeText(await readOctets(path), kind)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return { ok: false, diagnostic: missing(path, kind) }
    const message = `${printable(path)} cannot be read: ${errorText(error)}`
    return {
      ok: false,
      diagnostic: fileFailure('file-unreadable', message, 'a text file this user may read'),
    }
  }
}

/** Line and column of a syntax error, from what the parsers say. */
function syntaxPlace(message: string, text: string): { readonly line: number; readonly column: number } {
  const pair = /\((\d+):(\d+)\)/.exec(message) ?? /line (\d+),? col(?:umn)? (\d+)/.exec(message)
  if (pair !== null) return { line: Number(pair[1]), column: Number(pair[2]) }
  const position = /position (\d+)/.exec(message)
  const before = text.slice(0, position === null ? 0 : Number(position[1])).split('\n')
  return { line: before.length, column: before[before.length - 1].length + 1 }
}

async function checkStructured<C>(path: string, text: string, kind: FileKind<C>): Promise<Checked<C>> {
  const extension = extname(path) === '.yml' ? '.yaml' : extname(path)
  const loader = defaultLoaders[extension as '.json' | '.yaml' | '.ts']
  const failure = (message: string, line: number, column: number): Checked<C> =>
    structuredFailure(message, line, column, text, `${kind.name}.conf`)
  try {
    return kind.checkObject(await loader(path, text), text)
  } catch (error) {
    const { message } = error as Error
    const { line, column } = syntaxPlace(message, text)
    if (extension === '.ts' && /Cannot find (module|package) 'typescript'/.test(message)) {
      return failure(`a ${kind.name}.ts needs the npm package "typescript" installed`, 1, 1)
    }
    return failure(`the file cannot be parsed: ${saidBy(error, path)}`, line, column)
  }
}

async function loadFile<C>(path: string, kind: FileKind<C>): Promise<Loaded<C>> {
  const file = await readText(path, kind)
  if (!file.ok) return { ok: false, path, diagnostics: [file.diagnostic] }
  const isStructured = /\.(ya?ml|json|ts)$/.test(path)
  const checked = isStructured ? await checkStructured(path, file.text, kind) : kind.checkText(file.text)
  return { path, ...checked }
}

function loadOctets<C>(path: string, octets: Uint8Array, kind: FileKind<C>): Loaded<C> {
  const file = decodeText(octets, kind)
  if (!file.ok) return { ok: false, path, diagnostics: [file.diagnostic] }
  return { path, ...kind.checkText(file.text) }
}

async function loadFrom<C>(configDir: string, kind: FileKind<C>): Promise<Loaded<C>> {
  const files = filesOf(kind.name)
  const inside = (name: string): string => `${configDir.replace(/\/+$/, '')}/${name}`
  const path = inside(files[0])
  let present: string[]
  try {
    const names = await readdir(configDir)
    present = files.filter((name) => names.includes(name))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EACCES') return loadFile(path, kind)
    return { ok: false, path, diagnostics: [missing(path, kind)] }
  }
  if (present.length > 1) {
    const message = `${present.join(' and ')} are both in ${configDir}: which of them holds is not clear`
    const diagnostics = [fileFailure('file-ambiguous', message, 'one of them')]
    return { ok: false, path, diagnostics }
  }
  return loadFile(present.length === 1 ? inside(present[0]) : path, kind)
}

/**
 * Read and check one file: network.conf, or the same keys as YAML, JSON or TypeScript by its extension.
 * Never throws for anything about the file.
 */
export async function loadNetworkFile(path: string): Promise<LoadedNetworkConfig> {
  return loadFile(path, network)
}

/** Check a network.conf that was read from elsewhere, say standard input. */
export function loadNetworkOctets(path: string, octets: Uint8Array): LoadedNetworkConfig {
  return loadOctets(path, octets, network)
}

/**
 * Find, read and check the network configuration of a directory: network.conf or one of its other forms.
 * Never throws for anything about the files.
 */
export async function loadNetworkConfig(configDir: string): Promise<LoadedNetworkConfig> {
  return loadFrom(configDir, network)
}

/** Read and check one file: groups.conf, or one of its other forms by its extension. Never throws. */
export async function loadGroupsFile(path: string): Promise<Loaded<GroupsConfig>> {
  return loadFile(path, groups)
}

/** Check a groups.conf that was read from elsewhere, say standard input. */
export function loadGroupsOctets(path: string, octets: Uint8Array): Loaded<GroupsConfig> {
  return loadOctets(path, octets, groups)
}

/**
 * Find, read and check the groups.conf of a directory, or one of its other forms. Without one AMF runs empty:
 * `notice` says so. Never throws for anything about the files.
 */
export async function loadGroupsConfig(configDir: string): Promise<LoadedGroupsConfig> {
  const loaded = await loadFrom(configDir, groups)
  if (loaded.ok || loaded.diagnostics[0].code !== 'file-missing') return { ...loaded, notice: null }
  const notice = `there is no ${printable(loaded.path)}: AMF has no groups to keep available`
  const written = newBlock('file', { line: 1, column: 1, length: 1, source: '' })
  return { ok: true, path: loaded.path, config: emptyGroups, written, diagnostics: [], notice }
}

/** A configuration of any format, ours or not. */
const foreign: TextKind = {
  example: 'a configuration file',
  isTextAllTheSame: (text) => readAsOriginal(text).complete,
}

/** The text of a configuration of any format. Never throws for anything about the file. */
export async function loadConfigText(path: string): Promise<FileText> {
  return readText(path, foreign)
}

/** The same for one that was read from elsewhere, say standard input. */
export function configTextOf(octets: Uint8Array): FileText {
  return decodeText(octets, foreign)
}

/** The IPv4 addresses of this machine's interfaces that are up. */
export function listInterfaces(): InterfaceAddress[] {
  const found: InterfaceAddress[] = []
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, netmask, family, internal } of addresses ?? []) {
      if (family === 'IPv4') found.push({ name, address, netmask, loopback: internal })
    }
  }
  return found
}

/** Findings about the value of a settings file; an empty list if it is good. */
function checkSettings(value: unknown): Diagnostic[] {
  const expected = 'an object with any of configDir, socket (absolute paths) and output ("text" or "json")'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [fileFailure('file-syntax', 'the settings are not an object', expected)]
  }
  const findings: Diagnostic[] = []
  for (const [key, content] of Object.entries(value as Record<string, unknown>)) {
    const isPath = key === 'configDir' || key === 'socket'
    if (!isPath && key !== 'output') {
      findings.push(fileFailure('key-unknown', `unknown setting ${quoted(key)}`, expected))
    } else if (
      isPath ? typeof content !== 'string' || !isAbsolute(content) : content !== 'text' && content !== 'json'
    ) {
      findings.push(
        fileFailure('value-invalid', `${key} ${quoted(String(content))} cannot be used`, expected),
      )
    }
  }
  return findings
}

const settingsPlaces = ['.aisrc', '.aisrc.json', '.aisrc.yaml', '.aisrc.yml'].concat(
  ['json', 'yaml', 'yml', 'js', 'mjs', 'cjs', 'ts'].map((extension) => `ais.config.${extension}`),
)

/**
 * The user's own settings: `.aisrc` or `ais.config.*` in `fromDir` or a directory above it, up to home,
 * then the user's configuration directory. A file that belongs to another user is not used: in a
 * shared directory it would let that user choose what root talks to.
 */
export async function loadUserSettings(fromDir: string): Promise<LoadedUserSettings> {
  const notices: string[] = []
  const trusted = new Set([0, process.geteuid?.() ?? 0])
  const guard =
    (loader: Loader): Loader =>
    async (path, content) => {
      if (trusted.has((await stat(path)).uid)) return loader(path, content) as unknown
      notices.push(`${printable(path)} belongs to another user and is not used`)
      return null
    }
  const loaders = Object.fromEntries(
    Object.entries(defaultLoaders).map(([key, loader]) => [key, guard(loader)]),
  )
  const explorer = cosmiconfig('ais', { searchPlaces: settingsPlaces, searchStrategy: 'global', loaders })
  try {
    const result = await explorer.search(fromDir)
    if (result === null || result.isEmpty === true) return { ok: true, settings: {}, path: null, notices }
    const diagnostics = checkSettings(result.config)
    if (diagnostics.length > 0) return { ok: false, path: result.filepath, diagnostics }
    return { ok: true, settings: result.config as UserSettings, path: result.filepath, notices }
  } catch (error) {
    const { filepath: path = fromDir } = error as { readonly filepath?: string }
    const message = `the settings cannot be read: ${saidBy(error, path)}`
    return { ok: false, path, diagnostics: [fileFailure('file-syntax', message, 'YAML or JSON')] }
  }
}
