import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertText } from '../../../../src/config/convert/convert.js'
import { plainOptions } from '../../../helpers/convert.js'

const tool = spawnSync('crm_verify', ['--version'], { encoding: 'utf8' })
const isThere = tool.error === undefined && tool.status === 0
// Debian: apt-get install pacemaker-cli-utils.
if (!isThere) console.warn('skipped: crm_verify of pacemaker is not installed')

const folder = new URL('../../../testdata/groups/', import.meta.url)
const examples = readdirSync(folder).flatMap((name) => {
  if (!name.endsWith('.conf')) return []
  const source = readFileSync(new URL(name, folder), 'utf8')
  const { text } = convertText(source, { ...plainOptions, from: 'classic', kind: 'groups', to: 'cib' })
  return text === null ? [] : [{ name, text }]
})

const directory = mkdtempSync(join(tmpdir(), 'ais-cib-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('there are examples', () => expect(examples.length).toBeGreaterThan(30))

const verify = (text: string): { readonly status: number | null; readonly output: string } => {
  const path = join(directory, 'cib.xml')
  writeFileSync(path, text)
  const { status, stdout, stderr } = spawnSync('crm_verify', ['--xml-file', path, '-V'], { encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

;(isThere ? describe : describe.skip)('crm_verify of pacemaker accepts', () => {
  test.each(examples)('$name', ({ text }) => {
    expect(verify(text)).toEqual({ status: 0, output: expect.not.stringContaining('error') as unknown })
  })

  test('and refuses what is none', () => {
    const [{ text }] = examples
    expect(
      verify(text.replace('<constraints>', '<constrains>').replace('</constraints>', '</constrains>')).status,
    ).not.toBe(0)
  })
})
