import { lstat, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shellWord } from '../base/index.js'

/** Renders templates/app: a small application, ready to be installed and run. */

const packageRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const templateRoot = join(packageRoot, 'templates', 'app')
/** Of a file that is something else, under its own name, to whatever looks through a folder. */
const TEMPLATE = '.template'
/** Those names that do not survive packing. */
const DOTTED = new Set(['gitignore'])
/** Names of packages, groups, components and checkpoints alike, with what is put behind them. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/

export interface AppOptions {
  readonly directory: string
  /** Of application and group; the last part of the directory if not given. */
  readonly name?: string | undefined
  /** Into a directory that is not empty as well, over files that are there. */
  readonly isForced: boolean
}

export interface RenderedApp {
  readonly directory: string
  readonly name: string
  /** Below the directory. */
  readonly files: readonly string[]
}

/** Why it cannot be done, for people. */
export class AppError extends Error {
  /** @param isUsage it is asked for wrongly, whatever is on the disk */
  constructor(
    message: string,
    readonly isUsage: boolean,
    readonly suggestions: readonly string[] = [],
  ) {
    super(message)
  }
}

/** @throws AppError: nothing is written then */
export async function renderApp({ directory, name, isForced }: AppOptions): Promise<RenderedApp> {
  const path = resolve(directory)
  const called = checkedName(name ?? basename(path), name !== undefined)
  await checkEmpty(path, isForced)
  const values = await valuesOf(called)
  const files: string[] = []
  for (const template of await templates()) {
    const file = targetOf(template)
    const text = await readFile(join(templateRoot, template), 'utf8')
    await mkdir(dirname(join(path, file)), { recursive: true })
    await writeFile(join(path, file), render(text, values), { flag: isForced ? 'w' : 'wx' })
    files.push(file)
  }
  return { directory: path, name: called, files: files.sort() }
}

function checkedName(name: string, isGiven: boolean): string {
  if (NAME.test(name)) return name
  const what = `${JSON.stringify(name)} cannot be the name of an application`
  const expected = 'it begins with a lower-case letter or digit, then come those, ".", "_" and "-", up to 100'
  throw new AppError(`${what}: ${expected}`, true, isGiven ? [] : ['--name NAME'])
}

async function checkEmpty(path: string, isForced: boolean): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new AppError(`${path} cannot be used: ${error.message}`, false)
  })
  if (found === null) return
  const directory = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new AppError(`${path} cannot be used: ${error.message}`, false)
  })
  if (directory.length === 0 || isForced) return
  const message = `${path} is not empty: nothing was written`
  throw new AppError(message, false, ['another directory', '--force, which writes over files of the app'])
}

/** The dependencies of the application are those that this package was built with. */
async function valuesOf(name: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(packageRoot, 'package.json'), 'utf8')
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> }
  return new Map([
    ['name', name],
    // The one whose command this is: an application and its executive speak the same version.
    ['ais', `file:${await realpath(packageRoot)}`],
    ['typescript', devDependencies['typescript']],
    ['typesNode', devDependencies['@types/node']],
  ])
}

async function templates(): Promise<string[]> {
  const entries = await readdir(templateRoot, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(templateRoot.length + 1))
}

function targetOf(template: string): string {
  const file = template.endsWith(TEMPLATE) ? template.slice(0, -TEMPLATE.length) : template
  return DOTTED.has(file) ? `.${file}` : file
}

function render(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (placeholder, key: string) => values.get(key) ?? placeholder)
}

/** What to do next, a line each. @param shown the directory as it was given */
export function appSteps({ name }: RenderedApp, shown: string): string[] {
  const socket = (index: number): string =>
    `AIS_SOCKET=$(ais cluster status --json | jq -r '.nodes[${index}].socket')`
  return [
    'Next:',
    `  cd ${shellWord(shown)}`,
    '  npm install && npm run build',
    '  ais cluster up --nodes 2 --groups groups.conf',
    `  ${socket(0)} npm start -- ${name}-1`,
    `  ${socket(1)} npm start -- ${name}-2    # in another terminal`,
    'Then kill -9 the active one, and see the other carry on. In the end: ais cluster down',
  ]
}
