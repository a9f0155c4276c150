// `npm run bench:ckpt [-- FLAGS]`: three nodes on this machine, and `ais ckpt bench` on them with these
// flags, say --duration 5 --json.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { root, setup } from '../scripts/setup.mjs'

const NODES = 3

const args = process.argv.slice(2)
const isBuilt = args.includes('--no-build')
const passed = args.filter((arg) => arg !== '--no-build')
if (!isBuilt) setup()

const work = mkdtempSync(join(tmpdir(), 'ais-bench-ckpt-'))
const env = { ...process.env, AIS_SANDBOX_DIR: join(work, 'sandbox'), NODE_OPTIONS: '' }
let benching

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => benching?.kill('SIGINT'))

try {
  await ais(['cluster', 'up', '--nodes', String(NODES)])
  const load = `load ${loadavg()[0].toFixed(1)}`
  process.stderr.write(`${cpus().length} cores, ${cpus()[0]?.model}, ${load}, Node ${process.version}\n`)
  process.stdout.write(await ais(['ckpt', 'bench', '--node', 'node1', ...passed]))
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
} finally {
  await ais(['cluster', 'down']).catch((error) => process.stderr.write(`${error.message}\n`))
  rmSync(work, { recursive: true, force: true })
}

/** Run a command of ais. @returns its stdout */
async function ais(words) {
  const options = { env, stdio: ['ignore', 'pipe', 'inherit'] }
  const child = spawn(process.execPath, [join(root, 'bin', 'run.js'), ...words], options)
  benching = child
  const [output] = await Promise.all([textOf(child.stdout), once(child, 'close')])
  if (child.exitCode !== 0) throw new Error(`ais ${words.join(' ')} ended with ${child.exitCode}\n${output}`)
  return output
}
