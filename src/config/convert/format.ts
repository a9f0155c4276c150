import type { CheckContext } from '../check-context.js'
import type { GroupsSource } from '../groups/block.js'
import type { GroupsConfig } from '../model/groups-config.js'
import type { NetworkConfig } from '../model/network-config.js'
import type { OriginalReading } from '../original-form.js'
import type { ParsedText } from '../parse.js'
import type { Member } from './member.js'

export const formatNames = ['classic', 'yaml', 'json', 'corosync', 'amf', 'imm', 'cib'] as const
export type FormatName = (typeof formatNames)[number]

export const configKinds = ['network', 'groups'] as const
export type ConfigKind = (typeof configKinds)[number]

/** What a file says, in our terms, at the places of that file; whether it is good is checked afterwards. */
export type Read =
  | {
      readonly kind: 'network'
      readonly parsed: ParsedText
      /** Of a classic file: what the original made of it. */
      readonly original?: OriginalReading
      /** What is worth a comment above a key of ours, by the key. */
      readonly notes?: ReadonlyMap<string, string>
    }
  | { readonly kind: 'groups'; readonly source: GroupsSource }

export interface ReadOptions {
  readonly fileName: string
  /** Of a file that describes all nodes: the one whose network.conf is wanted. */
  readonly node: string | null
  /** Multicast group and port for a file that names none. */
  readonly mcastAddress: string | null
  readonly mcastPort: string | null
  /** The file is one of the original executive, which had the octets of its port swapped. */
  readonly legacyPortByteorder: boolean
}

export interface WriteOptions {
  /** As the user named it. */
  readonly sourcePath: string
  readonly sourceFormat: FormatName
  /** The nodes of the cluster, as far as the user names them. */
  readonly members: readonly Member[]
  /** The file is for the original executive, which has the octets of its port swapped. */
  readonly legacyPortByteorder: boolean
}

/** What is to be written: checked, and the entries and blocks for the places of what is lost. */
export type Convertible =
  | {
      readonly kind: 'network'
      readonly parsed: ParsedText
      readonly config: NetworkConfig
      readonly notes: ReadonlyMap<string, string>
    }
  | { readonly kind: 'groups'; readonly source: GroupsSource; readonly config: GroupsConfig }

/** One way to write a configuration down: ours, or that of another system. */
export interface Format {
  readonly name: FormatName
  /** In words: "a corosync.conf". */
  readonly title: string
  readonly reads: readonly ConfigKind[]
  readonly writes: readonly ConfigKind[]
  /** Does the text look like this format? The first of the table that says so is taken. */
  readonly recognises: (fileName: string, text: string) => boolean
  /**
   * @param kind what the user says the file is; null: what it looks like
   * @returns null after an error was reported: nothing can be made of the text. Never throws.
   */
  readonly read: (
    text: string,
    kind: ConfigKind | null,
    options: ReadOptions,
    context: CheckContext,
  ) => Read | null
  /**
   * @returns the text. What cannot be said in this format is reported at its place in the source: a warning
   *   'not-convertible'; an error of any code is the end of it
   */
  readonly write: (model: Convertible, options: WriteOptions, context: CheckContext) => string
}
