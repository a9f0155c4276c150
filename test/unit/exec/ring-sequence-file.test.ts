import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeSequence, encodeSequence, RingSequenceFile } from '../../../src/exec/ring-sequence-file.js'
import { limits } from '../../../src/base/index.js'

describe('RingSequenceFile', () => {
  let directory: string
  const wallMs = 1_795_000_000_000

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ais-test-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  const file = (now = wallMs): RingSequenceFile => new RingSequenceFile(directory, () => now)

  test('begins at the wall clock when there is none', async () => {
    const reservation = await file(wallMs + 0.7).reserveFirst()
    expect(reservation).toEqual({
      first: wallMs,
      reservedUpTo: wallMs + limits.ringSequenceBlock - 1,
      isNew: true,
    })
  })

  test('begins past the reserved end at the next start, whatever the clock says', async () => {
    const first = await file().reserveFirst()
    const second = await file(5).reserveFirst()
    expect(second.first).toBe(first.reservedUpTo + 1)
    expect(second.reservedUpTo).toBe(second.first + limits.ringSequenceBlock - 1)
    expect(second.isNew).toBe(false)
    expect(await readdir(directory)).toEqual(['ring-sequence'])
  })

  test('a block reserved while running is on disk before it is reported', async () => {
    const sequences = file()
    const { reservedUpTo } = await sequences.reserveFirst()
    const onDisk = await new Promise<string>((resolve, reject) => {
      sequences.reserve(
        reservedUpTo + 500,
        (sequence) => {
          expect(sequence).toBe(reservedUpTo + 500)
          resolve(readFile(sequences.path, 'utf8'))
        },
        reject,
      )
    })
    expect(decodeSequence(onDisk)).toBe(reservedUpTo + 500)
    expect((await file().reserveFirst()).first).toBe(reservedUpTo + 501)
  })

  test('reservations asked for during a write are all made', async () => {
    const sequences = file()
    const { reservedUpTo } = await sequences.reserveFirst()
    const reported: number[] = []
    await new Promise<void>((resolve, reject) => {
      const onReserved = (sequence: number): void => {
        reported.push(sequence)
        if (sequence === reservedUpTo + 30) resolve()
      }
      for (const more of [10, 30, 20]) sequences.reserve(reservedUpTo + more, onReserved, reject)
    })
    expect(reported[reported.length - 1]).toBe(reservedUpTo + 30)
  })

  test('a disk that refuses while running is tried again', async () => {
    const sequences = file()
    const { reservedUpTo } = await sequences.reserveFirst()
    await mkdir(`${sequences.path}.new`) // in the way of the temporary file
    const failures: string[] = []
    const reserved = await new Promise<number>((resolve) => {
      sequences.reserve(reservedUpTo + 1, resolve, (message) => {
        failures.push(message)
        void rm(`${sequences.path}.new`, { recursive: true })
      })
    })
    expect(reserved).toBe(reservedUpTo + 1)
    expect(failures[0]).toMatch(/cannot write .*ring-sequence: EISDIR: .*; trying again$/)
  })

  test.each([
    ['', 'it is empty'],
    ['0\n', 'not the line'],
    ['ais-ring-sequence 1 42 00000000\n', 'its checksum is wrong'],
    [encodeSequence(42).replace('42', '43'), 'its checksum is wrong'],
    [encodeSequence(42).slice(0, -1), 'not the line'],
    ['ais-ring-sequence 2 42 00000000\n', 'its version is 2'],
    [`${encodeSequence(42)}more`, 'not the line'],
    [encodeSequence(limits.ringSequenceMax), 'out of range'],
  ])('a damaged file (%j) is an error with its remedy, never a restart from zero', async (text, why) => {
    await writeFile(join(directory, 'ring-sequence'), text)
    await expect(file().reserveFirst()).rejects.toMatchObject({
      message: expect.stringContaining(why),
      hint: expect.stringContaining('move the file away'),
    })
    expect(await readFile(join(directory, 'ring-sequence'), 'utf8')).toBe(text)
  })

  test('a file that cannot be written is an error with its remedy', async () => {
    await mkdir(join(directory, 'ring-sequence.new'))
    await expect(file().reserveFirst()).rejects.toMatchObject({
      message: expect.stringMatching(/cannot write .*EISDIR/),
      hint: expect.stringContaining('statedir'),
    })
  })

  test('a file that cannot be read is an error', async () => {
    await mkdir(join(directory, 'ring-sequence'))
    await expect(file().reserveFirst()).rejects.toMatchObject({
      message: expect.stringMatching(/cannot read .*EISDIR/),
    })
  })
})
