import { Lateness } from '../../../../src/services/amf/lateness.js'

test('what is everyday life on a loaded machine is not noted', () => {
  const lateness = new Lateness()
  expect(lateness.note(19.9, 1000)).toBe(false)
  expect(lateness.at(1000)).toBe(0)
})

test('a pause is remembered for half a second after it, and counted once wherever it shows', () => {
  const lateness = new Lateness()
  expect(lateness.note(300, 1000)).toBe(true)
  expect(lateness.note(280, 1001)).toBe(true)
  expect(lateness.at(1500)).toBe(300)
  expect(lateness.at(1501)).toBe(0)
})

test('a short one after a long one that is forgotten counts by itself', () => {
  const lateness = new Lateness()
  lateness.note(300, 1000)
  lateness.note(25, 1600)
  expect(lateness.at(1600)).toBe(25)
})
