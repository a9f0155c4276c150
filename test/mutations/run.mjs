#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { transformSync } from '@swc/core'
import { mutations } from './mutations.mjs'

const USAGE = `Usage: npm run mutations -- [options]

Applies each mutation of test/mutations/mutations.mjs to a copy of the ring, the view layer, AMF, CKPT and
CPG, and simulates that: every one has to break a promise.

  --only NAME[,NAME]   these alone
  --part I/N           every N-th, beginning with the I-th (1 to N)
  --jobs J             so many mutants at a time (default 1)
  --runs R             seeds to try before a mutant counts as missed (default 600)
  --seed N             first seed (default 1)
  --json               one line of JSON

Exit codes: 0 all caught, 1 one was missed, 2 wrong usage.`

const src = fileURLToPath(new URL('../../src/', import.meta.url))
const player = fileURLToPath(new URL('play-scripts.mjs', import.meta.url))
/** Seeds that are tried before the scripts: what they do not show the scripts mostly do, and sooner. */
const QUICK_RUNS = 15
/** Seconds of a processor that a mutant may take: many times what the sound code needs. */
const START_S = 30
const RUN_S = 1.5
/** For all scripts. */
const SCRIPTS_S = 180
/** Who waits for ever takes no processor: so many times that by the clock of the wall. */
const PATIENCE = 30
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

/** @returns what the program ended with; `signal`: it was ended for its time, or ran out of memory */
function runProgram(path, args, seconds) {
  const program = [process.execPath, '--max-old-space-size=2048', path, ...args]
  // Time of the processor, not of the wall: a busy machine is no fault of the mutant's.
  const child = spawn('sh', ['-c', 'ulimit -t "$0" && exec "$@"', String(Math.ceil(seconds)), ...program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: seconds * PATIENCE * 1000,
    killSignal: 'SIGKILL',
  })
  return new Promise((resolve, reject) => {
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk) => (out += chunk))
    child.stderr.on('data', (chunk) => (err += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out: out.trim(), err }))
  })
}

/** A mutant may send or remember without end: that it never comes to its checks gives it away. */
function endlessness(signal, seconds) {
  if (signal === 'SIGKILL' || signal === 'SIGXCPU') return `no end within ${seconds} s`
  return signal === 'SIGABRT' ? 'memory without bound' : null
}

/** @returns the script of test/testdata that comes out otherwise, or null */
async function playScripts(folder, { file }) {
  const { code, signal, out, err } = await runProgram(player, [folder, file], SCRIPTS_S)
  const promise = endlessness(signal, SCRIPTS_S)
  if (promise !== null) return { script: 'all', promise: `scripts: ${promise}` }
  if (code !== 0) throw new Error(`the scripts could not be played:\n${err}`)
  return out === '' ? null : { script: out, promise: `script ${out}` }
}

/** @returns the promise that the mutant broke, or null */
async function simulate(folder, seed, runs) {
  const args = ['--seed', String(seed), '--runs', String(runs), '--stop-at-first', '--json']
  const seconds = START_S + runs * RUN_S
  const { code, signal, out, err } = await runProgram(join(folder, 'sim', 'main.js'), args, seconds)
  if (code === 0) return null
  const promise = endlessness(signal, seconds)
  if (promise !== null) return { seed, promise }
  const failed = out.startsWith('{') ? JSON.parse(out).failed[0] : undefined
  if (failed) return { seed: failed.seed, promise: failed.violations[0].promise }
  throw new Error(`the simulator failed:\n${err}`)
}

/** Most are caught by the first seeds; what only slows the ring down is caught by the scripts' limits. */
async function tryMutation(mutation, sound, folder, { seed, runs }) {
  const mutant = join(folder, mutation.name)
  cpSync(sound, mutant, { recursive: true })
  writeFileSync(join(mutant, mutation.file.replace(/\.ts$/, '.js')), mutate(mutation))
  const caught =
    (await simulate(mutant, seed, Math.min(runs, QUICK_RUNS))) ??
    (await playScripts(mutant, mutation)) ??
    (runs > QUICK_RUNS ? await simulate(mutant, seed + QUICK_RUNS, runs - QUICK_RUNS) : null)
  rmSync(mutant, { recursive: true })
  return { name: mutation.name, fault: mutation.fault, caught }
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
  const [seed, runs, jobs] = [Number(values.seed), Number(values.runs), Number(values.jobs)]
  if (!(jobs >= 1)) throw new Error(`--jobs takes a whole number from 1, not "${values.jobs}"`)
  const folder = mkdtempSync(join(tmpdir(), 'ais-mutations-'))
  const rows = []
  let next = 0
  const work = async (sound) => {
    while (next < chosen.length) {
      const at = next++
      rows[at] = await tryMutation(chosen[at], sound, folder, { seed, runs })
      if (!values.json) console.log(describe(rows[at]))
    }
  }
  try {
    const sound = join(folder, 'sound')
    compileAll(sound)
    await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, () => work(sound)))
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
      jobs: { type: 'string', default: '1' },
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
