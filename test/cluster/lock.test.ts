import { jest } from '@jest/globals'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

jest.setTimeout(60_000)

const starterPath = fileURLToPath(new URL('../helpers/cluster/lock-starter.mjs', import.meta.url))

/** A process that starts for a lock when told to. */
class Starter {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  constructor(directory: string) {
    this.#process = spawn(process.execPath, [starterPath, directory], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.stdin.on('error', () => undefined)
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.#process.pid!
  }

  async nextLine(): Promise<string> {
    return String((await this.#lines.next()).value)
  }

  go(): void {
    this.#process.stdin.write('go\n')
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGKILL')
    await once(this.#process, 'exit')
  }
}

test('of many starters for a dead executive’s lock exactly one wins, and the others name it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ais-lock-'))
  const starters: Starter[] = []
  try {
    let holder: Starter | undefined
    for (let round = 0; round < 5; round++) {
      const racers = Array.from({ length: 8 }, () => new Starter(directory))
      starters.push(...racers)
      await Promise.all(racers.map((racer) => racer.nextLine()))
      await holder?.kill() // leaves its socket behind
      for (const racer of racers) racer.go()
      const results = await Promise.all(racers.map((racer) => racer.nextLine()))
      const winners = racers.filter((_, index) => results[index] === 'won')
      expect(winners).toHaveLength(1)
      holder = winners[0]
      const refusal = `another executive with pid ${holder.pid} holds the state directory ${directory}`
      expect(results.filter((result) => result !== 'won')).toEqual(Array(7).fill(refusal))
    }
  } finally {
    await Promise.all(starters.map((starter) => starter.kill()))
    await rm(directory, { recursive: true })
  }
})
