import { limits } from '../../../../src/base/index.js'
import { KnownProcesses } from '../../../../src/totem/membership/known-processes.js'
import { FrameKind, type FrameHeader } from '../../../../src/totem/wire/header.js'

function headerOf(sender: number, counter: number, incarnation = 1): FrameHeader {
  return { kind: FrameKind.join, flags: 0, sender, incarnation, counter }
}

describe('KnownProcesses', () => {
  test('a message is news once; older ones are replays', () => {
    const known = new KnownProcesses()
    expect([1, 2, 2, 1, 3].map((counter) => known.take(headerOf(5, counter), 0))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
  })

  test('each process counts for itself, each life of a node too', () => {
    const known = new KnownProcesses()
    known.take(headerOf(5, 9), 0)
    expect(known.take(headerOf(6, 1), 0)).toBe(true)
    expect(known.take(headerOf(5, 1, 2), 0)).toBe(true)
    expect(known.take(headerOf(5, 8), 0)).toBe(false)
  })

  test('a forged counter does not silence for long the process it was forged for', () => {
    const known = new KnownProcesses()
    known.take(headerOf(5, 10), 0)
    expect(known.take(headerOf(5, 2 ** 50), 0)).toBe(true)
    let counter = 11
    let nowMs = 0
    while (!known.take(headerOf(5, counter), nowMs)) {
      counter++
      nowMs += 200
      expect(nowMs).toBeLessThan(5000)
    }
    expect(known.take(headerOf(5, counter + 1), nowMs)).toBe(true)
    expect(known.take(headerOf(5, counter), nowMs)).toBe(false)
  })

  test('replays do not pass for the true process while that one speaks', () => {
    const known = new KnownProcesses()
    for (let counter = 1; counter <= 100; counter++) known.take(headerOf(5, counter), counter)
    let taken = 0
    for (let i = 1; i <= 100; i++) {
      expect(known.take(headerOf(5, 100 + i), i * 200)).toBe(true)
      if (known.take(headerOf(5, i), i * 200)) taken++
    }
    expect(taken).toBe(0)
  })

  test('after a long silence its next message is news, and counting goes on from there', () => {
    const known = new KnownProcesses()
    known.take(headerOf(5, 1), 0)
    expect(known.take(headerOf(5, 5000), 0)).toBe(true)
    expect(known.take(headerOf(5, 5001), 0)).toBe(true)
    expect(known.take(headerOf(5, 5001), 0)).toBe(false)
    expect(known.take(headerOf(5, 4000), 0)).toBe(false)
  })

  test('it tells who was heard lately, each node once, sorted', () => {
    const known = new KnownProcesses()
    known.take(headerOf(9, 1), 100)
    known.take(headerOf(5, 1), 200)
    known.take(headerOf(5, 1, 2), 300)
    expect(known.heard(300, 1000)).toEqual([5, 9])
    expect(known.heard(1150, 1000)).toEqual([5])
    expect(known.heard(9999, 1000)).toEqual([])
    known.take(headerOf(9, 1), 9000)
    expect(known.heard(9999, 1000)).toEqual([])
  })

  test('strangers cannot fill the memory: who was silent longest is forgotten', () => {
    const known = new KnownProcesses()
    known.take(headerOf(1, 5), 0)
    known.take(headerOf(2, 5), 0)
    for (let i = 0; i < limits.knownProcesses - 2; i++) known.take(headerOf(100 + i, 1), 1)
    known.take(headerOf(1, 6), 2)
    known.take(headerOf(99_999, 1), 2)
    expect(known.take(headerOf(1, 6), 3)).toBe(false)
    expect(known.take(headerOf(2, 5), 3)).toBe(true)
  })

  test('it names no more nodes than a ring has members', () => {
    const known = new KnownProcesses()
    for (let i = 1; i <= 500; i++) known.take(headerOf(i, 1), 0)
    expect(known.heard(0, 1000)).toHaveLength(limits.ringMembers)
  })
})
