import type { Check } from '../check.js'
import { fail, ok, type Finding } from '../network/finding.js'

/** @param required as package.json says it: '>=20.19' */
export function judgeNodeVersion(running: string, required: string): Finding {
  const details = { version: running, required }
  const numbers = (text: string): number[] => text.replace(/^\D*/, '').split('.').map(Number)
  const [major, minor = 0] = numbers(running)
  const [leastMajor, leastMinor = 0] = numbers(required)
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) {
    return ok(`Node ${running}; ${required} is asked for`, details)
  }
  const remedy = `install Node ${leastMajor}.${leastMinor} or later: https://nodejs.org`
  return fail(`Node ${running} is too old: ${required} is asked for`, remedy, details)
}

const subject = { id: 'node-version', title: 'Node version' }

/** Is this Node one that ais runs on? */
export const nodeVersion: Check = {
  ...subject,
  run: ({ nodeRequired }) =>
    Promise.resolve({ ...subject, ...judgeNodeVersion(process.version, nodeRequired) }),
}
