// `npm run verify`: every campaign in full. What an issue's figures come from.
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { root, setup } from './setup.mjs'

const campaigns = [
  ['lint', 'npm', ['run', '--silent', 'lint']],
  ['tests', 'npm', ['test', '--silent']],
  [
    'simulation: 2,000 runs of mixed faults, every fault and branch counted',
    'node',
    ['dist/sim/main.js', '--seed', '1', '--runs', '2000', '--jobs', '2', '--require-coverage'],
  ],
  ['formation: 2 to 128 nodes', 'node', ['dist/sim/main.js', '--formation', '2,3,4,8,16,32,64,128']],
  ['mutations: all', 'npm', ['run', '--silent', 'mutations', '--', '--jobs', '2']],
  ['fuzz: 1,000,000 frames', 'npm', ['run', '--silent', 'fuzz', '--', '--cases', '1000000']],
  [
    'fuzz: 1,000,000 messages of applications',
    'npm',
    ['run', '--silent', 'fuzz', '--', '--target', 'ipc', '--cases', '1000000'],
  ],
  [
    'fuzz: 1,000,000 files of groups.conf',
    'npm',
    ['run', '--silent', 'fuzz', '--', '--target', 'groups', '--cases', '1000000'],
  ],
  [
    'fuzz: 1,000,000 files of both kinds in all forms',
    'npm',
    ['run', '--silent', 'fuzz', '--', '--target', 'config', '--cases', '1000000'],
  ],
  [
    'fuzz: 1,000,000 conversions',
    'npm',
    ['run', '--silent', 'fuzz', '--', '--target', 'convert', '--cases', '1000000'],
  ],
  ['quickstart', 'npm', ['run', '--silent', 'quickstart']],
]

setup()
const results = []
for (const [name, command, args] of campaigns) {
  console.log(`\n=== ${name}: ${command} ${args.join(' ')}`)
  const startedMs = performance.now()
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  results.push({ name, ok: status === 0, seconds: (performance.now() - startedMs) / 1000 })
}
console.log()
for (const { name, ok, seconds } of results) {
  console.log(`${ok ? 'passed' : 'FAILED'}  ${name} (${seconds.toFixed(0)} s)`)
}
const failed = results.filter(({ ok }) => !ok).length
console.log(`${results.length - failed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
