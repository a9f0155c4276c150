// The rules of the house as an ESLint plugin: which room may import which, no cycles, kebab-case names.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/**
 * The one table of rooms. uses: the rooms a room may import besides itself and base ('config/model': that
 * folder of it alone). pure: true, or the list of files that may touch the machine.
 */
export const rooms = {
  base: { uses: [], pure: true },
  group: { uses: [], pure: true },
  services: { uses: ['group', 'config/model'], pure: true },
  totem: { uses: ['group'], pure: true },
  transport: { uses: ['group'] },
  ipc: { uses: [] },
  config: { uses: [], pure: ['src/config/loader*.ts'] },
  sim: { uses: ['services', 'group', 'totem', 'config'] },
  api: { uses: ['ipc'] },
  exec: { uses: ['services', 'group', 'totem', 'transport', 'ipc', 'config'] },
  sandbox: { uses: ['api', 'config', 'ipc'] },
  doctor: { uses: ['api', 'config', 'transport', 'totem'] },
  programs: { uses: ['sandbox', 'api', 'config'] },
  // What all commands share; outside commands/, where oclif takes every file for a command.
  cli: { uses: ['config', 'sandbox', 'api'] },
  commands: { uses: ['cli', 'programs', 'sandbox', 'doctor', 'sim', 'api', 'exec', 'config'] },
}

/** The files of pure rooms, and those in them that are excused, as patterns for the configuration. */
export const pureFiles = Object.keys(rooms)
  .filter((room) => rooms[room].pure)
  .map((room) => `src/${room}/**/*.ts`)
export const impureFiles = Object.values(rooms).flatMap((room) => (Array.isArray(room.pure) ? room.pure : []))

/** Path inside the package with forward slashes, or null outside it. */
function inside(path) {
  const found = relative(root, path).split(sep).join('/')
  return found.startsWith('..') ? null : found
}

function roomOf(path) {
  const match = /^src\/([^/]+)\/(.+)$/.exec(path ?? '')
  return match === null ? null : { name: match[1], rest: match[2] }
}

/** The source file a relative import means. */
function resolveImport(fromFile, specifier) {
  const target = resolve(dirname(fromFile), specifier)
  return target.replace(/\.js$/, '.ts')
}

function mayImport(from, to) {
  if (from.name === to.name || to.name === 'base') return true
  return rooms[from.name].uses.some((use) => use === to.name || `${to.name}/${to.rest}`.startsWith(`${use}/`))
}

/** Calls check(node, specifier) for everything that imports. */
function importVisitor(check) {
  const visit = (node) => {
    const source = node.source ?? node.argument?.literal ?? node.argument
    if (typeof source?.value === 'string') check(source, source.value)
  }
  return {
    ImportDeclaration: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
    ImportExpression: visit,
    TSImportType: visit,
  }
}

const arrows = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const own = inside(context.filename)
    const from = roomOf(own)
    if (!own?.startsWith('src/')) return {}
    const report = (node, message) => context.report({ node, message })
    if (from === null || rooms[from.name] === undefined) {
      return {
        Program: (node) => report(node, `${own} is in no room: see the table in scripts/house-rules.mjs`),
      }
    }
    return importVisitor((node, specifier) => {
      if (!specifier.startsWith('.')) return
      const target = inside(resolveImport(context.filename, specifier))
      const to = roomOf(target)
      if (to === null) report(node, `src/ imports nothing from outside it: ${specifier}`)
      else if (!mayImport(from, to))
        report(node, `arrows go down only: ${from.name} may not import ${to.name}`)
    })
  },
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s(?:[^'"]*?from\s*)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)/g
const importsCache = new Map()

/** The files a file imports, read from disk once for each version of it. */
function importsOf(path) {
  if (!existsSync(path)) return []
  const { mtimeMs } = statSync(path)
  const cached = importsCache.get(path)
  if (cached?.mtimeMs === mtimeMs) return cached.imports
  const text = readFileSync(path, 'utf8')
  const imports = [...text.matchAll(importPattern)].map((match) => resolveImport(path, match[1] ?? match[2]))
  importsCache.set(path, { mtimeMs, imports })
  return imports
}

/** A chain of imports from `start` to `goal`, or null. */
function findChain(start, goal) {
  const cameFrom = new Map([[start, null]])
  const queue = [start]
  while (queue.length > 0) {
    const path = queue.shift()
    if (path === goal) {
      const chain = []
      for (let step = path; step !== null; step = cameFrom.get(step)) chain.unshift(inside(step))
      return chain
    }
    for (const next of importsOf(path)) {
      if (cameFrom.has(next)) continue
      cameFrom.set(next, path)
      queue.push(next)
    }
  }
  return null
}

const noCycles = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const own = inside(context.filename)
    return importVisitor((node, specifier) => {
      if (!specifier.startsWith('.')) return
      const chain = findChain(resolveImport(context.filename, specifier), context.filename)
      if (chain !== null)
        context.report({ node, message: `imports in a circle: ${[own, ...chain].join(' → ')}` })
    })
  },
}

const fileName = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const name = basename(context.filename)
    if (/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name)) return {}
    return { Program: (node) => context.report({ node, message: `file names are kebab-case: ${name}` }) }
  },
}

const lineLength = {
  meta: { type: 'layout', schema: [{ type: 'integer' }] },
  create(context) {
    const max = context.options[0]
    return {
      Program() {
        for (const [index, line] of context.sourceCode.lines.entries()) {
          const length = [...line].length
          const loc = { line: index + 1, column: 0 }
          // An import of one name is the one thing prettier cannot break.
          if (length > max && !/^import .* from '/.test(line))
            context.report({ loc, message: `line of ${length} characters, at most ${max}` })
        }
      },
    }
  },
}

export const housePlugin = {
  meta: { name: 'house' },
  rules: { arrows, 'no-cycles': noCycles, 'file-name': fileName, 'line-length': lineLength },
}
