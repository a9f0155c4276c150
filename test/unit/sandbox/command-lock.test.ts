import { mkdtempSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeldName, takeTurn, turnName } from '../../../src/sandbox/command-lock.js'

let directory: string
beforeEach(() => (directory = realpathSync(mkdtempSync(join(tmpdir(), 'ais-turn-')))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const nothing = (): void => undefined

test('turns are taken one after the other, and who waits is told for what', async () => {
  const first = await takeTurn(directory, 'the first one', nothing)
  let isSecond = false
  let second: Promise<void> | undefined
  const told = new Promise<string>((resolve) => {
    second = takeTurn(directory, 'the second one', resolve).then((turn) => {
      isSecond = true
      return turn.release()
    })
  })
  expect(await told).toBe('the first one')
  expect(isSecond).toBe(false)
  await first.release()
  await second
  expect(isSecond).toBe(true)
})

test('many at once: never two at a time', async () => {
  let active = 0
  let most = 0
  const one = async (): Promise<void> => {
    const turn = await takeTurn(directory, 'one of many', nothing)
    most = Math.max(most, ++active)
    await new Promise((resolve) => setImmediate(resolve))
    active--
    await turn.release()
  }
  await Promise.all(Array.from({ length: 12 }, one))
  expect(most).toBe(1)
})

test('who is interrupted does not wait on', async () => {
  const held = await takeTurn(directory, 'the first one', nothing)
  const interruption = new AbortController()
  const waiting = takeTurn(directory, 'the second one', nothing, interruption.signal)
  interruption.abort(new Error('interrupted'))
  await expect(waiting).rejects.toThrow('interrupted')
  await held.release()
})

test('a directory has one name, by whatever way, whether or not it is there', () => {
  const name = turnName(join(directory, 'new', 'sandbox'))
  mkdirSync(join(directory, 'new', 'sandbox'), { recursive: true })
  expect(turnName(join(directory, 'new', 'sandbox'))).toBe(name)
  symlinkSync(join(directory, 'new'), join(directory, 'other'))
  expect(turnName(join(directory, 'other', 'sandbox'))).toBe(name)
  expect(turnName(join(directory, 'other'))).not.toBe(name)
})

test('a name is free again as soon as it is released', async () => {
  const name = turnName(directory)
  const held = await HeldName.take(name)
  expect(await HeldName.take(name)).toBeNull()
  await held!.release()
  const again = await HeldName.take(name)
  expect(again).not.toBeNull()
  await again!.release()
})
