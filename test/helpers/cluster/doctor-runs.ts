import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { CheckResult } from '../../../src/doctor/index.js'
import { root, runProgram } from '../../cli/run-ais.js'
import type { Host } from './cluster.mjs'

const runPath = `${root}/bin/run.js`

/** What one run of the doctor said, by the id of the check. */
export interface Visit {
  readonly code: number | null
  readonly checks: readonly CheckResult[]
  /** The one result of a check. */
  readonly of: (id: string) => CheckResult
}

/** Runs `ais doctor` on hosts, each with a configuration of its own; ends what it started. */
export class DoctorRuns {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ais-doctor-'))
  readonly #children: ChildProcess[] = []

  constructor(
    private readonly hosts: readonly Host[],
    private readonly network: Readonly<Record<string, string | number>>,
  ) {}

  /** Write the network.conf of a host. @returns its directory */
  configure(index: number, overrides: Readonly<Record<string, string | number>> = {}): string {
    const configDir = join(this.#directory, `host-${index + 1}`)
    mkdirSync(configDir, { recursive: true })
    const own = { bindnetaddr: this.hosts[index]!.address, nodename: `node-${index + 1}` }
    const paths = { statedir: join(configDir, 'state'), socket: join(configDir, 'ais.sock') }
    const keys = Object.entries({ ...own, ...paths, ...this.network, ...overrides })
    writeFileSync(join(configDir, 'network.conf'), keys.map(([key, value]) => `${key}:${value}\n`).join(''))
    return configDir
  }

  /** `ais doctor --json` at a host. */
  async visit(index: number, configDir: string, ...args: string[]): Promise<Visit> {
    const { prefix } = this.hosts[index]!
    const [program, ...rest] = [...prefix, process.execPath, runPath, 'doctor', '--json']
    const run = await runProgram(program!, [...rest, '--config-dir', configDir, ...args])
    try {
      const { checks } = JSON.parse(run.stdout) as { readonly checks: readonly CheckResult[] }
      const of = (id: string): CheckResult => {
        const found = checks.filter((result) => result.id === id)
        if (found.length !== 1) throw new Error(`${found.length} results of ${id}: ${run.stdout}`)
        return found[0]!
      }
      return { code: run.code, checks, of }
    } catch (error) {
      throw new Error(`${String(error)}: ${run.stdout}${run.stderr}`)
    }
  }

  /** `ais doctor --listen` at a host, which answers when this resolves. */
  async listen(index: number, configDir: string): Promise<ChildProcess> {
    return this.start(index, [runPath, 'doctor', '--listen', '--config-dir', configDir], /^answering on /)
  }

  /** Another program at a host, that has the UDP port when this resolves. */
  async holdPort(index: number, port: number): Promise<ChildProcess> {
    const bind = `bind(${port}, '${this.hosts[index]!.address}', () => console.error('held'))`
    return this.start(index, ['-e', `require('node:dgram').createSocket('udp4').${bind}`], /^held$/)
  }

  /** Run node at a host, until it prints a line like this on stderr. */
  private async start(index: number, args: readonly string[], ready: RegExp): Promise<ChildProcess> {
    const [program, ...rest] = [...this.hosts[index]!.prefix, process.execPath, ...args]
    const env = { ...process.env, NODE_OPTIONS: '' }
    const child = spawn(program!, rest, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#children.push(child)
    const said: string[] = []
    for await (const line of createInterface({ input: child.stderr })) {
      said.push(line)
      if (ready.test(line)) return child
    }
    throw new Error(`it ended: ${said.join('\n')}`)
  }

  /** End all that was started. */
  async endAll(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }),
    )
  }

  async close(): Promise<void> {
    await this.endAll()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
