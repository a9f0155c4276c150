import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as prettier from 'prettier'
import { asMarkdown, asText, type Setting } from '../../../bench/peers/report.mjs'
import {
  combineClients,
  compare,
  failures,
  median,
  type ComparedRow,
  type Row,
  type Run,
} from '../../../bench/peers/rows.mjs'

const setting: Setting = {
  nodes: 3,
  mtu: 1500,
  rounds: 3,
  seconds: 2,
  cpus: 2,
  nodeVersion: 'v20.0.0',
  corosyncVersion: '3.1.7',
  koffiVersion: '3.0.0',
  load: 0.25,
  date: '2026-01-01',
}

/** In the place of the installer: what it was called with goes to a file beside it. */
const NOTE_ARGUMENTS = `
const { appendFileSync } = require('node:fs')
appendFileSync(__dirname + '/notes', process.argv.slice(2).join(' ') + '\\n')
`

function throughput(senders: 1 | 'all', size: number, messagesPerSecond: number): Row {
  const cpu = { daemonCpuSeconds: 1.5, clientCpuSeconds: 0.5 }
  return { mode: 'throughput', senders, size, messagesPerSecond, ...cpu }
}

function latency(size: number, p50Us: number, p99Us: number): Row {
  return { mode: 'latency', senders: 1, size, p50Us, p99Us }
}

/** Rounds of one variant, one row each. */
function runsOf(variant: string, rows: readonly Row[]): Run[] {
  const system = variant === 'ais' ? 'ais' : 'corosync'
  return rows.map((row, index) => ({ round: index + 1, system, variant, rows: [row] }))
}

