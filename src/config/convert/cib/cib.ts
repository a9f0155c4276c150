import type { Format } from '../format.js'
import { readCib } from './read-cib.js'
import { writeCib } from './write-cib.js'

/** The configuration of pacemaker: as much of it as has a counterpart. */
export const cib: Format = {
  name: 'cib',
  title: 'a CIB',
  reads: ['groups'],
  writes: ['groups'],
  recognises: (_fileName, text) => /<cib[\s>]/.test(text),
  read(text, _kind, _options, context) {
    const source = readCib(text, context)
    return source === null ? null : { kind: 'groups', source }
  },
  write: (model, options, context) => (model.kind === 'groups' ? writeCib(model, options, context) : ''),
}
