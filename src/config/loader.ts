import { readdir } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { CheckContext, printable } from './check-context.js'
import {
  configFileNames,
  examineText,
  examineTree,
  formOf,
  groupsKind,
  networkKind,
  type Checked,
  type Examined,
  type FileKind,
} from './file-kinds.js'
import { newBlock, type GroupsSource } from './groups/block.js'
import { decodeText, fileFailure, missing, readText, type FileText, type TextKind } from './loader-read.js'
import { runTypeScript, TypeScriptError } from './loader-typescript.js'
import type { Diagnostic } from './model/diagnostic.js'
import { emptyGroups, type GroupsConfig } from './model/groups-config.js'
import type { InterfaceAddress, NetworkConfig } from './model/network-config.js'
import { readAsOriginal } from './original-form.js'
import { splitLines, type ParsedText } from './parse.js'
import { readValue } from './tree/value.js'

// The files loader*.ts are those of this room that touch the machine.

/** A configuration as a file gave it; `path` is the file as the user named it. */
export type Loaded<C> = Checked<C> & { readonly path: string }

export type LoadedNetworkConfig = Loaded<NetworkConfig>

/** `notice`: what is worth a line in the log, though nothing is wrong. */
export type LoadedGroupsConfig = Loaded<GroupsConfig> & { readonly notice: string | null }

/** A file that was read and checked, with what it consists of. */
export interface ExaminedFile<S, C> extends Examined<S, C> {
  /** As the user named it. */
  readonly path: string
  /** null: it could not be read, or is no text that could be written back as it is. */
  readonly text: string | null
}

export type ExaminedNetwork = ExaminedFile<ParsedText, NetworkConfig>
export type ExaminedGroups = ExaminedFile<GroupsSource, GroupsConfig>

function unusable<S, C>(path: string, diagnostic: Diagnostic): ExaminedFile<S, C> {
  const checked = { ok: false, diagnostics: [diagnostic] } as const
  return { path, form: formOf(path), text: null, source: null, checked }
}

async function examineTypeScript<S, C>(
  path: string,
  { text, isTrusted }: Extract<FileText, { ok: true }>,
  kind: FileKind<S, C>,
): Promise<Examined<S, C>> {
  if (!isTrusted) {
    const message = `${path} is a program, and is not run: others than this user could have written it`
    const expected = 'a file that belongs to this user or root and that not everybody may write'
    return unusable(path, fileFailure('file-owner', message, expected))
  }
  // What a program makes has no place that could be changed.
  const context = new CheckContext({ isFixable: false })
  try {
    return examineTree(readValue(await runTypeScript(path, text), text, context), 'typescript', kind, context)
  } catch (error) {
    const { message, line = 1, column = 1 } = error as Partial<TypeScriptError>
    const place = { line, column, length: 1, source: splitLines(text)[line - 1] ?? '' }
    const expected = `an object of the keys of ${kind.name}.conf, or a function that gives one`
    context.report('error', null, place, {
      code: 'file-syntax',
      message: `the file gives no configuration: ${printable(message ?? '')}`,
      expected,
    })
    return examineTree(null, 'typescript', kind, context)
  }
}

async function examineFile<S, C>(path: string, kind: FileKind<S, C>): Promise<ExaminedFile<S, C>> {
  const file = await readText(path, kind)
  return file.ok ? examineRead(path, file, kind) : unusable(path, file.diagnostic)
}

async function examineRead<S, C>(
  path: string,
  file: Extract<FileText, { ok: true }>,
  kind: FileKind<S, C>,
): Promise<ExaminedFile<S, C>> {
  const form = formOf(path)
  const examined =
    form === 'typescript' ? await examineTypeScript(path, file, kind) : examineText(file.text, form, kind)
  return { path, text: file.isExact ? file.text : null, ...examined }
}

function examineOctets<S, C>(path: string, octets: Uint8Array, kind: FileKind<S, C>): ExaminedFile<S, C> {
  const file = decodeText({ octets, isTrusted: false }, kind)
  if (!file.ok) return unusable(path, file.diagnostic)
  return { path, text: file.isExact ? file.text : null, ...examineText(file.text, 'classic', kind) }
}

