import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ProposedInterface } from './config-init-interfaces.js'
import type { InitValues } from './config-init-values.js'

/** Renders templates/conf: the two files of a configuration directory. */

const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const templateRoot = join(packageRoot, 'templates', 'conf')

/** How a configuration can be written, by the extension of its files. */
export const initForms = ['conf', 'yaml', 'json', 'ts'] as const
export type InitForm = (typeof initForms)[number]

export type InitFile = 'network' | 'groups'

/** How a form writes a text. JSON is YAML and TypeScript as well. */
const written = (form: InitForm, text: string): string => (form === 'conf' ? text : JSON.stringify(text))

function nodeNameLine(form: InitForm, nodename: string | null): string {
  const example = 'node-1'
  const value = written(form, nodename ?? example)
  switch (form) {
    case 'json':
      // There are no comments in JSON.
      return nodename === null ? '' : `\n  "nodename": ${value},`
    case 'ts':
      return nodename === null ? `//nodename: '${example}',` : `nodename: ${value},`
    default:
      return nodename === null ? `#nodename: ${example}` : `nodename: ${value}`
  }
}

/**
 * Where an editor finds the schema of a file: in the package this is run from. That works without a
 * network, and is of the version that reads the file.
 */
function schemaUrl(file: InitFile): string {
  return pathToFileURL(join(packageRoot, 'conf', `${file}.schema.json`)).href
}

/** The text of one of the files. */
export async function renderConfig(
  file: InitFile,
  form: InitForm,
  values: InitValues,
  { why }: Pick<ProposedInterface, 'why'>,
): Promise<string> {
  const template = await readFile(join(templateRoot, `${file}.${form}.template`), 'utf8')
  const url = schemaUrl(file)
  const texts = new Map([
    ['schema', form === 'json' ? JSON.stringify(url) : url],
    ['why', `Here ${why}.`],
    ['nodename', nodeNameLine(form, values.nodename)],
    ['bindnetaddr', written(form, values.bindnetaddr)],
    ['mcastaddr', written(form, values.mcastaddr)],
    ['mcastport', values.mcastport],
    ['clustername', written(form, values.clustername)],
  ])
  return template.replace(/\{\{(\w+)\}\}/g, (placeholder, key: string) => texts.get(key) ?? placeholder)
}
