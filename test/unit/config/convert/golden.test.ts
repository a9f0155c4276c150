import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { convertText, type ConvertOptions } from '../../../../src/config/convert/convert.js'
import { formatDiagnostic } from '../../../../src/config/format-diagnostic.js'
import { plainOptions } from '../../../helpers/convert.js'

/**
 * Each NAME.in and NAME.options.json beside what comes of them: NAME.out, unless there is no text, and
 * NAME.findings. AIS_REWRITE=1 writes the latter two anew.
 */
const root = new URL('../../../testdata/convert/', import.meta.url).pathname
const rewrite = process.env.AIS_REWRITE === '1'

type GoldenOptions = Partial<Omit<ConvertOptions, 'nodesOfUnits'>> & {
  readonly to: ConvertOptions['to']
  readonly nodesOfUnits?: Readonly<Record<string, string>>
}

const cases = readdirSync(root).flatMap((folder) =>
  readdirSync(root + folder)
    .filter((name) => name.endsWith('.in'))
    .map((name) => `${folder}/${name.slice(0, -'.in'.length)}`),
)

const noText = '(no text)\n'

function answer(name: string): { readonly text: string; readonly findings: string } {
  const options = JSON.parse(readFileSync(`${root}${name}.options.json`, 'utf8')) as GoldenOptions
  const nodesOfUnits = new Map(Object.entries(options.nodesOfUnits ?? {}))
  const source = readFileSync(`${root}${name}.in`, 'utf8')
  const { ok, text, diagnostics } = convertText(source, { ...plainOptions, ...options, nodesOfUnits })
  expect(ok).toBe(text !== null)
  const file = options.fileName ?? plainOptions.fileName
  const findings = diagnostics.map((diagnostic) => `${formatDiagnostic(file, diagnostic)}\n`).join('')
  return { text: text ?? noText, findings }
}

describe('conversions', () => {
  test('there are examples', () => expect(cases.length).toBeGreaterThan(5))

  test.each(cases)('%s', (name) => {
    const { text, findings } = answer(name)
    if (rewrite) {
      writeFileSync(`${root}${name}.out`, text)
      writeFileSync(`${root}${name}.findings`, findings)
    }
    expect(text).toBe(readFileSync(`${root}${name}.out`, 'utf8'))
    expect(findings).toBe(readFileSync(`${root}${name}.findings`, 'utf8'))
  })
})
