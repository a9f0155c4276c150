import { fileURLToPath } from 'node:url'
import { BROKEN_PROMISE, runScript, ScriptError } from '../../src/sim/script.js'
import { testScripts } from '../helpers/datadriven.js'

const folder = fileURLToPath(new URL('../testdata/totem', import.meta.url))

describe('protocol scenarios', () => {
  testScripts(folder, runScript, (output) => {
    // Expectations may be rewritten, these may not.
    expect(output).not.toContain(BROKEN_PROMISE)
    expect(output).not.toMatch(/^not within /m)
  })
})

describe('the interpreter', () => {
  const run = (...lines: string[]): string => runScript(['nodes 2', ...lines, '----', ''].join('\n'))

  test('what comes out differs when the expectation is wrong', () => {
    const right = run('start 1', 'until-ring 1', 'show configurations')
    expect(right).toContain('1:\n  regular #1: members 1; joined 1')
    const wrong = right.replace('members 1', 'members 1 2')
    expect(runScript(wrong)).toBe(right)
  })

  test('the same script gives the same output twice', () => {
    const lines = ['start 1 2', 'send 1 agreed "a"', 'crash 2', 'run 3s', 'show events', 'show log "."']
    expect(run(...lines)).toBe(run(...lines))
  })

  test('what does not come about in time is said', () => {
    expect(run('start 1', 'until-ring 1 2 within 300ms')).toContain('not within 300 ms: 1 2')
  })

  test.each([
    ['jump 1', 'line 2: unknown command "jump"; there are: nodes, add, start'],
    ['start 7', 'line 2: there is no node "7"; there are: 1 2'],
    ['run 5', 'line 2: expected a time such as 500ms, 3s, 1m, found 5'],
    ['send 1 agreed a', 'line 2: expected the name of a message in quotes, found a'],
    ['send 1 sure "a"', 'line 2: expected one of agreed, safe, found sure'],
    ['send 1 safe "a" size 2MB', 'line 2: expected a size such as 64B, 10KiB, 1MiB, found 2MB'],
    ['cut 1-2', 'line 2: expected a link such as 1>2, found 1-2'],
    ['drop next letter from 1 to 2', 'line 2: expected one of data, token,'],
    ['add x', 'line 2: "x" is no name of a node'],
    ['add 2', 'line 2: there is a node 2 already'],
    ['until-state 1', 'line 2: expected one of gather, commit, recovery, operational, left, found the end'],
  ])('%s is refused by line', (line, message) => {
    expect(() => run(line)).toThrow(ScriptError)
    expect(() => run(line)).toThrow(message)
  })

  test('commands without a line of dashes behind them are refused', () => {
    expect(() => runScript('nodes 2\nstart 1\n')).toThrow('line 2: the commands that end here need')
  })
})
