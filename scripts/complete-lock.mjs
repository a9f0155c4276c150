// Completes package-lock.json after `npm install NAME`: some registry mirrors lack optional packages of other
// platforms, npm then leaves them out of the lock, and `npm ci` refuses it.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url))

const systems = ['darwin', 'linux', 'win32', 'freebsd', 'android', 'openharmony']
const processors = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm', 'wasm32']

/** Optional packages that others name and the lock lacks, as [name, version, parent]. */
export function findMissing(packages) {
  const missing = []
  for (const [place, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const levels = place
        .split('/node_modules/')
        .map((_, index, all) => all.slice(0, index + 1).join('/node_modules/'))
      const places = [`node_modules/${name}`, ...levels.map((level) => `${level}/node_modules/${name}`)]
      if (!places.some((candidate) => packages[candidate] !== undefined))
        missing.push([name, version, parent])
    }
  }
  return missing
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(path, 'utf8'))
  for (const [name, version, parent] of findMissing(lock.packages)) {
    const os = systems.filter((system) => name.includes(system))
    const cpu = processors.filter((processor) => name.split(/[-.]/).includes(processor))
    const dev = parent.dev === true ? { dev: true } : {}
    lock.packages[`node_modules/${name}`] = { version, cpu, ...dev, optional: true, os }
    console.log(`added ${name} ${version}`)
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
}
