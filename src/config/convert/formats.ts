import { amf } from './amf/amf.js'
import { cib } from './cib/cib.js'
import { classic } from './classic/classic.js'
import { corosync } from './corosync/corosync.js'
import type { Format, FormatName } from './format.js'
import { imm } from './imm/imm.js'
import { json } from './structured/json.js'
import { yaml } from './structured/yaml.js'

/** All formats, in the order in which a text is taken for one: the plainest signs first. */
export const formats: readonly Format[] = [json, yaml, amf, imm, cib, corosync, classic]

export function findFormat(name: FormatName): Format | null {
  return formats.find((format) => format.name === name) ?? null
}

/** What a file is, by its name and its text; null: nothing known. */
export function recognise(fileName: string, text: string): Format | null {
  return formats.find((format) => format.recognises(fileName, text)) ?? null
}
