import { TimerDriver, type Clock } from '../../../src/exec/timer-driver.js'

/** A clock whose timeouts fire when the test says so, as late as it likes. */
class TestClock implements Clock {
  nowMs = 1000
  armed: { atMs: number; callback: () => void } | undefined
  armings = 0
  turns: (() => void)[] = []
  ticks: (() => void)[] = []

  now(): number {
    return this.nowMs
  }

  after(delayMs: number, callback: () => void): () => void {
    expect(Number.isInteger(delayMs) && delayMs >= 1).toBe(true)
    expect(this.armed).toBeUndefined() // one timeout at a time
    this.armings++
    const armed = { atMs: this.nowMs + delayMs, callback }
    this.armed = armed
    return () => {
      if (this.armed === armed) this.armed = undefined
    }
  }

  nextTurn(callback: () => void): void {
    this.turns.push(callback)
  }

  soon(callback: () => void): void {
    this.ticks.push(callback)
  }

  tick(): void {
    for (const callback of this.ticks.splice(0)) callback()
  }

  /** Advance to a time, firing the timeouts on the way when they are due. */
  advanceTo(nowMs: number): void {
    while (this.armed !== undefined && this.armed.atMs <= nowMs) this.fireAt(this.armed.atMs)
    this.nowMs = nowMs
  }

  fireAt(nowMs: number): void {
    this.nowMs = nowMs
    const { callback } = this.armed!
    this.armed = undefined
    callback()
  }

  turn(): void {
    this.tick()
    for (const callback of this.turns.splice(0)) callback()
  }
}

