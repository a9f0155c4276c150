// Hostile files to convert, of every format: none may throw or hang, and what is written is read again.
import { readdirSync, readFileSync } from 'node:fs'
import { seededRandom } from '../../../dist/base/index.js'
import { convertText, formatNames } from '../../../dist/config/convert/index.js'
import { formatDiagnostic } from '../../../dist/config/index.js'

/** Of the processor, for others run beside it. A file takes milliseconds, a monster at most this long. */
const SLOW_MS = 3000
function cpuUs() {
  const { user, system } = process.cpuUsage()
  return user + system
}
const FINDINGS_MAX = 10
const LENGTH_MAX = 20_000

const root = new URL('../../testdata/convert/', import.meta.url)

/** Sources and what was made of them: files of every format there is. */
const texts = readdirSync(root).flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, root))
    .filter((name) => /\.(in|out)$/.test(name))
    .map((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8'))
    .filter((text) => text.length < LENGTH_MAX),
)

const pieces = [
  ...[
    '\n',
    '\r\n',
    '=',
    ':',
    '{',
    '}',
    '[',
    ']',
    '<',
    '>',
    '/>',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '!!',
    '- ',
    '|\n',
  ],
  ...[
    '\t',
    '\0',
    '\u001b[31m',
    '\u202e',
    '\u200b',
    '\ud800',
    '\uffff',
    '&amp;',
    '&#0;',
    '<!--',
    ']]>',
    '<![CDATA[',
  ],
  ...['\ntotem {\n', '\ninterface {\n', '\nnodelist {\n', '\nnode {\n', '\nringnumber: 1\n', '\ntoken: 1\n'],
  ...['\ntransport: knet\n', '\nmcastaddr: 239.1.1.1\n', '\nring0_addr: h\n', '\nexpected_votes: 2\n'],
  ...['\ngroup {\n', '\nunit {\n', '\nname=x\n', '\nmodel=2n\n', '\nprotection={\n', '\ngroup:\n', '\n---\n'],
  ...['-1', '1e9', '9'.repeat(400), '99999999999999999999', 'x'.repeat(600)],
]

const MANY = 50_000

/** What is small to write down and large to work through. */
const monsters = [
  'totem {\n'.repeat(MANY),
  `${'totem {\n}\n'.repeat(MANY)}`,
  `totem {\n${'interface {\n}\n'.repeat(MANY)}}\n`,
  `totem {\n${'token: 1\n'.repeat(MANY)}}\n`,
  `totem {\n}\nnodelist {\n${'node {\nring0_addr: 1.1.1.1\n}\n'.repeat(MANY)}}\n`,
  `totem {\n${`${' '.repeat(200)}x\n`.repeat(4000)}}\n`,
  `totem${' '.repeat(1_000_000)}{`,
  `totem {\n${':'.repeat(1_000_000)}{\n`,
  'x'.repeat(1_000_000),
  '{'.repeat(MANY),
  '['.repeat(MANY),
  '{"a":'.repeat(MANY),
  `{"group":${'['.repeat(MANY)}${']'.repeat(MANY)}}`,
  `a: ${'['.repeat(MANY)}`,
  '- '.repeat(MANY),
  `a: &a [x]\n${Array.from({ length: 60 }, (_, at) => `k${at}: &k${at} [*a, *a, *a]\n`).join('')}`,
  '<a>'.repeat(MANY),
  `<a>${'<b/>'.repeat(MANY)}</a>`,
  `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]><cib>${'&a;'.repeat(MANY)}</cib>`,
  `<cib ${'a="1" '.repeat(MANY)}>`,
  'group {\n'.repeat(MANY),
  'safAmfCluster = a {\n'.repeat(MANY),
  `safAmfCluster = a {\n${'safApp = b {\n}\n'.repeat(MANY)}}\n`,
  'bindnetaddr: 10.0.0.0\n'.repeat(MANY),
]

/** One to four changes: a piece put in, a stretch taken out, doubled, or taken from another text. */
function mutated(random) {
  let text = random.pick(texts)
  for (let changes = random.below(4); changes > 0; changes--) {
    const from = random.below(text.length + 1)
    const to = Math.min(text.length, from + random.below(60))
    const between = [
      random.pick(pieces),
      '',
      text.slice(from, to).repeat(2),
      random.pick(texts).slice(from, to),
    ]
    text = text.slice(0, from) + random.pick(between) + text.slice(random.chance(0.5) ? from : to)
  }
  return text
}

function optionsOf(random) {
  const nodes = [[], [['raidA', 'left']], [['left', 'a']]]
  return {
    fileName: random.chance(0.8) ? 'f' : random.pick(['network.conf', 'groups.yaml', 'x.json', 'cib.xml']),
    from: random.chance(0.9) ? null : random.pick(formatNames),
    to: random.pick(formatNames),
    kind: random.chance(0.9) ? null : random.pick(['network', 'groups']),
    node: random.chance(0.7) ? null : random.pick(['node1', '10.0.0.1', 'left']),
    mcastAddress: random.pick([null, '226.94.1.1', '226.94.1.1', 'x']),
    mcastPort: random.pick([null, null, '6000', '-1']),
    nodesOfUnits: new Map(random.chance(0.9) ? [] : random.pick(nodes)),
    members: random.chance(0.8)
      ? []
      : random.pick([['left=10.0.0.1,7', 'right=10.0.0.2'], ['x'], ['a=1.1.1.1', 'a=2']]),
    legacyPortByteorder: random.chance(0.1),
    isStrict: random.chance(0.1),
  }
}

/** What is wrong about an answer; null: nothing. */
function wrongAbout({ ok, text, diagnostics, from, to }, source, options) {
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error')
  if (ok === hasErrors || ok !== (text !== null)) return 'neither a text nor an error, or both'
  const lines = source.split(/\r\n|\r|\n/).length + 1
  for (const diagnostic of diagnostics) {
    const shown = formatDiagnostic('f', diagnostic)
    if (!/^f:\d+:\d+: (error|warning) [a-z0-9-]+: /.test(shown)) return `a finding in another form: ${shown}`
    if (/[\p{Cc}\p{Cf}]/u.test(shown.replaceAll('\n', ''))) return 'a finding that cannot be printed'
    if (diagnostic.line < 1 || diagnostic.line > lines) return `line ${diagnostic.line} of ${lines}`
  }
  return ok ? wrongAboutText(text, from, to, options) : null
}

/** What is written in a format of ours is good, and means what it meant: written again it is the same. */
function wrongAboutText(text, from, to, { fileName }) {
  if (!['classic', 'yaml', 'json'].includes(to)) return null
  const kind = /^ *"?group"?(?: \{|:)|^(?:lease|no-quorum|takeover-delay)[=:]/m.test(text) ? 'groups' : null
  const plain = { node: null, mcastAddress: null, mcastPort: null, members: [], nodesOfUnits: new Map() }
  const flags = { legacyPortByteorder: false, isStrict: false }
  const isEmpty = /^(?:#.*\s*)*(?:\{\})?\s*$/.test(text)
  const guessed = kind ?? (/bindnetaddr/.test(text) ? 'network' : 'groups')
  const again = convertText(text, { ...plain, ...flags, fileName, from: to, to, kind: guessed })
  if (!again.ok) return `what was written is not good: ${again.diagnostics[0]?.message} in ${text}`
  const comments = /^\s*#.*$/gm
  const bare = (one) => one.replaceAll(comments, '').replaceAll(/\n+/g, '\n').trim()
  if (isEmpty || bare(again.text) === bare(text)) return null
  return `written again from ${from} it is another text: ${text} ${again.text}`
}

/** @param onProgress called with the number of cases so far */
export function attackConvert(seed, cases, onProgress) {
  const random = seededRandom(seed)
  const figures = {
    cases: 0,
    byClass: { monster: 0, mutation: 0 },
    taken: 0,
    exceptions: 0,
    wrong: 0,
    slow: 0,
    slowestMs: 0,
    findings: [],
  }
  const note = (kind, message, frame) => {
    figures[kind]++
    if (figures.findings.length < FINDINGS_MAX) figures.findings.push({ kind, message, times: 1, frame })
  }
  const attempt = (source, options, name) => {
    const startedUs = cpuUs()
    const frame = JSON.stringify({ source: source.slice(0, 2000), ...options })
    try {
      const answer = convertText(source, options)
      if (answer.ok) figures.taken++
      const wrong = wrongAbout(answer, source, options)
      if (wrong !== null) note('wrong', wrong, frame)
    } catch (error) {
      note('exceptions', `case ${figures.cases}: ${error.stack}`, frame)
    }
    const tookMs = (cpuUs() - startedUs) / 1000
    figures.slowestMs = Math.max(figures.slowestMs, tookMs)
    if (tookMs > SLOW_MS) note('slow', `case ${figures.cases} took ${Math.round(tookMs)} ms`, frame)
    figures.cases++
    figures.byClass[name]++
    if (figures.cases % 1000 === 0) onProgress(figures.cases)
  }
  for (const monster of monsters) {
    for (const from of [null, ...formatNames]) {
      attempt(monster, { ...optionsOf(random), from, to: 'classic', kind: null }, 'monster')
    }
  }
  while (figures.cases < cases) attempt(mutated(random), optionsOf(random), 'mutation')
  return figures
}

export function convertFailuresOf({ exceptions, wrong, slow }) {
  return exceptions + wrong + slow
}
