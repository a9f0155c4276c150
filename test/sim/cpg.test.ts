import { fileURLToPath } from 'node:url'
import { BROKEN_PROMISE, runScript } from '../../src/sim/script.js'
import { testScripts } from '../helpers/datadriven.js'

const folder = fileURLToPath(new URL('../testdata/cpg', import.meta.url))

describe('process groups', () => {
  testScripts(folder, runScript, (output) => {
    expect(output).not.toContain(BROKEN_PROMISE)
    expect(output).not.toMatch(/^not within /m)
  })
})
