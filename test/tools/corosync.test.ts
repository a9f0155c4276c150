import fc from 'fast-check'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertText } from '../../src/config/convert/convert.js'
import { networkFileArbitrary } from '../helpers/convert-arbitrary.js'
import { plainOptions } from '../helpers/convert.js'
import { testWithTool } from '../helpers/tool.js'
import { runProgram, type Run } from '../cli/run-ais.js'

// What is written for corosync, shown to corosync itself: -t reads and checks a file, and ends.

const testWithCorosync = testWithTool('corosync', ['-v'], 'corosync')
const folder = new URL('../testdata/convert/network/', import.meta.url).pathname

let directory: string
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'ais-corosync-'))))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Corosync looks for this machine in the nodelist. */
function check(text: string): Promise<Run> {
  const path = join(directory, 'corosync.conf')
  writeFileSync(path, text.replace('name: left\n', `name: ${hostname()}\n`))
  return runProgram('corosync', ['-t', '-c', path])
}

const examples = readdirSync(folder)
  .filter((name) => name.endsWith('-to-corosync.out'))
  .map((name) => ({ name, text: readFileSync(folder + name, 'utf8') }))
  .filter(({ text }) => text.includes('totem {'))
const isWhole = ({ text }: { readonly text: string }): boolean => text.includes('\nnodelist {')

test('there are examples', () => {
  expect(examples.filter(isWhole).length).toBeGreaterThan(3)
  expect(examples.length).toBeGreaterThan(examples.filter(isWhole).length)
})

describe('corosync -t', () => {
  testWithCorosync.each(examples.filter(isWhole))('accepts $name', async ({ text }) => {
    const { code, stderr } = await check(text)
    expect({ code, errors: /error.*/.exec(stderr) }).toEqual({ code: 0, errors: null })
  })

  testWithCorosync.each(examples.filter((example) => !isWhole(example)))(
    'misses in $name only the nodelist that a finding asks for',
    async ({ text }) => {
      const { code, stderr } = await check(text)
      expect(code).not.toBe(0)
      expect(stderr).toContain('No valid name found for local host')
    },
  )

  testWithCorosync('accepts what is made of generated configurations', async () => {
    const members = ['left=10.0.0.1,1', 'right=10.0.0.2', 'third=10.0.0.3']
    await fc.assert(
      fc.asyncProperty(networkFileArbitrary, async (source) => {
        const own = source.replace(
          /^(nodename|nodeid|expected-votes|quorum|two-node|wait-for-all): .*\n/gm,
          '',
        )
        const options = {
          ...plainOptions,
          from: 'classic',
          kind: 'network',
          to: 'corosync',
          members,
        } as const
        const { text, diagnostics } = convertText(own, options)
        if (text === null) return expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true)
        const { code, stderr } = await check(text)
        return expect({ code, text, errors: /error.*/.exec(stderr) }).toEqual({ code: 0, text, errors: null })
      }),
      { numRuns: 60 },
    )
  })
})
