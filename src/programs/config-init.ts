import { randomUUID } from 'node:crypto'
import { link, mkdir, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  chooseInterface,
  configFileNames,
  listInterfaces,
  loadGroupsFile,
  loadNetworkFile,
  printable,
  type Diagnostic,
  type InterfaceChoice,
} from '../config/index.js'
import type { ProposedInterface } from './config-init-interfaces.js'
import { renderConfig, type InitFile, type InitForm } from './config-init-render.js'
import type { InitValues } from './config-init-values.js'

/** Begins a configuration: network.conf and, where there is none, groups.conf. */

export interface InitRequest {
  readonly directory: string
  readonly form: InitForm
  readonly values: InitValues
  readonly proposal: ProposedInterface
  /** A network configuration that is there is set aside. */
  readonly isForced: boolean
}

export interface InitResult {
  readonly configDir: string
  readonly form: InitForm
  readonly values: InitValues
  /** What `ais exec` would choose on this machine. */
  readonly interface: InterfaceChoice
  /** Paths of what was written. */
  readonly written: readonly string[]
  /** A groups.conf, in whatever form, that was there and stays. */
  readonly kept: readonly string[]
  readonly backups: readonly { readonly file: string; readonly backup: string }[]
  /** Warnings about what was written. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Why it cannot be done, for people; files that were there are there. */
export class InitError extends Error {
  constructor(
    message: string,
    readonly suggestions: readonly string[] = [],
  ) {
    super(message)
  }
}

/** Backups of one file: whoever has more is to look at them. */
const BACKUPS_MAX = 999

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** The forms of a file that are in a directory; none where there is no directory. */
async function presentForms(directory: string, file: InitFile): Promise<string[]> {
  try {
    const names = await readdir(directory)
    return configFileNames(file).filter((name) => names.includes(name))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw failure(directory, 'cannot be used', error)
  }
}

function failure(path: string, what: string, error: unknown): InitError {
  const { message } = error as Error
  const isDenied = codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM'
  const hint = isDenied ? ['--config-dir DIR with a directory of yours', 'as root'] : []
  return new InitError(`${printable(path)} ${what}: ${printable(message)}`, hint)
}

function conflict(directory: string, names: readonly string[]): InitError {
  const them = names.length === 1 ? 'it' : 'them'
  const message = `${names.join(' and ')} in ${printable(directory)} would be replaced: nothing was written`
  return new InitError(message, [`--force, which keeps ${them} under another name`, 'another --config-dir'])
}

/** @throws InitError where a network configuration is there, in whatever form */
export async function checkUnconfigured(directory: string): Promise<void> {
  const present = await presentForms(directory, 'network')
  if (present.length > 0) throw conflict(directory, present)
}

/** Give a file a second name that nothing has. */
async function backUp(directory: string, name: string): Promise<string> {
  const path = join(directory, name)
  for (let number = 1; number <= BACKUPS_MAX; number++) {
    const backup = `${path}.bak-${number}`
    try {
      await link(path, backup)
      return backup
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw failure(path, 'cannot be kept under another name', error)
    }
  }
  throw new InitError(`${printable(path)} has ${BACKUPS_MAX} backups: nothing was written`, ['remove some'])
}

/** Put the new network configuration where it belongs: at once, whole or not at all. */
async function install(staged: string, { directory, form, isForced }: InitRequest): Promise<string[]> {
  const target = join(directory, `network.${form}`)
  if (!isForced) {
    // A link is refused where there is a file already, whoever made it since anybody looked.
    await link(staged, target).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST' ? conflict(directory, [`network.${form}`]) : error
    })
    return []
  }
  const present = await presentForms(directory, 'network')
  const backups: string[] = []
  for (const name of present) backups.push(await backUp(directory, name))
  await rename(staged, target)
  for (const name of present) if (name !== `network.${form}`) await unlink(join(directory, name))
  return backups
}

/** What was written, read as `ais exec` would read it. */
async function readBack(
  path: string,
  { values }: InitRequest,
): Promise<{ readonly choice: InterfaceChoice; readonly diagnostics: readonly Diagnostic[] }> {
  const loaded = await loadNetworkFile(path)
  if (!loaded.ok) throw new InitError(loaded.diagnostics.map(({ message }) => message).join('; '))
  const { config, diagnostics } = loaded
  const isAsAsked =
    config.clusterName === values.clustername &&
    config.bindTarget.text === values.bindnetaddr &&
    config.mcastAddress === values.mcastaddr &&
    String(config.mcastPort) === values.mcastport &&
    config.nodeName === values.nodename
  if (!isAsAsked) throw new InitError('the file would not say what was asked for: nothing was written')
  const chosen = chooseInterface(config, listInterfaces())
  if (!chosen.ok) throw new InitError(chosen.diagnostic.message)
  return { choice: chosen.choice, diagnostics }
}

async function write(request: InitRequest, staging: string): Promise<InitResult> {
  const { directory, form, values, proposal } = request
  const stage = async (file: InitFile): Promise<string> => {
    const path = join(staging, `${file}.${form}`)
    const text = await renderConfig(file, form, values, proposal)
    await writeFile(path, text, { flag: 'wx', mode: 0o644, flush: true })
    return path
  }
  const network = await stage('network')
  const { choice, diagnostics } = await readBack(network, request)
  const groups = await stage('groups')
  const checked = await loadGroupsFile(groups)
  if (!checked.ok) throw new InitError(checked.diagnostics.map(({ message }) => message).join('; '))
  const before = await presentForms(directory, 'network')
  if (!request.isForced && before.length > 0) throw conflict(directory, before)
  const backups = await install(network, request)
  const written = [join(directory, `network.${form}`)]
  const kept = (await presentForms(directory, 'groups')).map((name) => join(directory, name))
  if (kept.length === 0) {
    const target = join(directory, `groups.${form}`)
    await link(groups, target)
    written.push(target)
  }
  return {
    configDir: directory,
    form,
    values,
    interface: choice,
    written,
    kept,
    backups: backups.map((backup) => ({ file: backup.replace(/\.bak-\d+$/, ''), backup })),
    diagnostics,
  }
}

/**
 * Write the files of a configuration directory, which is made if missing. What is written was read back
 * before it has its name; a groups.conf that is there is not touched.
 * @throws InitError
 */
export async function initConfig(request: InitRequest): Promise<InitResult> {
  const { directory } = request
  const staging = join(directory, `.init-${randomUUID()}`)
  try {
    await mkdir(directory, { recursive: true })
    await mkdir(staging, { mode: 0o700 })
    return await write(request, staging)
  } catch (error) {
    throw error instanceof InitError ? error : failure(directory, 'cannot be written to', error)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}
