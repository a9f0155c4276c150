import { checkEntries, type CheckedNetwork } from './check.js'
import { CheckContext } from './check-context.js'
import type { Block, GroupsSource } from './groups/block.js'
import { checkGroupsSource } from './groups/check-groups.js'
import { parseBlocks } from './groups/parse-blocks.js'
import { groupsBlocks } from './groups/structured-blocks.js'
import type { Diagnostic } from './model/diagnostic.js'
import type { GroupsConfig } from './model/groups-config.js'
import type { NetworkConfig } from './model/network-config.js'
import { readAsOriginal } from './original-form.js'
import { parseText, type ParsedText } from './parse.js'
import { networkEntries } from './structured.js'
import { readJson } from './tree/json.js'
import type { Tree } from './tree/tree.js'
import { readYaml } from './tree/yaml.js'

/** How a configuration is written. */
export type FileForm = 'classic' | 'yaml' | 'json' | 'typescript'

/** In the order they are looked for; two of them in one directory are an error. */
export const formExtensions: Readonly<Record<string, FileForm>> = {
  conf: 'classic',
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  ts: 'typescript',
}

/** The names one of the files can have in a configuration directory. */
export function configFileNames(file: 'network' | 'groups'): string[] {
  return Object.keys(formExtensions).map((extension) => `${file}.${extension}`)
}

/** By the extension of its name; what has none of them is classic. */
export function formOf(path: string): FileForm {
  return formExtensions[/\.([a-z]+)$/.exec(path)?.[1] ?? ''] ?? 'classic'
}

export type Checked<C> =
  | {
      readonly ok: true
      readonly config: C
      /** What counts of what is written, with its places: keys, and the blocks of a groups.conf. */
      readonly written: Block
      readonly diagnostics: readonly Diagnostic[]
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

/** A file that was read and checked. */
export interface Examined<S, C> {
  readonly form: FileForm
  /** null: nothing is known of what it says; the findings tell why. */
  readonly source: S | null
  readonly checked: Checked<C>
}

/** What is different from one configuration file to the other. */
export interface FileKind<S, C> {
  readonly name: 'network' | 'groups'
  /** What there should be where there is no file. */
  readonly example: string
  readonly readText: (text: string, context: CheckContext) => S
  readonly readTree: (tree: Tree, context: CheckContext) => S | null
  /** @param text the file; '' where it is not classic */
  readonly check: (source: S, text: string, context: CheckContext) => Checked<C>
  /** Did it work in spite of NUL octets? */
  readonly isTextAllTheSame: (text: string) => boolean
}

export const networkKind: FileKind<ParsedText, NetworkConfig> = {
  name: 'network',
  example: 'bindnetaddr, mcastaddr and mcastport, a line each: `ais config init` writes such a file',
  readText: parseText,
  readTree: networkEntries,
  check: (parsed, text, context): CheckedNetwork => checkEntries(parsed, readAsOriginal(text), context),
  isTextAllTheSame: (text) => readAsOriginal(text).complete,
}

export const groupsKind: FileKind<GroupsSource, GroupsConfig> = {
  name: 'groups',
  example: 'a file such as conf/groups.conf of the package',
  readText: parseBlocks,
  readTree: groupsBlocks,
  check: (source, _, context) => checkGroupsSource(source, context),
  isTextAllTheSame: () => false,
}

/** Check what a tree holds; `null` in its place: it was reported to `context` why there is none. */
export function examineTree<S, C>(
  tree: Tree | null,
  form: FileForm,
  kind: FileKind<S, C>,
  context: CheckContext,
): Examined<S, C> {
  const source = tree === null ? null : kind.readTree(tree, context)
  if (source === null) return { form, source, checked: { ok: false, diagnostics: context.finish() } }
  return { form, source, checked: kind.check(source, '', context) }
}

/** Check a text: all mistakes at once, in the order of the file. Never throws. */
export function examineText<S, C>(
  text: string,
  form: Exclude<FileForm, 'typescript'>,
  kind: FileKind<S, C>,
): Examined<S, C> {
  const context = new CheckContext()
  if (form === 'yaml') return examineTree(readYaml(text, context), form, kind, context)
  if (form === 'json') return examineTree(readJson(text, context), form, kind, context)
  const source = kind.readText(text, context)
  return { form, source, checked: kind.check(source, text, context) }
}
