#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { transformSync } from '@swc/core'
import { mutations } from './mutations.mjs'

const USAGE = `Usage: npm run mutations -- [options]

Applies each mutation of test/mutations/mutations.mjs to a copy of the ring, the view layer, AMF and CKPT, and
simulates that: every one has to break a promise.

  --only NAME[,NAME]   these alone
  --part I/N           every N-th, beginning with the I-th (1 to N)
  --runs R             seeds to try before a mutant counts as missed (default 600)
  --seed N             first seed (default 1)
  --json               one line of JSON

Exit codes: 0 all caught, 1 one was missed, 2 wrong usage.`

const src = fileURLToPath(new URL('../../src/', import.meta.url))
const scriptFolders = ['totem', 'views', 'ckpt', 'amf'].map((name) =>
  fileURLToPath(new URL(`../testdata/${name}/`, import.meta.url)),
)
const QUICK_RUNS = 60
/** Time a mutant may take: many times what the sound code needs. */
const START_MS = 30_000
const RUN_MS = 750
const rooms = ['base', 'config', 'group', 'totem', 'services', 'sim']

function compile(text, path) {
  const { code } = transformSync(text, {
    filename: path,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'es6' },
  })
  return code
}

function compileAll(to) {
  for (const room of rooms) {
    for (const entry of readdirSync(join(src, room), { recursive: true })) {
      if (!entry.endsWith('.ts')) continue
      const path = join(room, entry)
      const out = join(to, path.replace(/\.ts$/, '.js'))
      mkdirSync(dirname(out), { recursive: true })
      writeFileSync(out, compile(readFileSync(join(src, path), 'utf8'), path))
    }
  }
  writeFileSync(join(to, 'package.json'), '{"type":"module"}')
}

/** @throws when the piece to replace is not there exactly once: the mutation has to follow the source */
function mutate({ name, file, find, replace }) {
  const text = readFileSync(join(src, file), 'utf8')
  const pieces = text.split(find)
  const found = pieces.length - 1
  if (found !== 1) throw new Error(`mutation ${name}: its piece occurs ${found} times in ${file}`)
  return compile(pieces.join(replace), file)
}

/** @returns the script of test/testdata that comes out otherwise, or null */
async function playScripts(folder) {
  const { runScript } = await import(pathToFileURL(join(folder, 'sim', 'script.js')).href)
  const paths = scriptFolders.flatMap((scripts) => readdirSync(scripts).map((name) => join(scripts, name)))
  for (const path of paths.filter((entry) => entry.endsWith('.txt'))) {
    const name = basename(path)
    const text = readFileSync(path, 'utf8')
    let shown
    try {
      shown = runScript(text)
    } catch (error) {
      shown = String(error)
    }
    if (shown !== text) return { script: name, promise: `script ${name}` }
  }
  return null
}

/** @returns the promise that the mutant broke, or null */
function simulate(folder, seed, runs) {
  const main = join(folder, 'sim', 'main.js')
  const args = [main, '--seed', String(seed), '--runs', String(runs), '--stop-at-first', '--json']
  const timeout = START_MS + runs * RUN_MS
  const child = spawn(process.execPath, ['--max-old-space-size=2048', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  })
  return new Promise((resolve, reject) => {
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(null)
      // A mutant may send or remember without end: that it never comes to its checks gives it away.
      if (signal === 'SIGKILL') return resolve({ seed, promise: `no end within ${timeout / 1000} s` })
      if (signal === 'SIGABRT') return resolve({ seed, promise: 'memory without bound' })
      const line = out.trim().startsWith('{') ? JSON.parse(out) : null
      const failed = line?.failed[0]
      if (failed) return resolve({ seed: failed.seed, promise: failed.violations[0].promise })
      reject(new Error(`the simulator failed:\n${err}`))
    })
  })
}

function select(values) {
  if (values.only) {
    const names = values.only.split(',')
    const unknown = names.filter((name) => !mutations.some((mutation) => mutation.name === name))
    if (unknown.length > 0) throw new Error(`no mutation named ${unknown.join(', ')}`)
    return mutations.filter(({ name }) => names.includes(name))
  }
  const [part, parts] = values.part.split('/').map(Number)
  if (!(part >= 1 && part <= parts)) throw new Error(`--part takes I/N, I from 1 to N, not "${values.part}"`)
  return mutations.filter((_, index) => index % parts === part - 1)
}

async function main(values) {
  const chosen = select(values)
  const folder = mkdtempSync(join(tmpdir(), 'ais-mutations-'))
  const rows = []
  try {
    const sound = join(folder, 'sound')
    compileAll(sound)
    for (const mutation of chosen) {
      const mutant = join(folder, mutation.name)
      cpSync(sound, mutant, { recursive: true })
      writeFileSync(join(mutant, mutation.file.replace(/\.ts$/, '.js')), mutate(mutation))
      const [seed, runs] = [Number(values.seed), Number(values.runs)]
      // Most are caught by the first seeds; what only slows the ring down is caught by the scripts' limits.
      const caught =
        (await simulate(mutant, seed, Math.min(runs, QUICK_RUNS))) ??
        (await playScripts(mutant)) ??
        (runs > QUICK_RUNS ? await simulate(mutant, seed + QUICK_RUNS, runs - QUICK_RUNS) : null)
      rmSync(mutant, { recursive: true })
      rows.push({ name: mutation.name, fault: mutation.fault, caught })
      if (!values.json) console.log(describe(rows.at(-1)))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const missed = rows.filter(({ caught }) => !caught).length
  if (values.json) console.log(JSON.stringify({ mutations: rows.length, missed, rows }))
  else console.log(`${rows.length} mutations, ${rows.length - missed} caught, ${missed} missed`)
  return missed > 0 ? 1 : 0
}

function describe({ name, fault, caught }) {
  const by = caught?.script
    ? `caught by ${caught.promise}`
    : `caught by seed ${caught?.seed}: ${caught?.promise}`
  const result = caught ? by : 'MISSED'
  return `${name.padEnd(30)} ${result.padEnd(50)} ${fault}`
}

try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      part: { type: 'string', default: '1/1' },
      runs: { type: 'string', default: '600' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(USAGE)
  else process.exitCode = await main(values)
} catch (error) {
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
