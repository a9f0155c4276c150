import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LineOutput } from '../../../src/exec/line-output.js'

describe('LineOutput', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ais-test-'))
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  test('writes lines in order', async () => {
    const path = join(directory, 'out')
    const fd = openSync(path, 'w')
    const output = new LineOutput(fd)
    for (let i = 0; i < 100; i++) output.write(`line ${i}\n`)
    await output.close(10_000)
    closeSync(fd)
    expect(readFileSync(path, 'utf8')).toBe(Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(''))
  })

  test('tells once that nothing can be written any more', async () => {
    const fd = openSync('/dev/full', 'w')
    const causes: string[] = []
    await new Promise<void>((resolve) => {
      const output = new LineOutput(fd, (cause) => {
        causes.push(cause)
        output.write('after the end\n')
        resolve()
      })
      output.write('line\n')
      output.write('line\n')
    })
    closeSync(fd)
    expect(causes).toEqual(['ENOSPC'])
  })

  test('a reader that does not read costs lines, not memory or time', async () => {
    const fifo = join(directory, 'fifo')
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0)
    const { O_RDWR, O_NONBLOCK } = (await import('node:fs')).constants
    const fd = openSync(fifo, O_RDWR | O_NONBLOCK)
    const output = new LineOutput(fd)
    const line = `${'x'.repeat(9999)}\n`
    for (let i = 0; i < 500; i++) output.write(line)
    expect(output.dropped).toBeGreaterThan(350)
    await output.close(50)
    closeSync(fd)
  })
})
