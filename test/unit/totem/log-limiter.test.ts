import { LogLimiter } from '../../../src/totem/log-limiter.js'
import { portOf } from './port.js'

function limiterOf(): { limiter: LogLimiter; lines: string[] } {
  const lines: string[] = []
  const port = portOf({ log: (level, message) => lines.push(`${level} ${message}`) })
  return { limiter: new LogLimiter(port), lines }
}

describe('LogLimiter', () => {
  test('what happens all the time is said once a minute, with how often it did', () => {
    const { limiter, lines } = limiterOf()
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 1000) limiter.log('warning', 'x', 'it rains', nowMs)
    expect(lines).toEqual(['warning it rains', 'warning it rains (repeated 59 times)'])
  })

  test('what happens rarely is said each time, without a count', () => {
    const { limiter, lines } = limiterOf()
    for (const nowMs of [0, 61_000, 200_000]) limiter.log('error', 'x', 'thunder', nowMs)
    expect(lines).toEqual(['error thunder', 'error thunder', 'error thunder'])
  })

  test('one thing does not silence another', () => {
    const { limiter, lines } = limiterOf()
    for (const key of ['a', 'b', 'a', 'b']) limiter.log('info', key, key, 0)
    expect(lines).toEqual(['info a', 'info b'])
  })

  test('strangers cannot make it remember without bound, nor flood the log for long', () => {
    const { limiter, lines } = limiterOf()
    for (let i = 0; i < 100_000; i++) limiter.log('info', `key ${i % 200}`, 'm', 0)
    expect(lines).toHaveLength(200)
  })
})
