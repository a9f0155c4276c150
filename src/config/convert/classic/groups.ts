import type { CheckContext } from '../../check-context.js'
import type { Block } from '../../groups/block.js'
import { parseBlocks } from '../../groups/parse-blocks.js'
import type { Convertible, Read, WriteOptions } from '../format.js'
import { headLines } from '../head.js'

export function readGroups(text: string, context: CheckContext): Read {
  return { kind: 'groups', source: parseBlocks(text, context) }
}

class BlockWriter {
  readonly lines: string[] = []

  constructor(private readonly context: CheckContext) {}

  write(block: Block, depth: number): void {
    const indent = '  '.repeat(depth)
    const name = block.entries.find(({ key }) => key === 'name')?.value
    for (const entry of block.entries) {
      // Behind the = of a word that opens blocks a { would open one.
      if (entry.key === 'protection' && entry.value.startsWith('{')) {
        if (entry.value === name) continue
        this.context.error(entry, {
          code: 'not-convertible',
          message: 'a groups.conf cannot say that a csi uses a protection whose name begins with {',
          expected: 'a protection of another name',
        })
      }
      this.lines.push(`${indent}${entry.key}=${entry.value}`)
    }
    for (const inner of block.blocks) {
      if (this.lines.length > 0 && !this.lines[this.lines.length - 1].endsWith('{')) this.lines.push('')
      this.lines.push(`${indent}${inner.scope} {`)
      this.write(inner, depth + 1)
      this.lines.push(`${indent}}`)
    }
  }
}

export function writeGroups(
  { source }: Extract<Convertible, { kind: 'groups' }>,
  options: WriteOptions,
  context: CheckContext,
): string {
  const writer = new BlockWriter(context)
  writer.lines.push(...headLines(options).map((line) => `# ${line}`))
  writer.write(source.file, 0)
  return `${writer.lines.join('\n')}\n`
}
