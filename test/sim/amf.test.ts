import { fileURLToPath } from 'node:url'
import { BROKEN_PROMISE, runScript } from '../../src/sim/script.js'
import { testScripts } from '../helpers/datadriven.js'

const folder = fileURLToPath(new URL('../testdata/amf', import.meta.url))

describe('what AMF keeps available', () => {
  testScripts(folder, runScript, (output) => {
    expect(output).not.toContain(BROKEN_PROMISE)
    expect(output).not.toMatch(/^not within /m)
  })
})
