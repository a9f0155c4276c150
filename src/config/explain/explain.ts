import type { ConfigKind } from '../convert/format.js'
import { diagnosticCodes, type DiagnosticCode } from '../model/diagnostic-codes.js'
import { groupsKeys, groupsRangeText, type GroupsKey } from '../model/groups-keys.js'
import { defaultText, networkKeys, rangeText } from '../model/network-keys.js'
import { nearest } from '../nearest.js'
import { codesOfBlocks } from './codes-of-blocks.js'
import { codesOfConversion } from './codes-of-conversion.js'
import { codesOfFiles } from './codes-of-files.js'
import { codesOfGroups } from './codes-of-groups.js'
import { codesOfKeys } from './codes-of-keys.js'
import { codesOfNetwork } from './codes-of-network.js'
import { keysOfGroups } from './keys-of-groups.js'
import { keysOfNetwork } from './keys-of-network.js'
import type { CodeStory, Example, KeyStory } from './story.js'

/** The story of every code: one that is added without a story does not compile. */
export const codeStories: Readonly<Record<DiagnosticCode, CodeStory>> = {
  ...codesOfFiles,
  ...codesOfKeys,
  ...codesOfNetwork,
  ...codesOfBlocks,
  ...codesOfGroups,
  ...codesOfConversion,
}

export interface ExplainedCode {
  readonly subject: 'code'
  readonly code: DiagnosticCode
  readonly severity: string
  readonly summary: string
  readonly why: string
  readonly remedy: string
  readonly wrong: string | null
  readonly right: string | null
  readonly keys: readonly string[]
}

export interface ExplainedKey {
  readonly subject: 'key'
  readonly key: string
  readonly file: 'network.conf' | 'groups.conf'
  /** Where it stands: 'file', or kinds of blocks. */
  readonly scopes: readonly string[]
  /** null: the value has none. */
  readonly unit: string | null
  readonly range: string
  readonly default: string
  readonly summary: string
  readonly story: string
  readonly example: string
  readonly related: readonly string[]
  /** null: others have nothing like it. */
  readonly elsewhere: string | null
}

export type Explained = ExplainedCode | ExplainedKey

const shownOf = (example: Example | undefined): string | null => example?.shown ?? null

function explainedCode(code: DiagnosticCode): ExplainedCode {
  const { severity, summary } = diagnosticCodes[code]
  const { why, remedy, wrong, right, keys = [] } = codeStories[code]
  return {
    subject: 'code',
    code,
    severity,
    summary,
    why,
    remedy,
    wrong: shownOf(wrong),
    right: shownOf(right),
    keys,
  }
}

/** @returns undefined: nobody has written it */
function storyOf(name: string, kind: ConfigKind, scope: string): KeyStory | undefined {
  if (kind === 'network') return keysOfNetwork[name]
  return keysOfGroups[`${scope}.${name}`] ?? keysOfGroups[name]
}

function told(
  story: KeyStory | undefined,
): Pick<ExplainedKey, 'story' | 'example' | 'related' | 'elsewhere'> {
  const { story: text = '', example = '', related = [], elsewhere = null } = story ?? {}
  return { story: text, example, related, elsewhere }
}

function unitOf({ kind }: GroupsKey): string | null {
  return kind === 'duration' ? 'ms' : null
}

function explainedKeys(): ExplainedKey[] {
  const ofNetwork = networkKeys.map((key): ExplainedKey => ({
    subject: 'key',
    key: key.name,
    file: 'network.conf',
    scopes: ['file'],
    unit: key.unit === '' ? null : key.unit,
    range: rangeText(key),
    default: defaultText(key),
    summary: key.description,
    ...told(storyOf(key.name, 'network', 'file')),
  }))
  const ofGroups = groupsKeys.map((key): ExplainedKey => ({
    subject: 'key',
    key: key.name,
    file: 'groups.conf',
    scopes: key.scopes,
    unit: unitOf(key),
    range: groupsRangeText(key),
    default: key.defaultText,
    summary: key.description,
    ...told(storyOf(key.name, 'groups', key.scopes[0])),
  }))
  return [...ofNetwork, ...ofGroups]
}

/** Everything that can be explained: codes, then keys of both files, in the order of the documentation. */
export function explainable(): Explained[] {
  const codes = Object.keys(diagnosticCodes) as DiagnosticCode[]
  return [...codes.map(explainedCode), ...explainedKeys()]
}

const wordOf = (explained: Explained): string =>
  explained.subject === 'code' ? explained.code : explained.key

/**
 * What is behind a code or a key; a key that means different things in different blocks has several answers.
 * @returns an empty list where there is no such word
 */
export function explain(word: string): Explained[] {
  return explainable().filter((explained) => wordOf(explained) === word)
}

/** The code or key that a word that is none may have meant; null: none is like it. */
export function explainableLike(word: string): string | null {
  return nearest(word, explainable().map(wordOf))
}
