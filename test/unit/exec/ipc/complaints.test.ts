import { Complaints } from '../../../../src/exec/ipc/complaints.js'

let nowMs = 0
let lines: string[] = []
let complaints: Complaints

beforeEach(() => {
  nowMs = 1_000_000
  lines = []
  complaints = new Complaints(
    (message) => lines.push(message),
    () => nowMs,
  )
})

test('the same is said once a minute, then how often it happened', () => {
  for (let i = 0; i < 5; i++) complaints.add('a', `a, ${i}`)
  complaints.add('b', 'b')
  nowMs += 59_999
  complaints.flush()
  expect(lines).toEqual(['a, 0', 'b'])
  nowMs += 1
  complaints.flush()
  expect(lines.splice(0)).toEqual(['a, 0', 'b', 'a, 4 (and 4 times more in the minute before)'])
  complaints.add('a', 'a again')
  expect(lines).toEqual(['a again'])
})

test('many different ones are bounded, and those left out are counted', () => {
  for (let i = 0; i < 1000; i++) complaints.add(`client ${i}`, `client ${i}`)
  expect(lines.splice(0)).toHaveLength(32)
  complaints.flush()
  expect(lines).toEqual([])
  nowMs += 60_000
  complaints.flush()
  expect(lines).toEqual(['968 complaints about other clients were left out'])
})
