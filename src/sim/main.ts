import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runCampaign, type CampaignResult } from './campaign.js'
import { missingCoverage, requiredCoverage } from './coverage.js'
import { measureFormation } from './formation.js'
import { runSeed } from './run.js'
import { runScript } from './script.js'

const USAGE = `Usage: npm run sim -- [options]

  --seed N              first seed (default 1)
  --runs R              seeds N to N+R-1 (default 1)
  --nodes n             nodes of each run (default: 2 to 5, drawn from the seed)
  --steps s             faults and bursts of messages in each run (default 40)
  --jobs J              threads (default 1); the output does not depend on it
  --log                 print the log of the run (one run only)
  --stop-at-first     end each thread at its first broken promise
  --require-coverage    fail when a fault or branch of docs/testing.md never occurred
  --formation 2,3,16    instead: how long so many nodes take to form a ring, and what it costs each
  --script FILE         instead: run a scenario of test/testdata/totem and print what it shows
  --json                one line of JSON

Exit codes: 0 all promises kept, 1 a promise broken or coverage missing, 2 wrong usage.`

const DEFAULT_STEPS = 40

function number(text: string, name: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError(`--${name} takes a whole number of at least ${least}, not "${text}"`)
}

class UsageError extends Error {}

function parse(): ReturnType<typeof parseFlags> {
  try {
    return parseFlags()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function parseFlags() {
  return parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      nodes: { type: 'string' },
      steps: { type: 'string', default: String(DEFAULT_STEPS) },
      jobs: { type: 'string', default: '1' },
      log: { type: 'boolean', default: false },
      'stop-at-first': { type: 'boolean', default: false },
      'require-coverage': { type: 'boolean', default: false },
      formation: { type: 'string' },
      script: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values
}

async function main(): Promise<number> {
  const flags = parse()
  if (flags.help) {
    console.log(USAGE)
    return 0
  }
  if (flags.script !== undefined) {
    console.log(runScript(readFileSync(flags.script, 'utf8')))
    return 0
  }
  const seed = number(flags.seed, 'seed', 0)
  if (flags.formation !== undefined) return formation(flags.formation.split(','), seed, flags.json)
  const runs = number(flags.runs, 'runs', 1)
  const nodes = flags.nodes === undefined ? null : number(flags.nodes, 'nodes', 2)
  const steps = number(flags.steps, 'steps', 0)
  if (flags.log) {
    if (runs > 1) throw new UsageError('--log goes with one run')
    runSeed({ seed, nodes, steps, log: (line) => console.log(line) })
  }
  const startedMs = performance.now()
  const result = await runCampaign(
    { seed, runs, nodes, steps, jobs: number(flags.jobs, 'jobs', 1), stopAtFirst: flags['stop-at-first'] },
    (done) => {
      if (done % 100 === 0) console.error(`${done} of ${runs} runs, ${elapsed(startedMs)} s`)
    },
  )
  console.error(`took ${elapsed(startedMs)} s`)
  const missing = flags['require-coverage'] ? missingCoverage(result.counters) : []
  report(result, missing, { seed, nodes, steps, json: flags.json })
  return result.failed.length > 0 || missing.length > 0 ? 1 : 0
}

function elapsed(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1)
}

interface ReportOptions {
  readonly seed: number
  readonly nodes: number | null
  readonly steps: number
  readonly json: boolean
}

function report(result: CampaignResult, missing: readonly string[], options: ReportOptions): void {
  const { failed, ...figures } = result
  const nodes = options.nodes === null ? '' : ` --nodes ${options.nodes}`
  const broken = failed.map(({ seed, violations }) => ({
    seed,
    violations,
    replay: `npm run sim -- --seed ${seed}${nodes} --steps ${options.steps} --log`,
  }))
  if (options.json) {
    console.log(JSON.stringify({ seed: options.seed, ...figures, missing, failed: broken }))
    return
  }
  for (const [name, value] of Object.entries(figures.counters).sort(([a], [b]) => (a < b ? -1 : 1))) {
    console.log(`${name.padEnd(36)} ${String(value).padStart(12)}  ${requiredCoverage[name] ?? ''}`.trimEnd())
  }
  for (const name of missing) console.log(`NEVER OCCURRED: ${name} (${requiredCoverage[name]})`)
  for (const { replay, violations } of broken) {
    for (const { promise, message } of violations) console.log(`BROKEN PROMISE ${promise}: ${message}`)
    console.log(`replay: ${replay}`)
  }
  console.log(
    `${figures.runs} runs, ${figures.messages} messages, ${figures.configurations} configurations, ` +
      `${Math.round(figures.virtualMs / 1000)} virtual seconds, slowest convergence ` +
      `${Math.round(figures.convergenceMs)} ms, ${failed.length} runs with broken promises`,
  )
}

function formation(counts: readonly string[], seed: number, json: boolean): number {
  const rows = counts.map((text) => measureFormation(number(text, 'formation', 1), seed))
  if (json) {
    console.log(JSON.stringify(rows))
  } else {
    console.log('nodes  formed ms  configurations  frames/node  octets/node')
    for (const { nodes, formedMs, configurations, frames, octets } of rows) {
      const cells = [String(nodes).padStart(5), (formedMs?.toFixed(0) ?? 'never').padStart(9)]
      cells.push(
        configurations.toFixed(1).padStart(14),
        String(frames).padStart(11),
        String(octets).padStart(11),
      )
      console.log(cells.join('  '))
    }
  }
  return rows.every(({ formedMs }) => formedMs !== null) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n\n${USAGE}`)
  process.exitCode = 2
}
