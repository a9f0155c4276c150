import { readdirSync, readFileSync } from 'node:fs'
import { limits, seededRandom, type Random } from '../../src/base/index.js'
import { checkNetworkText } from '../../src/config/check.js'
import { formatDiagnostic, type NetworkConfig } from '../../src/config/index.js'

const CASES = 100_000
const folder = new URL('../testdata/config/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.conf'))
const texts = files.map((name) => readFileSync(new URL(name, folder), 'utf8'))
const pieces = [
  '\n',
  '\r',
  ':',
  '#',
  ' ',
  '\t',
  '\0',
  '\u001b[31m',
  '‮',
  '￿',
  '-1',
  '1e9',
  '0x10',
  '٣',
  'token',
  'quorum: majority\n',
  'two-node: yes\n',
  'expected-votes: 2\n',
  '9'.repeat(400),
]

/** One to four changes: a piece put in, a stretch taken out, doubled, or taken from another file. */
function mutate(random: Random): string {
  let text = random.pick(texts)
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const from = random.below(text.length + 1)
    const to = Math.min(text.length, from + random.below(20))
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

/** What the rest of the executive relies on, whatever the file said. */
function quorumKeysAgree({ quorumMode, expectedVotes, twoNode, waitForAll }: NetworkConfig): boolean {
  if (quorumMode === 'off') return expectedVotes === null && !twoNode && !waitForAll
  if (expectedVotes === null || expectedVotes < 2 || expectedVotes > limits.ringMembers) return false
  return !twoNode || (waitForAll && expectedVotes === 2)
}

test(`${CASES} mutated files: either a configuration or errors that name a place in the file`, () => {
  const random = seededRandom(1)
  let valid = 0
  for (let i = 0; i < CASES; i++) {
    const text = mutate(random)
    const checked = checkNetworkText(text)
    const { ok, diagnostics } = checked
    const errors = diagnostics.some(({ severity }) => severity === 'error')
    if (ok === errors) throw new Error(`neither nor: ${JSON.stringify(text)}`)
    if (ok) valid++
    if (checked.ok && !quorumKeysAgree(checked.config)) throw new Error(`quorum of ${JSON.stringify(text)}`)
    for (const diagnostic of diagnostics) {
      const shown = formatDiagnostic('f', diagnostic)
      const printable = !/\p{Cc}/u.test(shown.replaceAll('\n', '').replaceAll('\t', ''))
      if (!printable || !/^f:\d+:\d+: (error|warning) /.test(shown)) {
        throw new Error(`${JSON.stringify(shown)} of ${JSON.stringify(text)}`)
      }
    }
  }
  expect(valid).toBeGreaterThan(CASES / 100)
  expect(valid).toBeLessThan(CASES)
})