describe('TimerDriver', () => {
  let clock: TestClock
  let fired: string[]
  let frames: number
  let late: number[]
  let driver: TimerDriver
  let onTimer: (timer: string) => void

  beforeEach(() => {
    clock = new TestClock()
    fired = []
    late = []
    frames = 0
    onTimer = () => undefined
    driver = new TimerDriver({
      clock,
      staleAfterMs: 2000,
      onTimer: (timer, nowMs) => {
        fired.push(`${timer} ${nowMs}`)
        onTimer(timer)
      },
      framesReceived: () => frames,
      onPause: (lateMs) => late.push(lateMs),
    })
  })

  test('a timer fires once, when it is due', () => {
    driver.set('token-hold', 8)
    clock.advanceTo(1007)
    expect(fired).toEqual([])
    clock.advanceTo(1100)
    expect(fired).toEqual(['token-hold 1008'])
    expect(clock.armed).toBeUndefined()
  })

  test('setting a running timer moves it, without arming a timeout for each move', () => {
    driver.set('token-loss', 1000)
    for (let ms = 1001; ms <= 1900; ms++) {
      clock.advanceTo(ms)
      driver.set('token-loss', 1000)
    }
    expect(clock.armings).toBe(1)
    clock.advanceTo(2899)
    expect(fired).toEqual([])
    expect(clock.armings).toBe(2)
    clock.advanceTo(2900)
    expect(fired).toEqual(['token-loss 2900'])
  })

  test('a timer for now fires once what set it has ended; a timer’s own, once the sockets were read', () => {
    onTimer = () => {
      if (fired.length === 1) driver.set('token-hold', 0)
    }
    driver.set('token-hold', 0)
    expect([fired, clock.turns.length]).toEqual([[], 0])
    clock.tick()
    expect([fired, clock.ticks.length]).toEqual([['token-hold 1000'], 0])
    clock.turn()
    expect(fired).toEqual(['token-hold 1000', 'token-hold 1000'])
  })

  test('a cancelled timer does not fire', () => {
    driver.set('join', 50)
    driver.set('merge', 60)
    driver.cancel('join')
    clock.advanceTo(2000)
    expect(fired).toEqual(['merge 1060'])
  })

  test('an earlier timer goes before one that was set first', () => {
    driver.set('token-loss', 1000)
    driver.set('probe', 10)
    driver.set('merge', 200)
    clock.advanceTo(3000)
    expect(fired).toEqual(['probe 1010', 'merge 1200', 'token-loss 2000'])
  })

  test('a timeout that fires a little early does not lose its timer', () => {
    driver.set('token-hold', 8.4)
    expect(clock.armed!.atMs).toBe(1008)
    clock.fireAt(1007)
    expect(fired).toEqual([])
    clock.advanceTo(1009)
    expect(fired).toEqual(['token-hold 1008'])
  })

  test('no delay at all means the next turn, not the next millisecond', () => {
    driver.set('join-soon', 0)
    expect(clock.armed).toBeUndefined()
    clock.turn()
    expect(fired).toEqual(['join-soon 1000'])
  })

  test('a timer for the next turn goes before one that runs already, and does not stop it', () => {
    driver.set('token-loss', 5)
    driver.set('join-soon', 0)
    clock.turn()
    expect(fired).toEqual(['join-soon 1000'])
    clock.advanceTo(1005)
    expect(fired).toEqual(['join-soon 1000', 'token-loss 1005'])
  })

  test('a timer may set itself again', () => {
    onTimer = () => driver.set('probe', 10)
    driver.set('probe', 10)
    clock.advanceTo(1030)
    expect(fired).toEqual(['probe 1010', 'probe 1020', 'probe 1030'])
  })

  test('nothing fires after stop', () => {
    driver.set('token-loss', 10)
    driver.set('join-soon', 0)
    driver.stop()
    clock.turn()
    clock.advanceTo(2000)
    driver.set('merge', 1)
    expect(fired).toEqual([])
    expect(clock.armed).toBeUndefined()
  })

  describe('after a pause', () => {
    test('it counts it and reads the sockets until they are empty before it believes a timer', () => {
      driver.set('token-loss', 1000)
      clock.fireAt(5000)
      expect(late).toEqual([3000])
      frames = 32 // read in the first turn
      clock.turn()
      expect(fired).toEqual([])
      frames = 50
      clock.turn()
      expect(fired).toEqual([])
      clock.turn() // brings no frame
      expect(fired).toEqual(['token-loss 5000'])
      expect(driver.pauses).toEqual({ pauses: 1, pausedMs: 3000, longestPauseMs: 3000 })
    })

    test('a frame that is read before the timer can fire finds out too', () => {
      driver.set('token-loss', 1000)
      clock.nowMs = 2500
      expect(driver.accepts(2500)).toBe(true)
      expect(late).toEqual([500])
      expect(clock.armed).toBeUndefined()
      driver.set('token-loss', 1000) // a token it was
      clock.turn()
      expect(driver.pauses.pauses).toBe(1)
      clock.advanceTo(3499)
      expect(fired).toEqual([])
      clock.advanceTo(3500)
      expect(fired).toEqual(['token-loss 3500'])
    })

    test('what waited during a pause in which the others gave us up is not news', () => {
      driver.set('token-loss', 1000)
      clock.nowMs = 4001
      expect(driver.accepts(4001)).toBe(false)
      frames = 1
      clock.turn()
      expect(driver.accepts(4001)).toBe(false)
      clock.turn() // brings no frame
      expect(fired).toEqual(['token-loss 4001'])
      expect(driver.accepts(4001)).toBe(true)
    })

    test('a timer that what was read has moved does not fire', () => {
      driver.set('token-loss', 1000)
      driver.set('merge', 1200)
      clock.fireAt(5000)
      frames = 1
      driver.set('token-loss', 1000) // a token was among the frames
      clock.turn()
      clock.turn()
      expect(fired).toEqual(['merge 5000'])
      clock.advanceTo(6000)
      expect(fired).toEqual(['merge 5000', 'token-loss 6000'])
    })

    test('draining ends at last, even when frames never stop', () => {
      driver.set('token-loss', 1000)
      clock.fireAt(5000)
      let turns = 0
      while (fired.length === 0 && turns < 10_000) {
        frames++
        turns++
        clock.turn()
      }
      expect(fired).toEqual(['token-loss 5000'])
      expect(turns).toBeLessThanOrEqual(256)
    })

    test('a process is behind from when it could have noticed until what waits is read', () => {
      driver.set('token-loss', 1000)
      expect(driver.isBehind(2020)).toBe(false)
      expect(driver.isBehind(2021)).toBe(true)
      clock.fireAt(5000)
      expect(driver.isBehind(5000)).toBe(true)
      clock.turn()
      expect(driver.isBehind(5000)).toBe(false)
    })

    test('a little lateness is no pause', () => {
      driver.set('token-loss', 1000)
      clock.fireAt(2019)
      expect(fired).toEqual(['token-loss 2019'])
      expect(driver.pauses.pauses).toBe(0)
    })

    test('the longest and the sum are counted', () => {
      for (const lateMs of [100, 300, 200]) {
        driver.set('probe', 10)
        clock.fireAt(clock.armed!.atMs + lateMs)
        clock.turn()
      }
      expect(driver.pauses).toEqual({ pauses: 3, pausedMs: 600, longestPauseMs: 300 })
      expect(fired).toHaveLength(3)
    })
  })
})
