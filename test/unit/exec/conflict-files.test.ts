import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConflictFiles } from '../../../src/exec/conflict-files.js'

describe('ConflictFiles', () => {
  let directory: string
  let log: string[]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ais-test-'))
    log = []
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  const openFiles = (): Promise<ConflictFiles> => {
    return ConflictFiles.open(directory, (level, message) => log.push(`${level}: ${message}`))
  }

  const save = (files: ConflictFiles, id: string, ...octets: Uint8Array[]): Promise<string | null> => {
    return new Promise((resolve) => files.save(id, octets, resolve))
  }

  const load = (files: ConflictFiles, id: string): Promise<Buffer | string> => {
    const pieces: Uint8Array[] = []
    return new Promise((resolve) => {
      files.load(
        id,
        (octets) => pieces.push(octets),
        (problem) => resolve(problem ?? Buffer.concat(pieces)),
      )
    })
  }

  test('gives back what it was given, in this life and the next', async () => {
    const files = await openFiles()
    const large = Buffer.alloc(3 * 1024 * 1024 + 17, 'data')
    const many = Array.from({ length: 3000 }, (_, number) => Buffer.from(`part ${number};`))
    expect(await save(files, 'abc1', Buffer.from('head'), large, Buffer.alloc(0), ...many)).toBeNull()
    expect(await save(files, 'empty')).toBeNull()
    const whole = Buffer.concat([Buffer.from('head'), large, ...many])
    expect(whole.equals((await load(files, 'abc1')) as Buffer)).toBe(true)
    const next = await openFiles()
    expect([...next.ids()].sort()).toEqual(['abc1', 'empty'])
    expect([next.has('abc1'), next.has('abc2')]).toEqual([true, false])
    expect(whole.equals((await load(next, 'abc1')) as Buffer)).toBe(true)
    expect(await load(next, 'empty')).toEqual(Buffer.alloc(0))
    expect(log).toEqual([])
  })

  test('are for the eyes of the executive alone, with nothing unfinished beside them', async () => {
    const files = await openFiles()
    await save(files, 'a', Buffer.from('x'))
    expect((await stat(files.pathOf('a'))).mode & 0o777).toBe(0o600)
    expect((await stat(files.directory)).mode & 0o777).toBe(0o700)
    expect(await readdir(files.directory)).toEqual(['a.conflict'])
  })

  test('makes no directory before there is something to keep', async () => {
    const files = await openFiles()
    files.remove('a')
    await files.idle()
    expect(await readdir(directory)).toEqual([])
    expect(log).toEqual([])
  })

  test('takes things in the order in which they were asked for', async () => {
    const files = await openFiles()
    const results = [
      save(files, 'a', Buffer.from('one')),
      load(files, 'a'),
      save(files, 'a', Buffer.from('two')),
    ]
    files.remove('a')
    const [, first] = await Promise.all(results)
    expect(first).toEqual(Buffer.from('one'))
    await files.idle()
    expect(await save(files, 'b', Buffer.from('b'))).toBeNull()
    files.remove('b')
    await files.idle()
    expect(files.has('b')).toBe(false)
    expect(await load(files, 'b')).toMatch(/^ENOENT/)
  })

  test.each([
    ['cut short', (octets: Buffer) => octets.subarray(0, octets.length - 3), 'its checksum is wrong'],
    ['empty', () => Buffer.alloc(0), 'it is not what the executive writes'],
    ['of a few octets', () => Buffer.from('ais-conflict'), 'it is not what the executive writes'],
    ['something else', () => Buffer.alloc(1000, 'x'), 'it is not what the executive writes'],
    ['spoilt', (octets: Buffer) => octets.fill('?', 20, 21), 'its checksum is wrong'],
  ])('says of a file that is %s what is wrong', async (_case, spoil, problem) => {
    const files = await openFiles()
    await save(files, 'a', Buffer.from('what lost a conflict'))
    await writeFile(files.pathOf('a'), spoil(await readFile(files.pathOf('a'))))
    expect(await load(await openFiles(), 'a')).toBe(problem)
  })

  test('refuses ids that are none, and knows no files but its own', async () => {
    const files = await openFiles()
    expect(await save(files, '../escape', Buffer.from('x'))).toBe('"../escape" is no id of a conflict')
    expect(await load(files, '..')).toBe('".." is no id of a conflict')
    files.remove('../lock')
    await save(files, 'a', Buffer.from('x'))
    await writeFile(join(files.directory, 'notes.txt'), '')
    await writeFile(join(files.directory, 'b.conflict.new'), 'unfinished')
    await writeFile(join(files.directory, 'Not An Id.conflict'), '')
    expect((await openFiles()).ids()).toEqual(['a'])
  })

  test('says why it cannot write, and goes on', async () => {
    await writeFile(join(directory, 'conflicts'), 'a file in the way')
    const files = await openFiles()
    expect(log).toEqual([`error: cannot read ${files.directory}: ENOTDIR: not a directory`])
    expect(await save(files, 'a', Buffer.from('x'))).toMatch(/^cannot write .*a\.conflict: (EEXIST|ENOTDIR)/)
    expect(files.has('a')).toBe(false)
    await rm(files.directory)
    expect(await save(files, 'a', Buffer.from('x'))).toBeNull()
  })

  test('leaves what was there when a new file cannot take its place', async () => {
    const files = await openFiles()
    await save(files, 'a', Buffer.from('before'))
    await mkdir(`${files.pathOf('a')}.new`)
    expect(await save(files, 'a', Buffer.from('after'))).toMatch(/^cannot write .*: EISDIR/)
    expect(await load(files, 'a')).toEqual(Buffer.from('before'))
  })
})
