import { AisError } from '../../../src/api/index.js'
import { depthOf } from '../../../src/programs/ckpt-bench.js'
import { oneAtATime, pipelined } from '../../../src/programs/ckpt-bench-loops.js'
import { patientCaller } from '../../../src/programs/ckpt-calls.js'
import { fileNameOf } from '../../../src/programs/ckpt-conflicts.js'
import { outcomeText, StepsCutShort, TestReport } from '../../../src/programs/ckpt-test-report.js'
import { PIECE_OCTETS, piecesOf } from '../../../src/programs/ckpt-transfer.js'
import { Latencies } from '../../../src/programs/latencies.js'

async function* chunksOf(...sizes: number[]): AsyncGenerator<Buffer> {
  let at = 0
  for (const size of sizes) {
    const chunk = Buffer.alloc(size)
    for (let index = 0; index < size; index++) chunk[index] = at++ % 251
    yield chunk
  }
}

describe('what comes in chunks', () => {
  test.each([
    ['nothing', [], [0]],
    ['an empty chunk', [0], [0]],
    ['a little', [3, 4], [7]],
    ['exactly one piece', [PIECE_OCTETS], [PIECE_OCTETS]],
    ['a piece and a bit, in small chunks', Array<number>(9).fill(65_536), [PIECE_OCTETS, 65_536]],
    ['much at once', [2 * PIECE_OCTETS + 5], [PIECE_OCTETS, PIECE_OCTETS, 5]],
  ])('%s is written in pieces', async (_, chunks, expected) => {
    const pieces: Buffer[] = []
    for await (const piece of piecesOf(chunksOf(...chunks))) pieces.push(Buffer.from(piece))
    expect(pieces.map(({ length }) => length)).toEqual(expected)
    const whole = Buffer.concat(pieces)
    expect(whole.every((octet, index) => octet === index % 251)).toBe(true)
  })
})

describe('latencies', () => {
  test('percentiles in microseconds', () => {
    const latencies = new Latencies()
    for (let ms = 100; ms >= 1; ms--) latencies.add(ms)
    expect(latencies.percentileUs(0.5)).toBe(51_000)
    expect(latencies.percentileUs(0.99)).toBe(100_000)
    expect(new Latencies().percentileUs(0.5)).toBe(0)
  })

  test('of millions are those of a fair sample', () => {
    const latencies = new Latencies()
    const count = 3 * 2 ** 20
    for (let index = 0; index < count; index++) latencies.add(index)
    expect(latencies.percentileUs(0.5) / 1000 / count).toBeCloseTo(0.5, 2)
    expect(latencies.percentileUs(0.99) / 1000 / count).toBeCloseTo(0.99, 2)
  })
})

describe('measuring', () => {
  const refusal = new AisError('ERR_TRY_AGAIN', 'later')

  test('counts what was done, and waits where it is told to try again', async () => {
    let calls = 0
    const operation = async (): Promise<void> => {
      if (++calls === 3) throw refusal
    }
    const one = await oneAtATime(operation, 30, new Latencies())
    expect(one.count).toBe(calls - 1)
    calls = 0
    const many = await pipelined(operation, 8, 30, new Latencies())
    expect(many.count).toBe(calls - 1)
  })

  test('has as many under way as it is to', async () => {
    let underWay = 0
    let most = 0
    const operation = async (): Promise<void> => {
      most = Math.max(most, ++underWay)
      await new Promise((done) => setImmediate(done))
      underWay--
    }
    await pipelined(operation, 8, 20, new Latencies())
    expect([most, underWay]).toEqual([8, 0])
  })

  test('ends with what else fails', async () => {
    const fail = async (): Promise<void> => {
      throw new AisError('ERR_BAD_HANDLE', 'closed')
    }
    await expect(oneAtATime(fail, 1000, new Latencies())).rejects.toThrow('ERR_BAD_HANDLE')
    await expect(pipelined(fail, 4, 1000, new Latencies())).rejects.toThrow('ERR_BAD_HANDLE')
  })

  test('has fewer large writes under way', () => {
    expect([1, 1000, 64_000, 250_000, 1_000_000].map((size) => depthOf(size, 64))).toEqual([64, 64, 16, 4, 4])
    expect(depthOf(1, 2)).toBe(2)
  })
})

test('a patient caller gives up with the last error, and at once with another one', async () => {
  let calls = 0
  const refuse = async (): Promise<void> => {
    throw new AisError(++calls < 3 ? 'ERR_TRY_AGAIN' : 'ERR_EXIST', `call ${calls}`)
  }
  await expect(patientCaller(10_000)(refuse)).rejects.toThrow('ERR_EXIST: call 3')
  calls = -1000
  await expect(patientCaller(120)(refuse)).rejects.toThrow('ERR_TRY_AGAIN')
})

describe('the steps of a test', () => {
  test('tell what was expected and what came, with the numbers of the standard', async () => {
    const report = new TestReport(() => undefined)
    const fail = async (): Promise<never> => {
      throw new AisError('ERR_EXIST', 'there already')
    }
    await report.succeeds('one', async () => 1)
    await report.fails('two', 'ERR_EXIST', fail)
    await report.fails('three', 'ERR_ACCESS', fail)
    await report.fails('four', 'ERR_ACCESS', async () => undefined)
    report.value('five', 'a', 'a')
    await expect(report.succeeds('six', fail)).rejects.toThrow(StepsCutShort)
    expect(report.steps.map(({ expected, came, ok }) => [expected, came, ok])).toEqual([
      ['OK (1)', 'OK (1)', true],
      ['ERR_EXIST (14)', 'ERR_EXIST (14)', true],
      ['ERR_ACCESS (11)', 'ERR_EXIST (14)', false],
      ['ERR_ACCESS (11)', 'OK (1)', false],
      ['a', 'a', true],
      ['OK (1)', 'ERR_EXIST (14)', false],
    ])
    expect([report.failed, outcomeText('ERR_NO_SECTIONS')]).toEqual([3, 'ERR_NO_SECTIONS (27)'])
  })

  test('go on with the next group when one cannot go on', async () => {
    const report = new TestReport(() => undefined)
    await report.group('a group', async () => {
      await report.succeeds('first', async () => {
        throw new AisError('ERR_EXIST', 'there already')
      })
    })
    await report.group('another', () => report.succeeds('second', async () => undefined))
    expect(report.steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['first', false],
      ['all its steps', false],
      ['second', true],
    ])
  })
})

test('files of what lost a conflict have names that any file system takes', () => {
  const name = (id: string | Uint8Array): string => fileNameOf(Buffer.from(id as string), 7)
  expect(name('orders 4711')).toBe('section-000007-orders_4711')
  expect(name('../../etc/passwd')).toBe('section-000007-_._.._etc_passwd')
  expect(name(new Uint8Array([0xff]))).toBe('section-000007')
  expect(name('')).toBe('section-000007')
  expect(name('x'.repeat(101))).toBe('section-000007')
})
