import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, runProgram } from '../cli/run-ais.js'

// What `npm pack` makes installs in an empty folder and runs from there. Packed from a copy, because packing
// builds: the tests beside this one run what stands in dist/.

const leftOut = new Set(['node_modules', '.git', 'dist', 'coverage', 'test', 'oclif.manifest.json'])
const noRegistry =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network (request|connectivity)/

let work: string

beforeAll(() => (work = realpathSync(mkdtempSync(join(tmpdir(), 'ais-pack-')))))
afterAll(() => rmSync(work, { recursive: true, force: true }))

function copyPackage(): string {
  const copy = join(work, 'package')
  mkdirSync(copy)
  for (const name of readdirSync(root)) {
    if (!leftOut.has(name) && !name.startsWith('.build-'))
      cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

test('the packed package installs globally in an empty folder and runs from there', async () => {
  const copy = copyPackage()
  const packed = await runProgram('npm', ['pack', '--json', '--pack-destination', work], { cwd: copy })
  expect([packed.code, packed.code === 0 ? '' : packed.stderr]).toEqual([0, ''])
  expect(existsSync(join(copy, 'oclif.manifest.json'))).toBe(false)
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'))!
  const { stdout: list } = await runProgram('tar', ['-tzf', join(work, tarball)])
  const files = list.split('\n')
  for (const name of [
    'bin/run.js',
    'conf/network.conf',
    'oclif.manifest.json',
    'LICENSE',
    'dist/commands/config/validate.js',
  ]) {
    expect(files).toContain(`package/${name}`)
  }
  expect(files.filter((name) => /^package\/(src|test|scripts|node_modules)\//.test(name))).toEqual([])

  const prefix = join(work, 'prefix')
  mkdirSync(prefix)
  const install = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', join(work, tarball)]
  const installed = await runProgram('npm', install, { cwd: prefix })
  if (installed.code !== 0 && noRegistry.test(installed.stderr)) {
    process.stderr.write(`installation not tested, the npm registry is unreachable: ${installed.stderr}\n`)
    return
  }
  expect([installed.code, installed.code === 0 ? '' : installed.stderr]).toEqual([0, ''])

  const ais = join(prefix, 'bin', 'ais')
  const options = { cwd: prefix }
  expect((await runProgram(ais, ['--version'], options)).stdout).toMatch(/^ais\/\d+\.\d+\.\d+ /)
  const guide = join(prefix, 'lib', 'node_modules', 'ais', 'conf', 'network.conf')
  const validated = await runProgram(ais, ['config', 'validate', guide, '--json'], options)
  expect([validated.code, validated.stderr]).toEqual([0, ''])
  expect(JSON.parse(validated.stdout)).toMatchObject({ valid: true })
  const mistyped = await runProgram(ais, ['config', 'valdate'], options)
  expect(mistyped.code).toBe(2)
  expect(mistyped.stderr).toContain('did you mean "ais config validate"?')
}, 300_000)