/** The file of a directory: the classic one, or the one of its other forms that is there. */
async function findFile(
  configDir: string,
  kind: FileKind<unknown, unknown>,
): Promise<{ readonly path: string; readonly refused: Diagnostic | null }> {
  const files = configFileNames(kind.name)
  const inside = (name: string): string => `${configDir.replace(/\/+$/, '')}/${name}`
  const path = inside(files[0])
  let present: string[]
  try {
    const names = await readdir(configDir)
    present = files.filter((name) => names.includes(name))
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EACCES') return { path, refused: null }
    return { path, refused: missing(path, kind) }
  }
  if (present.length > 1) {
    const message = `${present.join(' and ')} are both in ${configDir}: which of them holds is not clear`
    return { path, refused: fileFailure('file-ambiguous', message, 'one of them') }
  }
  return { path: present.length === 1 ? inside(present[0]) : path, refused: null }
}

async function examineIn<S, C>(configDir: string, kind: FileKind<S, C>): Promise<ExaminedFile<S, C>> {
  const { path, refused } = await findFile(configDir, kind as FileKind<unknown, unknown>)
  return refused === null ? examineFile(path, kind) : unusable(path, refused)
}

const loadedOf = <C>({ path, checked }: ExaminedFile<unknown, C>): Loaded<C> => ({ path, ...checked })

/** Read and check one file, and say what it consists of. Never throws for anything about the file. */
export async function examineNetworkFile(path: string): Promise<ExaminedNetwork> {
  return examineFile(path, networkKind)
}

/** Read and check one file, and say what it consists of. Never throws for anything about the file. */
export async function examineGroupsFile(path: string): Promise<ExaminedGroups> {
  return examineFile(path, groupsKind)
}

/** What was read from elsewhere, say standard input: classic. */
export function examineNetworkOctets(path: string, octets: Uint8Array): ExaminedNetwork {
  return examineOctets(path, octets, networkKind)
}

/** What was read from elsewhere, say standard input: classic. */
export function examineGroupsOctets(path: string, octets: Uint8Array): ExaminedGroups {
  return examineOctets(path, octets, groupsKind)
}

/** The network configuration of a directory, in whatever form. Never throws for anything about the files. */
export async function examineNetworkIn(configDir: string): Promise<ExaminedNetwork> {
  return examineIn(configDir, networkKind)
}

/** The groups of a directory, in whatever form. Never throws for anything about the files. */
export async function examineGroupsIn(configDir: string): Promise<ExaminedGroups> {
  return examineIn(configDir, groupsKind)
}

/**
 * Read and check one file: network.conf, or the same keys as YAML, JSON or TypeScript by its extension.
 * Never throws for anything about the file.
 */
export async function loadNetworkFile(path: string): Promise<LoadedNetworkConfig> {
  return loadedOf(await examineNetworkFile(path))
}

/** Check a network.conf that was read from elsewhere, say standard input. */
export function loadNetworkOctets(path: string, octets: Uint8Array): LoadedNetworkConfig {
  return loadedOf(examineNetworkOctets(path, octets))
}

/**
 * Find, read and check the network configuration of a directory: network.conf or one of its other forms.
 * Never throws for anything about the files.
 */
export async function loadNetworkConfig(configDir: string): Promise<LoadedNetworkConfig> {
  return loadedOf(await examineNetworkIn(configDir))
}

/** Read and check one file: groups.conf, or one of its other forms by its extension. Never throws. */
export async function loadGroupsFile(path: string): Promise<Loaded<GroupsConfig>> {
  return loadedOf(await examineGroupsFile(path))
}

/** Check a groups.conf that was read from elsewhere, say standard input. */
export function loadGroupsOctets(path: string, octets: Uint8Array): Loaded<GroupsConfig> {
  return loadedOf(examineGroupsOctets(path, octets))
}

/** Is there simply no file? */
export function isMissing({ diagnostics }: Checked<unknown>): boolean {
  return diagnostics.length > 0 && diagnostics[0].code === 'file-missing'
}

/**
 * Find, read and check the groups.conf of a directory, or one of its other forms. Without one AMF runs empty:
 * `notice` says so. Never throws for anything about the files.
 */
export async function loadGroupsConfig(configDir: string): Promise<LoadedGroupsConfig> {
  const loaded = loadedOf(await examineGroupsIn(configDir))
  if (loaded.ok || !isMissing(loaded)) return { ...loaded, notice: null }
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
  return decodeText({ octets, isTrusted: false }, foreign)
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
