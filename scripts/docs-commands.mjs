// `npm run docs:commands [-- --check] [--no-build]`: docs/commands/, one page a command, from what each says
// of itself with --help. With --check nothing is written: exit code 1 when a page is not as it would be.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, setup } from './setup.mjs'

const folder = join(root, 'docs', 'commands')
const { values: flags } = parseArgs({
  options: { check: { type: 'boolean', default: false }, 'no-build': { type: 'boolean', default: false } },
})

if (!flags['no-build']) setup()
const pages = await makePages()
const stale = differences(pages)
if (flags.check) {
  for (const name of stale) process.stderr.write(`docs/commands/${name} is not up to date\n`)
  if (stale.length > 0) process.stderr.write('Try: npm run docs:commands\n')
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  mkdirSync(folder, { recursive: true })
  for (const name of stale) {
    if (pages.has(name)) writeFileSync(join(folder, name), pages.get(name))
    else rmSync(join(folder, name))
  }
  process.stdout.write(`docs/commands: ${pages.size} pages, ${stale.length} changed\n`)
}

/** Names of pages that are missing, different or no command's any more. */
function differences(wanted) {
  const present = existsSync(folder) ? readdirSync(folder) : []
  const names = [...new Set([...wanted.keys(), ...present])].sort()
  return names.filter((name) => {
    if (!wanted.has(name) || !present.includes(name)) return true
    return readFileSync(join(folder, name), 'utf8') !== wanted.get(name)
  })
}

/** @returns the text of each page by its file name */
async function makePages() {
  // What the pages are to look like; read when oclif is loaded.
  Object.assign(process.env, { COLUMNS: '100', OCLIF_COLUMNS: '100', NO_COLOR: '1', FORCE_COLOR: '0' })
  const { Config, Help } = await import('@oclif/core')
  const config = await Config.load({ root })
  const commands = config.commands.filter(({ id, hidden }) => !hidden && id !== 'help')
  const ids = commands.map(({ id }) => id).sort()
  // Before any help is shown, which writes the ids of commands with blanks.
  const summaries = new Map(commands.map(({ id, summary }) => [id, summary]))
  let shown = []
  /** Keeps what `--help` prints. */
  class KeptHelp extends Help {
    log(...texts) {
      shown.push(...texts)
    }
  }
  const made = new Map()
  for (const id of ids) {
    shown = []
    await new KeptHelp(config, config.pjson.oclif.helpOptions).showHelp([...id.split(':'), '--help'])
    const help = shown
      .join('\n')
      .replaceAll(/[ \t]+$/gm, '')
      .trim()
    made.set(fileNameOf(id), `# ais ${spaced(id)}\n\n\`\`\`\n${help}\n\`\`\`\n\n[All commands](README.md)\n`)
  }
  const rows = ids.map((id) => `- [\`ais ${spaced(id)}\`](${fileNameOf(id)}): ${summaries.get(id)}`)
  const exits = '[docs/errors.md](../errors.md) says what their exit codes mean.'
  const head = `# Commands\n\nWritten by \`npm run docs:commands\` from \`ais COMMAND --help\`. ${exits}\n`
  made.set('README.md', `${head}\n${rows.join('\n')}\n`)
  return made
}

function fileNameOf(id) {
  return `${id.split(':').join('-')}.md`
}

function spaced(id) {
  return id.split(':').join(' ')
}
