import { growthPercent } from '../../../src/exec/heap-slack.js'

const MIB = 1024 * 1024

test.each([
  [0, 1500],
  [10 * MIB, 1500],
  [20 * MIB, 1280],
  [128 * MIB, 200],
  [511 * MIB, 50],
  [512 * MIB, 0],
  [4096 * MIB, 0],
])('with %i octets alive the heap grows by %i %%', (octets, percent) => {
  expect(growthPercent(octets)).toBe(percent)
})