function row(compared: readonly ComparedRow[], name: string): ComparedRow {
  const found = compared.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no row ${name} in ${compared.map((one) => one.name).join('; ')}`)
  return found
}

function client(overrides: Record<string, unknown>): string {
  const figures = { messagesPerSecond: 900, megabytesPerSecond: 0.9, cpuSeconds: 0.25, sent: 500 }
  const checks = { gaps: 0, damaged: 0, order: 'a1', delivered: 1000 }
  return `${JSON.stringify({ node: 1, ...figures, ...checks, ...overrides })}\n`
}

describe('median', () => {
  test.each([
    [[5], 5],
    [[9, 1, 5], 5],
    [[100, 20, 3], 20],
    [[4, 1, 3, 2], 2.5],
    [[], undefined],
  ])('of %j is %j', (values, expected) => {
    expect(median(values)).toBe(expected)
  })

  test('leaves its values as they were', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('clients of corosync', () => {
  test('the slowest member counts, processor time adds up', () => {
    const outputs = [
      client({}),
      client({ messagesPerSecond: 800, megabytesPerSecond: 0.8, sent: 1000 }),
      client({ sent: 0 }),
    ]
    expect(combineClients(outputs)).toEqual({
      messagesPerSecond: 800,
      megabytesPerSecond: 0.8,
      slowestToFastest: 0.5,
      clientCpuSeconds: 0.75,
    })
  })

  test('latency is that of the one who sent', () => {
    const outputs = [client({ p50Us: 100, p90Us: 200, p99Us: 300 }), client({})]
    expect(combineClients(outputs)).toEqual({
      p50Us: 100,
      p90Us: 200,
      p99Us: 300,
      clientCpuSeconds: 0.5,
    })
  })

  test.each([
    ['gaps', { gaps: 1 }, /1 gaps/],
    ['damaged messages', { damaged: 2 }, /2 damaged/],
    ['another order', { order: 'b2' }, /different orders/],
    ['another number of messages', { delivered: 999 }, /different orders/],
  ])('%s are no figures', (_, overrides, message) => {
    expect(() => combineClients([client({}), client(overrides)])).toThrow(message)
  })
})

describe('the comparison', () => {
  test('takes the median of each variant, then the best of them', () => {
    const compared = compare([
      // One lucky run does not make a variant the best.
      ...runsOf('udp', [throughput(1, 64, 100), throughput(1, 64, 9000), throughput(1, 64, 110)]),
      ...runsOf('knet', [throughput(1, 64, 200), throughput(1, 64, 190), throughput(1, 64, 210)]),
      ...runsOf('ais', [throughput(1, 64, 700), throughput(1, 64, 500), throughput(1, 64, 600)]),
    ])
    const found = row(compared, 'throughput, one sender, 64 B')
    expect(found.corosync).toMatchObject({ variant: 'knet', value: 200, least: 190, greatest: 210, runs: 3 })
    expect(found.ours).toMatchObject({ value: 600, runs: 3 })
    expect(found.ratio).toBeCloseTo(3)
    expect(found.isMet).toBe(true)
  })

  test.each([
    [64, 299, false],
    [64, 300, true],
    [1000, 199, false],
    [1000, 200, true],
    [10_000, 149, false],
    [10_000, 150, true],
    [250_000, 150, true],
  ])('%i B: %i against 100 is met: %j', (size, ours, isMet) => {
    const runs = [
      ...runsOf('udp', [throughput('all', size, 100)]),
      ...runsOf('ais', [throughput('all', size, ours)]),
    ]
    expect(row(compare(runs), `throughput, all send, ${size} B`).isMet).toBe(isMet)
  })

  test('of latency less is better, and the best variant is that of each figure', () => {
    const compared = compare([
      ...runsOf('udp', [latency(64, 100, 500)]),
      ...runsOf('knet', [latency(64, 200, 400)]),
      ...runsOf('ais', [latency(64, 100, 401)]),
    ])
    expect(row(compared, 'latency p50, 64 B')).toMatchObject({
      corosync: { variant: 'udp', value: 100 },
      ratio: 1,
      isMet: true,
    })
    expect(row(compared, 'latency p99, 64 B')).toMatchObject({
      corosync: { variant: 'knet', value: 400 },
      isMet: false,
    })
  })

  test.each([
    [100, 50, true],
    [100, 49, false],
  ])('large messages: alone %i, all together %i: no collapse: %j', (alone, together, isMet) => {
    const runs = [
      ...runsOf('ais', [throughput(1, 64_000, alone), throughput('all', 64_000, together)]),
      ...runsOf('udp', [throughput(1, 64_000, 10), throughput('all', 64_000, 1)]),
    ]
    const found = row(compare(runs), 'all against one sender, 64000 B')
    expect(found.isMet).toBe(isMet)
    expect(found.corosync.value).toBeCloseTo(0.1)
  })

  test('a failed row is in no median, and told', () => {
    const failed: Row = { mode: 'throughput', senders: 1, size: 64, error: 'a client ended' }
    const runs = runsOf('udp', [throughput(1, 64, 100), failed, throughput(1, 64, 120)])
    const [only] = compare(runs)
    expect(only.corosync).toMatchObject({ value: 110, runs: 2 })
    expect(only.isMet).toBeUndefined()
    expect(failures(runs)).toEqual(['round 2, udp, throughput, one sender, 64 B: a client ended'])
  })

  test('what was not measured has no row', () => {
    const compared = compare(runsOf('udp', [throughput(1, 64, 100)]))
    expect(compared.map(({ name }) => name)).toEqual(['throughput, one sender, 64 B'])
  })
})

describe('the report', () => {
  const runs = [
    ...runsOf('knet, sched_rr no', [throughput(1, 64_000, 1000), latency(64, 250.4, 500)]),
    ...runsOf('ais', [throughput(1, 64_000, 2000), latency(64, 300, 400)]),
  ]

  test('has a line a row, with whether its goal is met', () => {
    const lines = asText(setting, compare(runs), runs).split('\n')
    const line = (start: string) => lines.find((candidate) => candidate.startsWith(start))
    expect(lines[0]).toContain('machine of 2 cores (load before: 0.3), MTU 1500, 2026-01-01; median of 3')
    expect(line('throughput, one sender, 64000 B')).toMatch(/64\.0 MB\/s +knet, sched_rr no +128\.0 MB\/s/)
    expect(line('throughput, one sender, 64000 B')).toMatch(/2\.00 +≥ 1\.5 +yes$/)
    expect(line('latency p50')).toMatch(/250 µs +knet, sched_rr no +300 µs +1\.20 +≤ 1 +no$/)
    expect(line('latency p99')).toMatch(/0\.80 +≤ 1 +yes$/)
  })

  test('says when the library that sends many frames at once is missing', () => {
    expect(asText(setting, [], [])).toContain('koffi 3.0.0')
    expect(asText({ ...setting, koffiVersion: null }, [], [])).toContain('without koffi')
  })

  test('as Markdown is as the formatter of the house leaves it', async () => {
    const failed = runsOf('udp', [{ mode: 'throughput', senders: 'all', size: 64, error: 'too late' }])
    const all = [...runs, ...failed]
    const markdown = `${asMarkdown(setting, compare(all), all)}\n`
    expect(markdown).toContain('- round 1, udp, throughput, all send, 64 B: too late')
    expect(await prettier.format(markdown, { parser: 'markdown' })).toBe(markdown)
  })
})

describe('npm run bench:peers', () => {
  const main = fileURLToPath(new URL('../../../bench/peers/main.mjs', import.meta.url))

  test.each([
    [['--rounds', '0'], '--rounds is a whole number from 1 to 1000, not 0'],
    [['--nodes', '1'], '--nodes is a whole number from 2 to 32, not 1'],
    [['--systems', 'spread'], '--systems knows udp; udp, sched_rr no; knet'],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' })
    expect(stderr).toContain(message)
    expect(status).toBe(1)
  })

  describe('where programs are missing', () => {
    const isRoot = process.platform === 'linux' && process.getuid?.() === 0
    let directory: string

    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'ais-peers-test-'))
      const installer = `#!${process.execPath}\n${NOTE_ARGUMENTS}`
      writeFileSync(join(directory, 'apt-get'), installer, { mode: 0o755 })
    })

    afterEach(() => rmSync(directory, { recursive: true }))

    function runThere(...args: string[]) {
      const environment = { ...process.env, PATH: directory }
      const { status, stderr } = spawnSync(process.execPath, [main, ...args], {
        encoding: 'utf8',
        env: environment,
      })
      const notes = join(directory, 'notes')
      return { status, stderr, installed: existsSync(notes) ? readFileSync(notes, 'utf8') : '' }
    }

    test('tells which, and what to do, and installs nothing by itself', () => {
      const { status, stderr, installed } = runThere()
      expect(stderr).toContain(isRoot ? 'corosync is missing (package corosync)' : 'run this as root')
      if (isRoot) expect(stderr).toContain('--install')
      expect(installed).toBe('')
      expect(status).toBe(1)
    })

    test('installs them when told to, and looks again', () => {
      const { status, stderr, installed } = runThere('--install')
      expect(stderr).toContain(isRoot ? 'corosync is missing (package corosync)' : 'run this as root')
      expect(installed).toMatch(isRoot ? /^update\ninstall -y corosync libcpg-dev .*gcc/ : /^$/)
      expect(status).toBe(1)
    })
  })
})
