// Hostile configurations in all forms that a text can have: none may throw, hang, or be answered outside of
// itself; and no fix may leave more errors than it found.
import { readdirSync, readFileSync } from 'node:fs'
import { seededRandom } from '../../../dist/base/index.js'
import { examineText, formOf, groupsKind, networkKind } from '../../../dist/config/file-kinds.js'
import { formatDiagnostic, repairGroups, repairNetwork } from '../../../dist/config/index.js'

/** A small file takes about a millisecond; what takes so long, on a busy machine too, is out of bounds. */
const SLOW_MS = 2000
const FINDINGS_MAX = 10
/** Of so many files one is mended as well, which takes several checks. */
const MENDED = 20

const folders = {
  network: new URL('../../testdata/config/', import.meta.url),
  groups: new URL('../../testdata/groups/', import.meta.url),
}
const kinds = { network: networkKind, groups: groupsKind }
const repairs = { network: repairNetwork, groups: repairGroups }

function textsOf(kind, extension) {
  return readdirSync(folders[kind])
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(new URL(name, folders[kind]), 'utf8'))
    .filter((text) => text.length < 10_000)
}

const classes = [
  ['network', '.conf'],
  ['network', '.yaml'],
  ['network', '.json'],
  ['groups', '.conf'],
  ['groups', '.yaml'],
  ['groups', '.json'],
].map(([kind, extension]) => ({ kind, form: formOf(`x${extension}`), texts: textsOf(kind, extension) }))

const pieces = [
  '\n',
  '\r',
  ':',
  '=',
  '#',
  ' ',
  '\t',
  '\0',
  '"',
  "'",
  ',',
  '{',
  '}',
  '[',
  ']',
  '- ',
  '? ',
  '| ',
]
const words = ['&a ', '*a', '<<: ', '!x ', '---\n', '\ufeff', '\u001b[31m', '\u202e', '\ud800', '\u{1F600}']
const values = [
  'null',
  'true',
  '-1',
  '1e9',
  '0x10',
  '\\u0000',
  '9'.repeat(400),
  '__proto__',
  'token',
  'group',
]
const extra = [...pieces, ...words, ...values]

/** One to four changes: a piece put in, a stretch taken out, doubled, or taken from another text. */
function mutate(random, texts) {
  let text = random.pick(texts)
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const from = random.below(text.length + 1)
    const to = Math.min(text.length, from + random.below(40))
    const between = [
      random.pick(extra),
      '',
      text.slice(from, to).repeat(2),
      random.pick(texts).slice(from, to),
    ]
    text = text.slice(0, from) + random.pick(between) + text.slice(random.chance(0.5) ? from : to)
  }
  return text
}

const errorsOf = ({ checked }) => checked.diagnostics.filter(({ severity }) => severity === 'error').length

/** What is wrong about an answer; null: nothing. */
function wrongAbout(examined, text) {
  const { ok, diagnostics } = examined.checked
  if (ok === errorsOf(examined) > 0) return 'neither a configuration nor an error, or both'
  const lines = text.replace(/^\ufeff/, '').split('\n')
  for (const diagnostic of diagnostics) {
    const shown = formatDiagnostic('f', diagnostic)
    if (!/^f:\d+:\d+: (error|warning) [a-z0-9-]+: /.test(shown)) return `a finding in another form: ${shown}`
    if (/[\p{Cc}\p{Cf}]/u.test(shown.replaceAll('\n', ''))) return 'a finding that cannot be printed'
    const { line, column } = diagnostic
    if (line < 1 || line > lines.length + 1) return `line ${line} of ${lines.length}`
    if (column < 1 || column > [...(lines[line - 1] ?? '')].length + 1)
      return `column ${column} of line ${line}`
  }
  return null
}

function wrongAboutRepair(kind, text, examined) {
  const mended = repairs[kind](text, examined)
  if (errorsOf(mended.examined) > errorsOf(examined)) return 'fixes that leave more errors'
  if (examined.checked.ok && !mended.examined.checked.ok) return 'fixes that spoil a good file'
  return wrongAbout(mended.examined, mended.text)
}

export function attackConfig(seed, cases, onProgress = () => {}) {
  const random = seededRandom(seed)
  const figures = { cases: 0, taken: 0, mended: 0, slowestMs: 0, byClass: {}, findings: [] }
  const note = (what, message, text) => {
    if (figures.findings.length === FINDINGS_MAX) return
    figures.findings.push({ kind: what, times: 1, message, what: JSON.stringify(text.slice(0, 400)) })
  }
  while (figures.cases < cases) {
    const { kind, form, texts } = random.pick(classes)
    const text = mutate(random, texts)
    const name = `${kind} ${form}`
    figures.byClass[name] = (figures.byClass[name] ?? 0) + 1
    const before = process.cpuUsage()
    try {
      const examined = examineText(text, form, kinds[kind])
      let wrong = wrongAbout(examined, text)
      if (examined.checked.ok) figures.taken++
      if (wrong === null && figures.cases % MENDED === 0) {
        figures.mended++
        wrong = wrongAboutRepair(kind, text, examined)
      }
      if (wrong !== null) note(name, wrong, text)
    } catch (error) {
      note(name, `it throws ${error.stack}`, text)
    }
    const { user, system } = process.cpuUsage(before)
    const tookMs = (user + system) / 1000
    figures.slowestMs = Math.max(figures.slowestMs, tookMs)
    if (tookMs > SLOW_MS) note(name, `${Math.round(tookMs)} ms`, text)
    if (++figures.cases % 10_000 === 0) onProgress(figures.cases)
  }
  return figures
}

export function configFailuresOf({ findings }) {
  return findings.length
}
