import { seededRandom } from '../../../src/base/index.js'
import { VirtualClock } from '../../../src/sim/clock.js'

describe('VirtualClock', () => {
  test('events run in the order of their times, those of one time as they were made', () => {
    const clock = new VirtualClock()
    const ran: string[] = []
    for (const [name, delayMs] of [
      ['c', 5],
      ['a', 1],
      ['b', 1],
      ['d', 5.001],
    ] as const) {
      clock.schedule(delayMs, () => ran.push(`${name}@${clock.nowMs}`))
    }
    clock.advanceTo(5)
    expect(ran).toEqual(['a@1', 'b@1', 'c@5'])
    expect(clock.nowMs).toBe(5)
    clock.advanceTo(6)
    expect(ran.at(-1)).toBe('d@5.001')
    expect(clock.nowMs).toBe(6)
  })

  test('what an event schedules runs in its time too, the past is now', () => {
    const clock = new VirtualClock()
    const ran: number[] = []
    clock.schedule(1, () => {
      clock.schedule(-5, () => ran.push(clock.nowMs))
      clock.schedule(2, () => ran.push(clock.nowMs))
      clock.schedule(20, () => ran.push(clock.nowMs))
    })
    clock.advanceTo(10)
    expect(ran).toEqual([1, 3])
  })

  test('thousands of events come out sorted', () => {
    const clock = new VirtualClock()
    const random = seededRandom(4)
    const ran: number[] = []
    for (let i = 0; i < 5000; i++) clock.schedule(random.below(500), () => ran.push(clock.nowMs))
    clock.advanceTo(500)
    expect(ran).toHaveLength(5000)
    expect(ran).toEqual([...ran].sort((a, b) => a - b))
  })
})
