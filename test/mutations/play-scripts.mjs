// Plays the scripts of test/testdata on compiled code: FOLDER FILE, first those about the mutated file.
// Prints the name of the first that comes out otherwise, or nothing.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ABOUT = { ckpt: /ckpt/, amf: /amf|lease/, cpg: /cpg|viewed/, views: /^group/, totem: /^totem/ }

const [folder = '', file = ''] = process.argv.slice(2)
const { runScript } = await import(pathToFileURL(join(folder, 'sim', 'script.js')).href)

function comesOut(path) {
  const text = readFileSync(path, 'utf8')
  try {
    return runScript(text) === text
  } catch {
    return false
  }
}

const rooms = Object.keys(ABOUT).sort((a, b) => ABOUT[b].test(file) - ABOUT[a].test(file))
const paths = rooms.flatMap((room) => {
  const scripts = fileURLToPath(new URL(`../testdata/${room}/`, import.meta.url))
  return readdirSync(scripts)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => join(scripts, name))
})
const other = paths.find((path) => !comesOut(path))
if (other !== undefined) console.log(basename(other))
