import { root, runProgram } from './run-ais.js'

/** The real command in a shell, which redirects what it writes. */
const inShell = (line: string): ReturnType<typeof runProgram> =>
  runProgram('sh', ['-c', line.replaceAll('ais', '"$0" "$1"'), process.execPath, `${root}/bin/run.js`])

describe('where the output of a command goes', () => {
  test.each(['ais --help', 'ais --version', 'ais config explain', 'ais config explain lease --json'])(
    '%s to a full device says so in a line',
    async (line) => {
      const { code, stderr } = await inShell(`${line} > /dev/full`)
      expect(stderr).toMatch(/^ais: stdout cannot be written: ENOSPC[^\n]*\n$/)
      expect(code).toBe(1)
    },
  )

  test('a full device for both outputs ends in no loop', async () => {
    const { code, stderr } = await inShell('ais config explain > /dev/full 2> /dev/full')
    expect(stderr).toBe('')
    expect(code).toBe(1)
  })

  test('a reader that goes away is no error', async () => {
    const { stdout, stderr } = await inShell('{ ais config explain; echo "code $?" >&2; } | head -n 1')
    expect(stdout.split('\n')).toHaveLength(2)
    expect(stderr).toBe('code 0\n')
  })
})
