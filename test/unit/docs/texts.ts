import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A Markdown file of the project. */
export interface ProjectText {
  /** From the root of the package. */
  readonly path: string
  readonly text: string
}

export function readText(path: string): ProjectText {
  return { path, text: readFileSync(root + path, 'utf8') }
}

/** Every Markdown file at the root and below docs/. */
export function projectTexts(): ProjectText[] {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'))
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' })
  const below = docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  return [...top, ...below].sort().map(readText)
}

/** What stands in backquotes and in blocks of code, a line each, comments behind commands cut off. */
export function codeOf({ text }: ProjectText): string[] {
  const lines: string[] = []
  const prose = text.replace(/^```.*\n([\s\S]*?)^```$/gm, (_, block: string) => {
    lines.push(...block.split('\n'))
    return ''
  })
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  return [...lines, ...inline].map((line) => line.replace(/\s+#\s.*$/, '').trim()).filter(Boolean)
}

/** The anchors of a text's headings, as GitHub makes them. */
export function anchorsOf({ text }: ProjectText): string[] {
  const prose = text.replace(/^```.*\n[\s\S]*?^```$/gm, '')
  return [...prose.matchAll(/^#+ (.*)$/gm)].map((match) => {
    const words = match[1]!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '')
    return words.trim().replace(/\s/g, '-')
  })
}

/** First cells of the table that has this word in its head. */
export function firstCells({ text }: ProjectText, head: string): string[] {
  const lines = text.split('\n')
  const from = lines.findIndex((line) => line.startsWith(`| ${head} `))
  const length = lines.slice(from).findIndex((line) => !line.startsWith('|'))
  // A bar inside of a cell is escaped.
  return lines.slice(from + 2, from + length).map((line) => line.split(/(?<!\\)\|/)[1]!.trim())
}
