import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers'
import { fileURLToPath } from 'node:url'

const runPath = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** A running command of ais that prints as things happen: `ais clm watch`. */
export class ClientProgram {
  /** Lines of stdout. */
  lines = []
  /** When each was read (performance.now()). */
  lineTimesMs = []
  errorLines = []
  exit = undefined
  #checks = new Set()

  /** @param args of ais: ['clm', 'watch', '--json']; or of another program of Node.js */
  constructor(args, env = {}, program = runPath) {
    this.process = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    })
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.lines.push(line)
      this.lineTimesMs.push(performance.now())
      this.#recheck()
    })
    createInterface({ input: this.process.stderr }).on('line', (line) => {
      this.errorLines.push(line)
      this.#recheck()
    })
    this.exited = once(this.process, 'close').then(async ([code, signal]) => {
      await new Promise((resolve) => setImmediate(resolve)) // the last lines are on their way
      this.exit = { code, signal }
      this.#recheck()
      return this.exit
    })
  }

  /** Lines of stdout as JSON. */
  get documents() {
    return this.lines.map((line) => JSON.parse(line))
  }

  get output() {
    return this.lines.join('\n')
  }

  signal(signal) {
    this.process.kill(signal)
  }

  /** End it by a signal, and wait until it is gone. */
  async end(signal = 'SIGTERM') {
    this.signal(signal)
    return this.exited
  }

  /**
   * The first truthy value of `check`, called now and after each line.
   * @param what for the error when it does not come within `timeoutMs`
   */
  until(check, what, timeoutMs = 20_000) {
    return new Promise((resolve, reject) => {
      const fail = (why) => {
        done()
        reject(
          new Error(`${this.process.spawnargs.slice(2).join(' ')}: no ${what}: ${why}\n${this.describe()}`),
        )
      }
      const attempt = () => {
        const value = check()
        if (value) {
          done()
          resolve(value)
        } else if (this.exit !== undefined) fail('it ended')
      }
      const timeout = setTimeout(() => fail(`${timeoutMs} ms are over`), timeoutMs)
      const done = () => {
        clearTimeout(timeout)
        this.#checks.delete(attempt)
      }
      this.#checks.add(attempt)
      attempt()
    })
  }

  /** Wait for a line of stdout, from index `from` on. @returns its index */
  async line(pattern, { from = 0, timeoutMs } = {}) {
    const find = () => this.lines.findIndex((line, index) => index >= from && pattern.test(line)) + 1
    return (await this.until(find, `line like ${pattern}`, timeoutMs)) - 1
  }

  /** Wait for a line of stderr, from index `from` on. @returns its index */
  async errorLine(pattern, { from = 0, timeoutMs } = {}) {
    const find = () => this.errorLines.findIndex((line, index) => index >= from && pattern.test(line)) + 1
    return (await this.until(find, `line on stderr like ${pattern}`, timeoutMs)) - 1
  }

  describe() {
    const exit = this.exit === undefined ? 'running' : `ended with ${this.exit.code ?? this.exit.signal}`
    return [`${exit}; stdout:`, ...this.lines.slice(-40), 'stderr:', ...this.errorLines.slice(-20)].join('\n')
  }

  #recheck() {
    for (const check of [...this.#checks]) check()
  }
}
