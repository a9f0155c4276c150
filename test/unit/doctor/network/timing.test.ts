import {
  clockDifference,
  judgeClock,
  judgeLoss,
  judgeRoundTrip,
  summarise,
} from '../../../../src/doctor/network/timing.js'
import { AnswerBy, type ProbeAnswer } from '../../../../src/doctor/network/probe-frame.js'

const none = summarise(0, [])
const trips = (...roundTripMs: number[]) => roundTripMs.map((ms) => ({ roundTripMs: ms }))

/** An exchange with a peer whose clock differs; the wire takes so long each way. */
function exchange(differenceMs: number, thereMs: number, backMs: number) {
  const start = 1_700_000_000_000
  const stayedMs = 2
  const probe: ProbeAnswer = {
    kind: 'answer',
    answerBy: AnswerBy.echo,
    clusterHash: 0,
    session: 0,
    number: 0,
    netmtu: 1500,
    requestOctets: 56,
    cameByGroup: false,
    isPortHeld: false,
    askedAtUs: start * 1000,
    receivedAtUs: (start + thereMs + differenceMs) * 1000,
    answeredAtUs: (start + thereMs + differenceMs + stayedMs) * 1000,
  }
  const roundTripMs = thereMs + stayedMs + backMs
  return { probe, roundTripMs, arrivedAtUs: (start + roundTripMs) * 1000 }
}

describe('round trips', () => {
  test('median, 99 % and the longest', () => {
    const hundred = trips(...Array.from({ length: 100 }, (_, index) => 100 - index))
    expect(summarise(120, hundred)).toEqual({
      sent: 120,
      answered: 100,
      medianMs: 51,
      p99Ms: 100,
      maxMs: 100,
    })
    expect(none).toEqual({ sent: 0, answered: 0, medianMs: null, p99Ms: null, maxMs: null })
  })

  test.each([
    [trips(1, 2, 3), 'ok'],
    [trips(1, 2, 150), 'warn'],
    [trips(), 'fail'],
  ])('against the token timeout', (answers, status) => {
    const timing = { peer: '10.99.0.2', unicast: summarise(3, answers), group: null, clock: null }
    expect(judgeRoundTrip({ tokenTimeoutMs: 1000 }, timing).status).toBe(status)
  })

  test('the remedy is a token timeout that goes with them', () => {
    const timing = { peer: '10.99.0.2', unicast: summarise(1, trips(150)), group: null, clock: null }
    expect(judgeRoundTrip({ tokenTimeoutMs: 1000 }, timing).remedy).toContain('token: 1500')
  })
})

describe('loss', () => {
  const of = (sent: number, answered: number) =>
    summarise(sent, trips(...new Array<number>(answered).fill(1)))
  test.each([
    [of(100, 100), of(100, 100), 'ok', '0 of 100 by unicast, 0 of 100 by multicast'],
    [of(100, 98), of(100, 100), 'warn', '2 of 100 by unicast'],
    [of(100, 100), of(100, 90), 'fail', '10 of 100 by multicast (10 %)'],
    [of(100, 100), null, 'ok', '0 of 100 by unicast'],
  ])('%#', (unicast, group, status, message) => {
    const finding = judgeLoss({ peer: '10.99.0.2', unicast, group, clock: null })
    expect(finding).toMatchObject({ status, message: expect.stringContaining(message) })
  })
})

describe('clocks', () => {
  test('the difference is told whatever the wire takes, and how wrong it may be', () => {
    const found = clockDifference([exchange(1234, 30, 10), exchange(1234, 2, 2), exchange(1234, 50, 0)])!
    expect(found).toEqual({ differenceMs: 1234, uncertaintyMs: 3 })
    // A wire that takes longer one way than the other: wrong by half of that, within what is said.
    const skewed = clockDifference([exchange(-700, 20, 0)])!
    expect(skewed).toEqual({ differenceMs: -690, uncertaintyMs: 11 })
    expect(clockDifference([])).toBeNull()
  })

  test.each([
    [3, 1, 'ok', '3.0 ms (± 1.0 ms) ahead of this one'],
    [-499, 1, 'ok', 'behind this one'],
    [-5000, 1, 'warn', '5000.0 ms (± 1.0 ms) behind this one'],
    [600, 200, 'ok', ''],
  ])('%i ± %i ms', (differenceMs, uncertaintyMs, status, message) => {
    const clock = { differenceMs, uncertaintyMs }
    const finding = judgeClock({ peer: '10.99.0.2', unicast: none, group: null, clock })
    expect(finding).toMatchObject({ status, message: expect.stringContaining(message) })
  })

  test('nothing to compare: fail', () => {
    expect(judgeClock({ peer: '10.99.0.2', unicast: none, group: null, clock: null }).status).toBe('fail')
  })
})
