import { fileURLToPath } from 'node:url'
import { testScripts } from '../../../helpers/datadriven.js'
import { runAssignmentScript } from './assignment-script.js'

const folder = fileURLToPath(new URL('../../../testdata/amf-assignment', import.meta.url))

describe('which unit is to be active, and which to stand by', () => {
  testScripts(folder, runAssignmentScript, (output) => {
    expect(output).toContain('active')
  })
})
