// `npm run bench:failover [-- --json] [--kills N] [--only NAME,NAME]`: how long it takes until another unit
// is active, by `ais amf stress` on a cluster of three with default times: components and executives killed,
// components stopped, links cut, and the same while a checkpoint of 256 MiB is transferred.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from '../scripts/setup.mjs'
import { table } from './table.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    kills: { type: 'string', default: '100' },
    only: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
})
const kills = Number(flags.kills)

/** Fewer where one takes long. */
const rows = [
  { name: 'component', what: 'component killed', kind: 'component-killed', kills },
  { name: 'daemon', what: 'daemon killed', kind: 'daemon-killed', kills },
  { name: 'stop', what: 'component stopped', kind: 'component-stopped', kills: Math.ceil(kills / 5) },
  { name: 'cut', what: 'link cut', kind: 'link-cut', kills: Math.ceil(kills / 5) },
  {
    name: 'component-transfer',
    what: 'component killed, 256 MiB on their way',
    kind: 'component-killed',
    kills: Math.ceil(kills / 10),
    more: ['--transfer', '256MiB'],
  },
  {
    name: 'daemon-transfer',
    what: 'daemon killed, 256 MiB on their way',
    kind: 'daemon-killed',
    kills: Math.ceil(kills / 10),
    more: ['--transfer', '256MiB'],
  },
]

if (!flags['no-build']) setup()
const chosen = flags.only?.split(',')
const results = []
for (const row of rows) {
  if (chosen !== undefined && !chosen.includes(row.name)) continue
  const result = await stress(row)
  results.push({ ...row, ...result })
  if (result.overlaps > 0 || result.failure !== null) process.exitCode = 1
}
if (flags.json) console.log(JSON.stringify(results))
else console.log(text(results))

async function stress({ kind, kills: count, more = [] }) {
  const args = ['amf', 'stress', '--kind', kind, '--kills', String(count), ...more, '--json']
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const forward = (signal) => child.kill(signal)
  process.once('SIGINT', forward)
  process.once('SIGTERM', forward)
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (piece) => (printed += piece))
  await new Promise((resolve) => child.once('close', resolve))
  process.off('SIGINT', forward)
  process.off('SIGTERM', forward)
  const result = JSON.parse(printed)
  if (result.error !== undefined) throw new Error(result.error.message)
  return result
}

function text(all) {
  const cells = all.map((row) => [
    row.what,
    row.duringTransfer === null ? row.kills : `${row.duringTransfer} of ${row.kills}`,
    ...[row.p50Ms, row.p99Ms, row.maxMs].map((ms) => ms.toFixed(1)),
    row.overlaps,
  ])
  const failures = all.flatMap(({ what, failure }) => (failure === null ? [] : [`${what}: ${failure}`]))
  return [table(['failover, ms', 'count', 'p50', 'p99', 'max', 'overlaps'], cells), ...failures].join('\n')
}
