import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { requiredCoverage } from '../../../src/sim/coverage.js'
import { commandsFor } from '../../../src/sim/script/commands.js'
import { ScriptWorld } from '../../../src/sim/script/world.js'
import { anchorsOf, codeOf, firstCells, projectTexts, readText, root } from './texts.js'

const texts = projectTexts()
const paths = texts.map(({ path }) => path)
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>
}

/** Named in the texts as what is to come; a test fails when it has come, so that the texts are changed. */
const announced: readonly string[] = []
/** Shown with the answer to a mistyped command. */
const mistyped = ['exce']

/** Words of a command line behind `ais`, up to the first that is no command's. */
function commandWords(line: string): string[] {
  const words = line.replace(/^\$ /, '').split(/\s+/).slice(1)
  const end = words.findIndex((word) => !/^[a-z]+$/.test(word))
  return end < 0 ? words : words.slice(0, end)
}

function aisLines(path: string): string[] {
  const lines = codeOf(readText(path)).flatMap((line) => line.split(' | '))
  return lines.filter((line) => /^(\$ )?ais( |$)/.test(line))
}

test('there are texts to check', () => {
  expect(paths).toEqual(
    expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/testing.md']),
  )
})

describe.each(paths)('%s', (path) => {
  const project = readText(path)

  test('names npm scripts that exist', () => {
    const named = [...project.text.matchAll(/npm run ([a-z][a-z:-]*)/g)].map((match) => match[1]!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  test('names commands of ais that exist, with flags they have', () => {
    const wrong: string[] = []
    for (const line of aisLines(path)) {
      const words = commandWords(line)
      const [first = 'help'] = words
      if (first === 'help' || announced.includes(first) || mistyped.includes(first)) continue
      const known = [words.slice(0, 1), words.slice(0, 2)].find((id) =>
        existsSync(`${root}src/commands/${id.join('/')}.ts`),
      )
      const isTopic = words.length === 1 && existsSync(`${root}src/commands/${first}`)
      if (known === undefined && isTopic) continue
      if (known === undefined) {
        wrong.push(line)
        continue
      }
      const page = readFileSync(`${root}docs/commands/${known.join('-')}.md`, 'utf8')
      const flags = [...line.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag)
      if (flags.some((flag) => flag !== '--help' && !page.includes(flag))) wrong.push(line)
    }
    expect(wrong).toEqual([])
  })

  test('links to files and headings that exist', () => {
    const links = [...project.text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)]
    const broken = links.filter(([, file = '', anchor]) => {
      const target = file === '' ? path : normalize(join(dirname(path), file))
      const full = target.endsWith('/') || !/\.[a-z]+$|LICENSE$/.test(target) ? `${target}/README.md` : target
      if (!existsSync(root + full)) return true
      return anchor !== undefined && !anchorsOf(readText(full)).includes(anchor.slice(1))
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test('names files that exist', () => {
    const pattern = /^(src|test|scripts|bench|conf|docs|bin|\.ci)\/[a-z0-9./-]+$/
    const named = codeOf(project)
      .flatMap((line) => line.split(/\s+/))
      .filter((word) => pattern.test(word))
    expect(named.filter((name) => !existsSync(root + name))).toEqual([])
  })
})

test('what is announced has not come yet', () => {
  const come = announced.filter((name) => existsSync(`${root}src/commands/${name}`))
  expect(come).toEqual([])
})

test('docs/commands is what the commands say of themselves', async () => {
  const args = [`${root}scripts/docs-commands.mjs`, '--check', '--no-build']
  const child = spawn(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } })
  const [stderr] = await Promise.all([textOf(child.stderr), once(child, 'close')])
  expect([child.exitCode, stderr]).toEqual([0, ''])
}, 120_000)

describe('docs/testing.md', () => {
  const testing = readText('docs/testing.md')

  test('lists every fault and branch that a campaign has to meet', () => {
    const listed = firstCells(testing, 'counter').map((cell) => cell.replaceAll('`', ''))
    expect(listed).toEqual(Object.keys(requiredCoverage))
  })

  test('lists every command of the scenario scripts, and no others', () => {
    const cells = firstCells(testing, 'command')
    const quoted = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)/g)].map((match) => match[1]!))
    const known = commandsFor(new ScriptWorld())
    expect([...new Set(quoted)].sort()).toEqual([...known.keys()].sort())
  })
})
