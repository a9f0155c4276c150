import { FlowControl, SCALE_MIN } from '../../../../src/totem/ordering/flow-control.js'
import { OUTSTANDING_FRAMES_MAX } from '../../../../src/totem/ordering/ring-log.js'
import type { Token } from '../../../../src/totem/wire/token.js'
import { tokenOf } from './frames.js'

const limitsOf = (windowFrames: number, maxMessagesPerVisit: number): FlowControl => {
  return new FlowControl({ windowFrames, maxMessagesPerVisit, acceleratedWindowFrames: 0 })
}

describe('FlowControl', () => {
  test('nobody sends more than it has, than a visit allows, than the window has room', () => {
    const token = tokenOf({})
    expect(limitsOf(100, 50).allowance(token, 3, 0)).toBe(3)
    expect(limitsOf(100, 50).allowance(token, 80, 0)).toBe(50)
    expect(limitsOf(20, 50).allowance(token, 80, 0)).toBe(20)
  })

  test('what the others sent in this rotation is taken off the window', () => {
    expect(limitsOf(100, 100).allowance(tokenOf({ rotationFrames: 90 }), 40, 0)).toBe(10)
    expect(limitsOf(100, 100).allowance(tokenOf({ rotationFrames: 100 }), 40, 0)).toBe(0)
    expect(limitsOf(100, 100).allowance(tokenOf({ rotationFrames: 500 }), 40, 0)).toBe(0)
  })

  test('the window is shared by what waits', () => {
    expect(limitsOf(100, 100).allowance(tokenOf({ backlog: 300 }), 100, 0)).toBe(25)
    // However much the others have: whoever has something sends something.
    expect(limitsOf(100, 100).allowance(tokenOf({ backlog: 1e9 }), 1, 0)).toBe(1)
  })

  test('nobody sends far ahead of the slowest receiver', () => {
    const flow = limitsOf(100, 50)
    const sequence = 10_000
    expect(flow.allowance(tokenOf({ sequence }), 50, sequence - OUTSTANDING_FRAMES_MAX + 7)).toBe(7)
    expect(flow.allowance(tokenOf({ sequence }), 50, sequence - OUTSTANDING_FRAMES_MAX)).toBe(0)
    expect(flow.allowance(tokenOf({ sequence }), 50, sequence - OUTSTANDING_FRAMES_MAX - 9)).toBe(0)
  })

  test('the token states the sums over the last rotation, own old figures replaced', () => {
    const [a, b] = [limitsOf(100, 50), limitsOf(100, 50)]
    const token = tokenOf({})
    a.account(token, 10, 40)
    b.account(token, 5, 7)
    expect(token).toMatchObject({ rotationFrames: 15, backlog: 47 })
    a.account(token, 20, 0)
    expect(token).toMatchObject({ rotationFrames: 25, backlog: 7 })
    b.account(token, 0, 0)
    a.account(token, 0, 0)
    expect(token).toMatchObject({ rotationFrames: 0, backlog: 0 })
  })

  test('own frames of the last visit do not count against the next', () => {
    const flow = limitsOf(100, 100)
    const token = tokenOf({})
    flow.account(token, 100, 60)
    expect(flow.allowance(token, 60, 0)).toBe(60)
  })

  const scaled = (scale: number, rotationMs: number, token: Partial<Token>): number => {
    const visited = tokenOf({ scale, ...token })
    limitsOf(100, 50).adapt(visited, rotationMs)
    return visited.scale
  }

  test('the windows grow while more waits than they hold, the token is quick and little is lost', () => {
    const [backlog, rotationFrames] = [1, 200]
    expect(scaled(SCALE_MIN, 1, { backlog, rotationFrames })).toBe(125)
    expect(scaled(SCALE_MIN, 1, { backlog: 0, rotationFrames })).toBe(SCALE_MIN)
    expect(scaled(200, 15, { backlog, rotationFrames })).toBe(200)
    expect(scaled(200, 1, { backlog, rotationFrames, requests: [1, 2, 3, 4, 5] })).toBe(200)
    expect(scaled(200, 1, { backlog, rotationFrames, requests: [1, 2, 3, 4] })).toBe(250)
  })

  test('the windows shrink where frames are lost, and where the token is slow, to what is configured', () => {
    const requests = Array.from({ length: 30 }, (_, index) => index + 1)
    expect(scaled(600, 1, { backlog: 1, rotationFrames: 200, requests })).toBe(300)
    expect(scaled(600, 100, { backlog: 1 })).toBe(480)
    expect(scaled(150, 1, { rotationFrames: 200, requests })).toBe(SCALE_MIN)
    expect(scaled(110, 100, {})).toBe(SCALE_MIN)
  })

  test('whatever a token says, windows are as large as configured, and no larger than is good', () => {
    const most = (OUTSTANDING_FRAMES_MAX * 3) / 4
    expect(limitsOf(100, 50).allowance(tokenOf({ scale: 0 }), 5000, 0)).toBe(50)
    expect(limitsOf(100, 100).allowance(tokenOf({ scale: 0xffff }), 5000, 0)).toBe(most)
    expect(limitsOf(most * 2, most * 2).allowance(tokenOf({ scale: 0xffff }), 5000, 0)).toBe(
      OUTSTANDING_FRAMES_MAX,
    )
    expect(scaled(0, 1, { backlog: 1 })).toBe(SCALE_MIN)
  })

  test('all members together stay within the window in every rotation, and all get on', () => {
    const members = Array.from({ length: 5 }, () => ({ flow: limitsOf(60, 50), waiting: 400, lately: 0 }))
    const token = tokenOf({})
    for (let rotation = 0; rotation < 60; rotation++) {
      for (const each of members) {
        const frames = each.flow.allowance(token, each.waiting, token.sequence)
        each.waiting -= frames
        each.lately = frames
        each.flow.account(token, frames, each.waiting)
        const inRotation = members.reduce((sum, { lately }) => sum + lately, 0)
        expect(inRotation).toBeLessThanOrEqual(60)
      }
    }
    expect(members.map(({ waiting }) => waiting)).toEqual([0, 0, 0, 0, 0])
  })
})
