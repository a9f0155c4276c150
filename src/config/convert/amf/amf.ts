import type { Format } from '../format.js'
import { readTree } from '../saf/read-tree.js'
import { parseAmf } from './parse-amf.js'
import { writeAmf } from './write-amf.js'

const openingLine = /^[ \t]*safAmfCluster[ \t]*=/m

/** amf.conf of openais 1.x. */
export const amf: Format = {
  name: 'amf',
  title: 'an amf.conf',
  reads: ['groups'],
  writes: ['groups'],
  recognises: (_fileName, text) => openingLine.test(text),
  read: (text, _kind, _options, context) => ({
    kind: 'groups',
    source: readTree(parseAmf(text, context), context),
  }),
  write: (model, options, context) => (model.kind === 'groups' ? writeAmf(model, options, context) : ''),
}
