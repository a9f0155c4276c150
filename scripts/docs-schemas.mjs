// `npm run docs:schemas [-- --check] [--no-build]`: conf/*.schema.json, from the tables of keys. With --check
// nothing is written: exit code 1 when a schema is not as it would be.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { root, setup } from './setup.mjs'

const { values: flags } = parseArgs({
  options: { check: { type: 'boolean', default: false }, 'no-build': { type: 'boolean', default: false } },
})

if (!flags['no-build']) setup()
const { groupsSchema, networkSchema } = await import('../dist/config/index.js')
const schemas = { 'network.schema.json': networkSchema(), 'groups.schema.json': groupsSchema() }
for (const [name, schema] of Object.entries(schemas)) {
  const path = join(root, 'conf', name)
  const options = { ...(await resolveConfig(path)), parser: 'json' }
  const text = await format(JSON.stringify(schema, null, 2), options)
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  if (flags.check) {
    process.stderr.write(`conf/${name} is not up to date\nTry: npm run docs:schemas\n`)
    process.exitCode = 1
  } else {
    writeFileSync(path, text)
    process.stdout.write(`conf/${name} written\n`)
  }
}
