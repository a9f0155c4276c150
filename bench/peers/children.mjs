// The processes of the benchmark: all that were started are known, and ended by pid.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const running = new Set()
let isEnding = false

/** Longest output of a child that is kept. */
const OUTPUT_LENGTH = 1_000_000

/**
 * Start a program. It is killed when this process ends, however that happens.
 * @returns the child; `child.output` and `child.errors` grow, `child.ended` resolves with its exit code
 */
export function start(command, args, { input = '' } = {}) {
  if (isEnding) throw new Error('the benchmark is being ended')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], { stdio: 'pipe' })
  running.add(child)
  child.output = ''
  child.errors = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (child.output = keep(child.output, text)))
  child.stderr.setEncoding('utf8').on('data', (text) => (child.errors = keep(child.errors, text)))
  child.stdin.on('error', () => undefined) // it ended without reading
  child.stdin.end(input)
  child.on('error', (error) => (child.errors += `${command}: ${error.message}\n`))
  child.ended = once(child, 'close').then(
    ([code]) => {
      running.delete(child)
      return code ?? 1
    },
    () => {
      running.delete(child)
      return 1
    },
  )
  return child
}

/** Wait for its end; killed when it is late. @returns what it printed @throws Error when it failed */
export async function finish(child, what, timeoutMs) {
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    child.kill('SIGKILL')
  }, timeoutMs)
  const code = await child.ended
  clearTimeout(timer)
  if (isLate) throw new Error(`${what} took more than ${timeoutMs / 1000} s`)
  if (code !== 0) throw new Error(`${what} failed: ${child.errors.trim().split('\n').slice(-3).join('; ')}`)
  return child.output
}

/** Until its output has the text. @throws Error when it ends before */
export async function said(child, text, what) {
  while (!child.output.includes(text)) {
    const more = once(child.stdout, 'data').then(() => false)
    const ended = await Promise.race([more, child.ended.then(() => true)])
    if (ended && !child.output.includes(text)) throw new Error(`${what} ended: ${child.errors.trim()}`)
  }
}

/** SIGTERM, and SIGKILL to those that do not end in time. */
export async function stop(children, timeoutMs) {
  for (const child of children) child.kill('SIGTERM')
  const timer = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), timeoutMs)
  await Promise.all(children.map((child) => child.ended))
  clearTimeout(timer)
}

/** End all that still run; nothing can be started any more. */
export async function killAll() {
  isEnding = true
  await stop([...running], 2000)
}

function keep(before, text) {
  return (before + text).slice(-OUTPUT_LENGTH)
}
