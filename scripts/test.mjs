// `npm test` from a fresh clone: install, build, then jest. Arguments go to jest, but for --built: it is all
// there already.
import { runModule, setup } from './setup.mjs'

const given = process.argv.slice(2)
if (!given.includes('--built')) setup()
const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings']
  .filter(Boolean)
  .join(' ')
const args = given.filter((argument) => argument !== '--built')
process.exit(runModule('jest/bin/jest.js', args, { NODE_OPTIONS: options }))
