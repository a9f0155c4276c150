import type { Format } from '../format.js'
import { readImm } from './read-imm.js'
import { writeImm } from './write-imm.js'

/** imm.xml of OpenSAF: the objects that its availability management is configured with. */
export const imm: Format = {
  name: 'imm',
  title: 'an imm.xml',
  reads: ['groups'],
  writes: ['groups'],
  recognises: (_fileName, text) => /<(?:\w+:)?IMM-contents[\s>]/.test(text),
  read(text, _kind, _options, context) {
    const source = readImm(text, context)
    return source === null ? null : { kind: 'groups', source }
  },
  write: (model, options, context) => (model.kind === 'groups' ? writeImm(model, options, context) : ''),
}
