import { performance } from 'node:perf_hooks'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers'
import { fileURLToPath } from 'node:url'

const runPath = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** Lines of the log kept for error messages. */
const LOG_LINES_KEPT = 2000

/** One life of one `ais exec` process. What it prints is collected and can be awaited. */
export class Daemon {
  /** Every configuration printed, in order, with the time it was read. */
  configurations = []
  /** Every line of stdout that is not a configuration. */
  otherLines = []
  log = []
  /** Time of the first log line (performance.now()), once there was one. */
  startedAtMs = undefined
  exit = undefined
  #checks = new Set()

  /** @param prefix command that runs another in the node's host; empty on this one */
  constructor({ prefix = [], configDir, args = [], env = {} }) {
    const command = [
      ...prefix,
      process.execPath,
      runPath,
      'exec',
      '--json',
      '--config-dir',
      configDir,
      ...args,
    ]
    this.spawnedAtMs = performance.now()
    this.process = spawn(command[0], command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    })
    this.process.on('error', (error) => this.#onLogLine(error.message))
    createInterface({ input: this.process.stdout }).on('line', (line) => this.#onLine(line))
    createInterface({ input: this.process.stderr }).on('line', (line) => this.#onLogLine(line))
    this.exited = once(this.process, 'close').then(async ([code, signal]) => {
      await new Promise((resolve) => setImmediate(resolve)) // the last lines are on their way
      this.exit = { code, signal }
      this.#recheck()
      return this.exit
    })
  }

  get pid() {
    return this.process.pid
  }

  get last() {
    return this.configurations[this.configurations.length - 1]
  }

  signal(signal) {
    this.process.kill(signal)
  }

  /** kill -9, and wait until it is gone. */
  async kill() {
    this.signal('SIGKILL')
    await this.exited
  }

  /** SIGTERM, and wait until it is gone. */
  async stop() {
    this.signal('SIGTERM')
    return this.exited
  }

  /**
   * The first truthy value of `check`, called now and after each line and the exit.
   * @param what for the error when it does not come within `timeoutMs`
   */
  until(check, what, timeoutMs = 20_000) {
    return new Promise((resolve, reject) => {
      const fail = (why) => {
        done()
        reject(new Error(`pid ${this.pid} did not come to ${what}: ${why}\n${this.describe()}`))
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

  /** The first configuration from index `from` on that fits. */
  configuration(fits, what, { from = 0, timeoutMs } = {}) {
    return this.until(() => this.configurations.slice(from).find(fits), what, timeoutMs)
  }

  /** The first log line that matches. */
  logLine(pattern, timeoutMs) {
    return this.until(
      () => this.log.find((line) => pattern.test(line)),
      `a log line like ${pattern}`,
      timeoutMs,
    )
  }

  started(timeoutMs) {
    return this.until(() => this.startedAtMs, 'its first log line', timeoutMs)
  }

  describe() {
    const exit = this.exit === undefined ? 'running' : `ended with ${this.exit.code ?? this.exit.signal}`
    const last = this.configurations.slice(-4).map((configuration) => JSON.stringify(configuration))
    return [`${exit}; last configurations:`, ...last, 'log:', ...this.log.slice(-30)].join('\n')
  }

  #onLine(line) {
    const atMs = performance.now()
    try {
      this.configurations.push({ ...JSON.parse(line), atMs })
    } catch {
      this.otherLines.push(line)
    }
    this.#recheck()
  }

  #onLogLine(line) {
    this.startedAtMs ??= performance.now()
    this.log.push(line)
    if (this.log.length > LOG_LINES_KEPT) this.log.shift()
    this.#recheck()
  }

  #recheck() {
    for (const check of [...this.#checks]) check()
  }
}
