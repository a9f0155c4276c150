// Reads what `jest --json --outputFile FILE` wrote; prints "PASSED FAILED".
// A suite that did not run counts as failed.
import { readFileSync } from 'node:fs'

try {
  const result = JSON.parse(readFileSync(process.argv[2], 'utf8'))
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites
  console.log(`${result.numPassedTests} ${failed}`)
} catch {
  console.log('0 1')
}
