// What every script needs before it starts, with nothing but Node and npm: the dependencies and a build.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Run a program in the root of the package; its output goes to stderr. @returns its exit code */
export function run(command, args, environment = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  })
  if (result.error) process.stderr.write(`${command}: ${result.error.message}\n`)
  return result.status ?? 1
}

/** Run the JavaScript of a dependency, say 'jest/bin/jest.js'. @returns its exit code */
export function runModule(path, args, environment = {}) {
  return run(process.execPath, [`${root}/node_modules/${path}`, ...args], environment)
}

/** `npm ci`, unless the dependencies are there. Ends the process when it fails. */
export function installDependencies() {
  // npm writes this file last: without it an installation was interrupted.
  if (existsSync(`${root}/node_modules/.package-lock.json`)) return
  const code = run('npm', ['ci', '--no-audit', '--no-fund'])
  if (code !== 0) {
    process.stderr.write(
      'npm ci failed: the dependencies are not installed (is the npm registry reachable?)\n',
    )
    process.exit(code)
  }
}

/** Compile src/ to a clean dist/, put in place as a whole. Ends the process when it fails. */
export function build() {
  const made = `${root}/.build-${process.pid}`
  const old = `${root}/.build-${process.pid}-old`
  const code = runModule('typescript/bin/tsc', [
    '-p',
    'tsconfig.build.json',
    '--noEmitOnError',
    '--outDir',
    made,
  ])
  if (code === 0) {
    if (existsSync(`${root}/dist`)) renameSync(`${root}/dist`, old)
    renameSync(made, `${root}/dist`)
  }
  for (const path of [made, old]) rmSync(path, { recursive: true, force: true })
  // A manifest left by an interrupted `npm pack` would hide commands added since.
  rmSync(`${root}/oclif.manifest.json`, { force: true })
  if (code !== 0) process.exit(code)
}

/** From a fresh clone to something that runs. */
export function setup() {
  installDependencies()
  build()
}
