import { networkKeys } from '../../model/network-keys.js'
import type { ConfigKind, Format } from '../format.js'
import { kindByName } from '../kind.js'
import { readGroups, writeGroups } from './groups.js'
import { readNetwork, writeNetwork } from './network.js'

const keyLine = new RegExp(`^[ \\t]*(?:${networkKeys.map(({ name }) => name).join('|')})[ \\t]*:`, 'm')
const groupLine = /^[ \t]*group[ \t]*\{/m

/** Which of the two files the text is; the name of the file counts where the text does not say. */
function kindOf(fileName: string, text: string): ConfigKind | null {
  if (groupLine.test(text)) return 'groups'
  return keyLine.test(text) ? 'network' : kindByName(fileName)
}

/** network.conf and groups.conf as the original executive had them. */
export const classic: Format = {
  name: 'classic',
  title: 'a network.conf or groups.conf',
  reads: ['network', 'groups'],
  writes: ['network', 'groups'],
  recognises: (fileName, text) => kindOf(fileName, text) !== null,
  read(text, asked, options, context) {
    const kind = asked ?? kindOf(options.fileName, text) ?? 'network'
    return kind === 'network' ? readNetwork(text, options) : readGroups(text, context)
  },
  write: (model, options, context) =>
    model.kind === 'network' ? writeNetwork(model, options, context) : writeGroups(model, options, context),
}
