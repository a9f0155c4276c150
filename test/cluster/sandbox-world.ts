import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runAis, type Run } from '../cli/run-ais.js'

export interface NodeLine {
  readonly name: string
  readonly nodeId: number
  readonly address: string
  readonly socket: string
  readonly pid: number | null
  readonly state: 'up' | 'paused' | 'down'
  readonly members: readonly string[] | null
  readonly quorate: boolean | null
  readonly followsPartition: boolean | null
}

export interface StatusLine {
  readonly dir: string
  readonly phase: string
  readonly mcastPort: number
  readonly partition: readonly (readonly string[])[] | null
  readonly nodes: readonly NodeLine[]
}

interface ConfigurationLine {
  readonly kind: string
  readonly members: readonly { readonly name: string }[]
}

/** A sandbox of a test in a directory of its own, driven by the commands alone. */
export class SandboxWorld {
  readonly work = realpathSync(mkdtempSync(join(tmpdir(), 'ais-sandbox-test-')))
  readonly dir: string

  /** @param name of its directory, below one that is made for the test */
  constructor(name = 'sandbox') {
    this.dir = join(this.work, name)
  }

  /** `ais cluster …` on this sandbox. */
  run(...args: string[]): Promise<Run> {
    return runAis(['cluster', ...args, '--dir', this.dir])
  }

  /** The same with --json. @returns its one line; an error is thrown when it fails */
  async json<T>(...args: string[]): Promise<T> {
    const run = await this.run(...args, '--json')
    if (run.code !== 0) throw new Error(`ais cluster ${args.join(' ')}: ${run.stdout}${run.stderr}`)
    return oneLine(run) as T
  }

  status(): Promise<StatusLine> {
    return this.json<StatusLine>('status')
  }

  /** Wait until the status is as wanted; nothing tells of it by itself. */
  async until(what: string, fits: (status: StatusLine) => boolean, timeoutMs = 20_000): Promise<StatusLine> {
    const deadlineMs = performance.now() + timeoutMs
    for (;;) {
      const status = await this.status()
      if (fits(status)) return status
      if (performance.now() > deadlineMs) throw new Error(`not ${what}: ${JSON.stringify(status)}`)
      await wait(100)
    }
  }

  /** Every configuration that a node has printed, as names of members. */
  configurations(name: string): string[] {
    return readFileSync(join(this.dir, name, 'configurations'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as ConfigurationLine).members.map((member) => member.name).join())
  }

  /** Pids of processes that have the test's directory on their command line. */
  processes(): number[] {
    return processesOf(this.work)
  }

  /** Pids of its executives; those only that are no copies any more of the command that starts them. */
  executives(): number[] {
    return processesOf(`\0--config-dir\0${this.work}`)
  }

  async close(): Promise<void> {
    const down = existsSync(this.dir) ? await this.run('down') : undefined
    const left = this.processes()
    for (const pid of left) process.kill(pid, 'SIGKILL')
    const shortcuts = shortcutsTo(this.work)
    rmSync(this.work, { recursive: true, force: true })
    if ((down?.code ?? 0) === 0 && left.length + shortcuts.length === 0) return
    throw new Error(`processes ${left.join()}, ${shortcuts.join()} were left: ${JSON.stringify(down)}`)
  }
}

/** Living processes with a path on their command line. */
export function processesOf(path: string): number[] {
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(path)
    } catch {
      return false
    }
  })
  return found.map(Number)
}

/** Directories of ours in the directory for temporary files that lead to a place. */
export function shortcutsTo(path: string): string[] {
  return readdirSync('/tmp').filter((name) => {
    if (!name.startsWith('ais-sandbox-') || !existsSync(`/tmp/${name}/to`)) return false
    return realpathSync(`/tmp/${name}/to`).startsWith(path)
  })
}

/** The one line of a --json answer. */
export function oneLine(run: Run): unknown {
  if (!/^[^\n]+\n$/.test(run.stdout)) throw new Error(`not one line: ${JSON.stringify(run)}`)
  return JSON.parse(run.stdout)
}

/** Each node as its name and the members it sees: 'node1: node1,node2'. */
export function sights({ nodes }: StatusLine): string[] {
  return nodes.map(({ name, state, members }) => `${name}: ${members?.join() ?? state}`)
}
