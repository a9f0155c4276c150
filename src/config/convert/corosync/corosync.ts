import type { Format } from '../format.js'
import { readCorosync } from './read.js'
import { writeCorosync } from './write.js'

/** corosync.conf of 1.4, 2 and 3, and openais.conf: read; corosync.conf of 3: written. */
export const corosync: Format = {
  name: 'corosync',
  title: 'a corosync.conf',
  reads: ['network'],
  writes: ['network'],
  recognises: (fileName, text) =>
    /(^|\/)(corosync|openais)\.conf$/.test(fileName) || /^[ \t]*totem[ \t]*\{/m.test(text),
  read: (text, _kind, options, context) => readCorosync(text, options, context),
  write: (model, options, context) =>
    model.kind === 'network' ? writeCorosync(model, options, context) : '',
}
