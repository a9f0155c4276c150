import { execFileSync } from 'node:child_process'

interface Snippet {
  readonly title: string
  /** A file that exists: the type-aware rules know no others. */
  readonly filePath: string
  readonly text: string
  /** The rule that must complain; null: none may. */
  readonly rule: string | null
}

const pure = 'src/totem/options.ts'
const lines = (count: number, line: string): string => `${line}\n`.repeat(count)

const bad: Snippet[] = [
  ['totem imports transport', pure, "import '../transport/index.js'", 'house/arrows'],
  ['base imports group', 'src/base/random.ts', "import '../group/index.js'", 'house/arrows'],
  ['group imports totem', 'src/group/messaging.ts', "export * from '../totem/options.js'", 'house/arrows'],
  ['transport imports totem', 'src/transport/index.ts', "import '../totem/options.js'", 'house/arrows'],
  ['config imports totem', 'src/config/check.ts', "import '../totem/options.js'", 'house/arrows'],
  [
    'commands import totem',
    'src/commands/config/validate.ts',
    "import '../../totem/options.js'",
    'house/arrows',
  ],
  ['cli imports exec', 'src/cli/exit-codes.ts', "export type A = import('../exec/x.js').A", 'house/arrows'],
  ['src imports a test', 'src/cli/exit-codes.ts', "import '../../test/helpers/x.js'", 'house/arrows'],
  ['a circle', 'src/config/parse.ts', "import './check.js'", 'house/no-cycles'],
  ['node: in a pure room', pure, "import 'node:fs'", 'no-restricted-imports'],
  ['a builtin in a pure room', pure, "import 'os'", 'no-restricted-imports'],
  ['node: in config', 'src/config/check.ts', "import 'node:os'", 'no-restricted-imports'],
  ['a timer in a pure room', pure, 'setTimeout(() => undefined, 1)', 'no-restricted-globals'],
  ['the clock in a pure room', pure, 'export const now = Date.now()', 'no-restricted-globals'],
  ['performance in a pure room', pure, 'export const now = performance.now()', 'no-restricted-globals'],
  ['process in a pure room', pure, 'export const id = process.pid', 'no-restricted-globals'],
  ['Buffer in a pure room', pure, 'export const b = Buffer.alloc(1)', 'no-restricted-globals'],
  ['globalThis in a pure room', pure, 'export const now = globalThis.Date.now()', 'no-restricted-globals'],
  ['Math.random in a pure room', pure, 'export const r = Math.random()', 'no-restricted-syntax'],
  ["Math['random'] in a pure room", pure, "export const r = Math['random']()", 'no-restricted-syntax'],
  ['async in a pure room', pure, 'export const f = async () => 1', 'no-restricted-syntax'],
  ['await in a pure room', pure, 'await Promise.resolve()', 'no-restricted-syntax'],
  ['import() in a pure room', pure, "export const f = () => import('./port.js')", 'no-restricted-syntax'],
  ['any', 'src/cli/exit-codes.ts', 'export const x: any = 1', '@typescript-eslint/no-explicit-any'],
  ['ts-ignore', 'src/cli/exit-codes.ts', '// @ts-ignore\nexport {}', '@typescript-eslint/ban-ts-comment'],
  [
    'a promise nobody awaits',
    'src/cli/base-command.ts',
    'Promise.resolve()',
    '@typescript-eslint/no-floating-promises',
  ],
  ['a long file', pure, lines(401, 'export {}'), 'max-lines'],
  ['a long function', pure, `export function f() {\n${lines(60, 'f()')}}`, 'max-lines-per-function'],
  ['a long line', pure, `// ${'x'.repeat(110)}`, 'house/line-length'],
  ['an unfinished thing', pure, `// ${'to'}${'do'}: later`, 'no-warning-comments'],
  ['a file name in camel case', 'test/unit/someThing.test.ts', 'export {}', 'house/file-name'],
  [
    'a switched-off rule',
    pure,
    '/* eslint-disable */\nexport const id = process.pid',
    'no-restricted-globals',
  ],
].map(([title, filePath, text, rule]) => ({ title, filePath, text, rule }) as Snippet)

const good: Snippet[] = [
  ['totem imports group', pure, "import '../group/index.js'", null],
  ['everyone imports base', 'src/group/messaging.ts', "import '../base/index.js'", null],
  ['the loader reads files', 'src/config/loader.ts', "import 'node:fs/promises'", null],
  ['types of promises in a pure room', 'src/group/transport.ts', 'export type P = Promise<void>', null],
  ['a property named Date', pure, 'export const x = { Date: 1 }', null],
].map(([title, filePath, text, rule]) => ({ title, filePath, text, rule }) as Snippet)

const snippets = [...bad, ...good]

type Found = readonly { readonly ruleId: string | null; readonly message: string }[]

describe('the rules of the house', () => {
  let found: readonly Found[] = []

  beforeAll(() => {
    const helper = new URL('./lint-snippets.mjs', import.meta.url).pathname
    const input = JSON.stringify(snippets)
    found = JSON.parse(execFileSync(process.execPath, [helper], { input, encoding: 'utf8' })) as Found[]
  }, 120_000)

  for (const [index, { title, filePath, rule }] of snippets.entries()) {
    test(`${rule === null ? 'allow' : 'refuse'}: ${title} (${filePath})`, () => {
      const rules = found[index].map(({ ruleId }) => ruleId)
      if (rule === null) expect(found[index]).toEqual([])
      else expect(rules).toContain(rule)
    })
  }

  test('the table of rooms has no circle', async () => {
    const path = new URL('../../../scripts/house-rules.mjs', import.meta.url).pathname
    const { rooms } = (await import(path)) as { rooms: Record<string, { uses: string[] }> }
    const reach = (room: string, seen: readonly string[]): void => {
      expect(seen).not.toContain(room)
      for (const use of rooms[room].uses) reach(use.split('/')[0], [...seen, room])
    }
    for (const room of Object.keys(rooms)) reach(room, [])
  })
})
