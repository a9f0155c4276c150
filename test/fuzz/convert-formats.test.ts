import { jest } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { seededRandom } from '../../src/base/index.js'
import { convertText } from '../../src/config/convert/convert.js'
import { plainOptions } from '../helpers/convert.js'

jest.setTimeout(240_000)

// Hostile files of the formats of other systems: an answer always comes, soon, and is no exception.

const CASES = 1500
const MEBI = 1024 * 1024
/** Of the processor, not of the clock: other tests run beside this one. */
const READ_MAX_MS = 8000

const root = new URL('../testdata/convert/', import.meta.url).pathname
const formats = ['amf', 'imm', 'cib'] as const

/** Files of a format: what is written in it, and what is read from it. */
function seeds(format: (typeof formats)[number]): string[] {
  return readdirSync(root + format)
    .filter((name) => name.endsWith('.out') || name.endsWith('.in'))
    .map((name) => readFileSync(`${root}${format}/${name}`, 'utf8'))
    .filter((text) => (format === 'amf' ? text.includes('safAmfCluster') : text.startsWith('<')))
}

const snippets = [
  ...['{', '}', '<', '>', '/>', '"', '=', ',', '\\,', '&amp;', '&', '\n', '\u0000', '\uFFFE', '\u{1F600}'],
  ...[
    '-1',
    '0',
    '99999999999999999999',
    'INFINITY',
    '1e9',
    'true',
    'safSu=U',
    'saAmfSURank=2',
    '<!-- ',
    ']]>',
  ],
  ...['safVersion=1', '<object class="SaAmfSU">', '</object>', '<dn></dn>', '<primitive id="x"/>', '<clone>'],
]

type Random = ReturnType<typeof seededRandom>

function mutated(text: string, random: Random): string {
  let result = text
  for (let count = 1 + random.below(4); count > 0; count--) {
    const at = random.below(result.length + 1)
    const to = Math.min(result.length, at + random.below(60))
    const lines = result.split('\n')
    const line = random.below(lines.length)
    const kind = random.below(5)
    if (kind === 0) result = result.slice(0, at) + result.slice(to)
    else if (kind === 1)
      result = result.slice(0, at) + snippets[random.below(snippets.length)] + result.slice(at)
    else if (kind === 2) result = result.slice(0, to) + result.slice(at)
    else if (kind === 3) result = [...lines.slice(0, line), ...lines.slice(line + 1)].join('\n')
    else
      result = [...lines.slice(0, line), lines[random.below(lines.length)], ...lines.slice(line)].join('\n')
  }
  return result
}

test.each(formats)(`${CASES} mutations of files of %s`, (format) => {
  const random = seededRandom(7)
  const all = seeds(format)
  let converted = 0
  for (let index = 0; index < CASES; index++) {
    const text = mutated(all[index % all.length], random)
    const options = { ...plainOptions, from: format, kind: 'groups' as const }
    const { ok, text: output, diagnostics } = convertText(text, { ...options, to: 'classic' })
    const hasErrors = diagnostics.some(({ severity }) => severity === 'error')
    if (ok === hasErrors || (output === null) === ok) throw new Error(`${index}: ${text}`)
    if (ok) converted++
    // What was read is written, or refused, in each of the others.
    if (ok) for (const to of formats) convertText(text, { ...options, to })
  }
  expect(converted).toBeGreaterThan(CASES / 100)
  expect(converted).toBeLessThan(CASES)
})

const repeated = (piece: string): string => piece.repeat(Math.floor(MEBI / piece.length))
const imm = (inner: string): string => `<imm:IMM-contents xmlns:imm="u">${inner}</imm:IMM-contents>`
const cib = (inner: string): string =>
  `<cib><configuration><resources>${inner}</resources></configuration></cib>`
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const object = (name: string, dn: string, attributes = ''): string =>
  `<object class="${name}"><dn>${dn}</dn>${attributes}</object>`
const attribute = (name: string, value: string | number): string =>
  `<attr><name>${name}</name><value>${value}</value></attr>`

const sharing = [
  object('SaAmfApplication', 'safApp=a'),
  object('SaAmfSG', 'safSg=g,safApp=a'),
  object('SaAmfSU', 'safSu=u,safSg=g,safApp=a'),
  ...range(4000).map((index) =>
    object(
      'SaAmfComp',
      `safComp=c${index},safSu=u,safSg=g,safApp=a`,
      attribute('saAmfCompType', 'safVersion=1'),
    ),
  ),
  object('SaAmfCompType', 'safVersion=1'),
  ...range(4000).map((index) => object('SaAmfCtCsType', `safSupportedCsType=t${index},safVersion=1`)),
].join('')

const crowded = [
  '<clone id="c"><meta_attributes id="m"><nvpair id="n" name="promotable" value="true"/></meta_attributes>',
  '<group id="g">',
  ...range(5000).map((index) => `<primitive id="p${index}" class="ocf" provider="ais" type="component"/>`),
  '</group></clone></resources><constraints>',
  ...range(5000).map((index) => `<rsc_location id="l${index}" rsc="c" node="n${index}" score="1"/>`),
  '</constraints><resources>',
].join('')

const hostile: [string, (typeof formats)[number], string][] = [
  ['closings', 'amf', repeated('}\n')],
  ['openings', 'amf', repeated('safApp = a {\n')],
  ['openings on one line', 'amf', repeated('safApp=a{')],
  ['values on one line', 'amf', `safAmfCluster = a {\nsafApp = b {\n${repeated('saAmfX=1 ')}`],
  ['blanks', 'amf', `safAmfCluster =${' '.repeat(MEBI)}`],
  ['one word', 'amf', 'a'.repeat(MEBI)],
  ['groups without end', 'amf', `safApp = a {\n${repeated('safSg = g {\n}\n')}}`],
  ['elements within each other', 'imm', imm(repeated('<a>'))],
  ['closed elements within each other', 'imm', imm('<a>'.repeat(140_000) + '</a>'.repeat(140_000))],
  ['elements on one line', 'imm', imm(repeated('<object/>'))],
  ['signs', 'imm', imm(repeated('<'))],
  ['commas', 'imm', imm(object('SaAmfSU', repeated('a=b,')))],
  ['digits', 'imm', imm(object('SaAmfSU', 'safSu=a', attribute('saAmfSURank', '9'.repeat(MEBI))))],
  ['types that are shared by all', 'imm', imm(sharing)],
  [
    'attributes',
    'cib',
    `<cib ${range(60_000)
      .map((index) => `a${index}="1"`)
      .join(' ')}/>`,
  ],
  ['resources', 'cib', cib(repeated('<primitive id="a"/>'))],
  ['units times components', 'cib', cib(crowded)],
  ['entities', 'cib', cib(`<primitive id="${'&amp;'.repeat(200_000)}"/>`)],
]

test.each(hostile)('a mebioctet of %s costs no more than what it holds (%s)', (_, from, text) => {
  const before = process.cpuUsage()
  const options = { ...plainOptions, from, kind: 'groups' as const, to: 'classic' as const }
  const { ok, diagnostics } = convertText(text, options)
  const { user, system } = process.cpuUsage(before)
  expect(ok || diagnostics.length > 0).toBe(true)
  expect((user + system) / 1000).toBeLessThan(READ_MAX_MS)
})
