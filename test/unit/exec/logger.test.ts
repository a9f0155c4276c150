import { Logger, type LogFormat } from '../../../src/exec/logger.js'
import type { LogLevel } from '../../../src/totem/port.js'

describe('Logger', () => {
  let nowMs: number
  let lines: string[]

  beforeEach(() => {
    nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
    lines = []
  })

  const loggerWith = (level: LogLevel, format: LogFormat): Logger =>
    new Logger({ level, format, write: (line) => lines.push(line), wallMs: () => nowMs })

  test('writes time, level, subsystem and message', () => {
    loggerWith('info', 'text').log('warning', 'totem', 'the token was lost')
    expect(lines).toEqual(['2026-01-02T03:04:05.678Z warning totem     the token was lost\n'])
  })

  test('writes one JSON document a line', () => {
    loggerWith('info', 'json').log('error', 'transport', 'a "quoted"\nword')
    expect(lines).toHaveLength(1)
    expect(lines[0].endsWith('\n')).toBe(true)
    expect(JSON.parse(lines[0])).toEqual({
      time: '2026-01-02T03:04:05.678Z',
      level: 'error',
      subsystem: 'transport',
      message: 'a "quoted"\nword',
    })
  })

  test('keeps a message on one line of text', () => {
    loggerWith('info', 'text').log('error', 'config', 'first\n  second')
    expect(lines[0].split('\n')).toHaveLength(2)
  })

  test('leaves out what is below its level', () => {
    const logger = loggerWith('notice', 'text')
    for (const level of ['error', 'warning', 'notice', 'info', 'debug'] as const)
      logger.log(level, 'exec', level)
    expect(lines.map((line) => line.trim().split(' ').pop())).toEqual(['error', 'warning', 'notice'])
  })

  test('holds repeats back and reports their number', () => {
    const logger = loggerWith('info', 'text')
    for (let i = 0; i < 28; i++) logger.log('warning', 'transport', 'ENETUNREACH')
    expect(lines).toHaveLength(1)
    nowMs += 4999
    logger.flush()
    expect(lines).toHaveLength(1)
    nowMs += 1
    logger.flush()
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain('ENETUNREACH (repeated 27 times)')
    logger.log('warning', 'transport', 'ENETUNREACH')
    expect(lines).toHaveLength(3)
  })

  test('reports what it held back when the message comes again later, and at the end', () => {
    const logger = loggerWith('info', 'text')
    logger.log('info', 'exec', 'again')
    logger.log('info', 'exec', 'again')
    nowMs += 6000
    logger.log('info', 'exec', 'again')
    logger.log('info', 'exec', 'again')
    logger.log('info', 'exec', 'again')
    logger.flush(true)
    expect(lines.map((line) => line.slice(43).trim())).toEqual([
      'again',
      'again (repeated once)',
      'again',
      'again (repeated 2 times)',
    ])
  })

  test('different messages do not hold each other back, and memory of them is bounded', () => {
    const logger = loggerWith('info', 'text')
    for (let i = 0; i < 1000; i++) logger.log('info', 'exec', `message ${i}`)
    logger.log('info', 'exec', 'message 0')
    expect(lines).toHaveLength(1001)
  })
})
