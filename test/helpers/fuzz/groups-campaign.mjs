// Hostile files of groups.conf, and texts of what one means: none may throw, hang or be taken for another.
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { seededRandom } from '../../../dist/base/index.js'
import { checkGroupsText } from '../../../dist/config/groups/check-groups.js'
import { CheckContext } from '../../../dist/config/check-context.js'
import { examineTree, groupsKind } from '../../../dist/config/file-kinds.js'
import { readValue } from '../../../dist/config/tree/value.js'
import { formatDiagnostic, groupsText, readGroupsText } from '../../../dist/config/index.js'

/** A small file takes about a millisecond; what takes so long, on a busy machine too, is out of bounds. */
const SLOW_MS = 2000
const FINDINGS_MAX = 10

const folder = new URL('../../testdata/groups/', import.meta.url)
const texts = readdirSync(folder)
  .filter((name) => name.endsWith('.conf'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .filter((text) => text.length < 10_000)
const meanings = texts.flatMap((text) => {
  const checked = checkGroupsText(text)
  return checked.ok ? [groupsText(checked.config)] : []
})

const pieces = [
  '\n',
  '\r',
  '=',
  '{',
  '}',
  '#',
  ' ',
  '\t',
  '\0',
  '"',
  ':',
  '\u001b[31m',
  '\u202e',
  '\u200b',
  '\ud800',
  '\uffff',
  '\n}\n',
  '\ngroup {\n',
  '\nunit {\n',
  '\ncomponent {\n',
  '\nprotection {\n',
  '\nservice-instance {\n',
  '\ncsi {\n',
  '\nname=x\n',
  '\nmodel=2n\n',
  '\nmodel=nplusm\n',
  '\nactive-units=2\n',
  '\nmember=db-left\n',
  '-1',
  '1e9',
  '9'.repeat(400),
]
const values = ['null', '-1', '[]', '{}', '0', '2147483648', '""', '"\\u0000"', 'true', '1.5', '[[', ']', ',']

/** One to four changes: a piece put in, a stretch taken out, doubled, or taken from another text. */
function mutate(random, all, extra) {
  let text = random.pick(all)
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const from = random.below(text.length + 1)
    const to = Math.min(text.length, from + random.below(40))
    const between = [random.pick(extra), '', text.slice(from, to).repeat(2), random.pick(all).slice(from, to)]
    text = text.slice(0, from) + random.pick(between) + text.slice(random.chance(0.5) ? from : to)
  }
  return text
}

/** A tree as YAML or JSON could give it, of the words that mean something. */
function tree(random, depth = 0) {
  const words = [
    'group',
    'unit',
    'component',
    'protection',
    'service-instance',
    'csi',
    'name',
    'model',
    'member',
    'rank',
  ]
  const leaves = ['x', '2n', 'db-left', 1, -1, null, true, '', '__proto__']
  if (depth > 4 || random.chance(0.3)) return random.pick(leaves)
  if (random.chance(0.3)) return Array.from({ length: random.below(4) }, () => tree(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: random.below(6) }, () => [random.pick(words), tree(random, depth + 1)]),
  )
}

/** What is wrong about an answer; null: nothing. */
function wrongAbout(checked, text) {
  const hasErrors = checked.diagnostics.some(({ severity }) => severity === 'error')
  if (checked.ok === hasErrors) return 'neither a configuration nor an error, or both'
  const lines = text.split('\n').length + 1
  for (const diagnostic of checked.diagnostics) {
    const shown = formatDiagnostic('f', diagnostic)
    if (!/^f:\d+:\d+: (error|warning) [a-z-]+: /.test(shown)) return `a finding in another form: ${shown}`
    if (/[\p{Cc}\p{Cf}]/u.test(shown.replaceAll('\n', ''))) return 'a finding that cannot be printed'
    if (diagnostic.line < 1 || diagnostic.line > lines) return `line ${diagnostic.line} of ${lines}`
  }
  if (!checked.ok) return null
  const meaning = groupsText(checked.config)
  const read = readGroupsText(meaning)
  if (read === null) return 'a configuration that no other node takes'
  return groupsText(read) === meaning ? null : 'a configuration that changes on its way'
}

function wrongAboutMeaning(text) {
  const read = readGroupsText(text)
  return read === null || groupsText(read) === text
    ? null
    : 'a text that is not the text of what it was read as'
}

const kinds = {
  file: (random) => {
    const text = mutate(random, texts, pieces)
    const checked = checkGroupsText(text)
    return { text, wrong: wrongAbout(checked, text), isTaken: checked.ok }
  },
  object: (random) => {
    const value = tree(random)
    const text = JSON.stringify(value)
    const context = new CheckContext()
    const { checked } = examineTree(readValue(value, text, context), 'json', groupsKind, context)
    return { text, wrong: wrongAbout(checked, text), isTaken: checked.ok }
  },
  meaning: (random) => {
    const text = mutate(random, meanings, values)
    return { text, wrong: wrongAboutMeaning(text), isTaken: readGroupsText(text) !== null }
  },
}

/** @param onProgress called with the number of cases so far */
export function attackGroups(seed, cases, onProgress) {
  const random = seededRandom(seed)
  const names = Object.keys(kinds)
  const figures = {
    cases: 0,
    byClass: Object.fromEntries(names.map((name) => [name, 0])),
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
  while (figures.cases < cases) {
    const kind = names[figures.cases % names.length]
    const startedMs = performance.now()
    try {
      const { text, wrong, isTaken } = kinds[kind](random)
      if (isTaken) figures.taken++
      if (wrong !== null) note('wrong', wrong, JSON.stringify(text))
    } catch (error) {
      note('exceptions', `case ${figures.cases}: ${error.stack}`)
    }
    const tookMs = performance.now() - startedMs
    figures.slowestMs = Math.max(figures.slowestMs, tookMs)
    if (tookMs > SLOW_MS) note('slow', `case ${figures.cases} took ${Math.round(tookMs)} ms`)
    figures.cases++
    figures.byClass[kind]++
    if (figures.cases % 1000 === 0) onProgress(figures.cases)
  }
  return figures
}

export function groupsFailuresOf({ exceptions, wrong, slow }) {
  return exceptions + wrong + slow
}
