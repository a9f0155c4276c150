// `npm test` from a fresh clone: install, build, then jest. Arguments go to jest.
import { runModule, setup } from './setup.mjs'

setup()
const options = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--no-warnings']
  .filter(Boolean)
  .join(' ')
process.exit(runModule('jest/bin/jest.js', process.argv.slice(2), { NODE_OPTIONS: options }))
