// Lints snippets as if they stood in files: JSON [{filePath, text}] on stdin, JSON of the rule ids on stdout.
import { ESLint } from 'eslint'
import { text } from 'node:stream/consumers'

const snippets = JSON.parse(await text(process.stdin))
const eslint = new ESLint()
const found = []
for (const { filePath, text: source } of snippets) {
  const [result] = await eslint.lintText(source, { filePath })
  found.push(result.messages.map(({ ruleId, message }) => ({ ruleId, message })))
}
process.stdout.write(JSON.stringify(found))
