import { spawn, type ChildProcess } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { logPath, nodeDirectory } from './layout.js'
import { identify, type ProcessIdentity } from './processes.js'
import { SandboxError, systemCauseOf } from './sandbox-error.js'

/** The command of this very package, wherever it is installed. */
const runPath = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Names that exec/sandbox-links.ts knows. */
const SANDBOX_NODE_VARIABLE = 'AIS_SANDBOX_NODE'
const CUT_LINKS_FILE = 'cut-links'

/** Of the end of a log that tells why a daemon ended. */
const LOG_TAIL_OCTETS = 8192
const LOG_TAIL_LINES = 5

/** A daemon just started, while this process is its parent. */
export interface Launch {
  readonly name: string
  readonly identity: ProcessIdentity
  /** Resolves when it has ended: with why, for people. */
  readonly ended: Promise<string>
}

/** Which links of a node are cut when it starts or runs again after a pause. */
export async function writeCutLinks(
  directory: string,
  name: string,
  addresses: readonly string[],
): Promise<void> {
  const path = join(nodeDirectory(directory, name), CUT_LINKS_FILE)
  await writeFile(`${path}.new`, addresses.map((address) => `${address}\n`).join(''), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/**
 * Start the executive of a node, apart from this process: it lives on, and signals of a terminal do not reach
 * it.
 * @throws SandboxError when the system does not start it
 */
export async function launch(directory: string, name: string): Promise<Launch> {
  const own = nodeDirectory(directory, name)
  const log = openSync(logPath(directory, name), 'a', 0o600)
  const configurations = openSync(join(own, 'configurations'), 'a', 0o600)
  try {
    const child = spawn(process.execPath, [runPath, 'exec', '--json', '--config-dir', own], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', configurations, log],
      env: { ...process.env, [SANDBOX_NODE_VARIABLE]: own },
    })
    await started(child, name)
    child.unref()
    const identity = identify(child.pid!)
    if (identity === null) throw new SandboxError(`${name} ended at once${await lastWords(directory, name)}`)
    return { name, identity, ended: endOf(child, directory, name) }
  } finally {
    closeSync(log)
    closeSync(configurations)
  }
}

function started(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => {
      reject(new SandboxError(`the executive of ${name} cannot be started: ${systemCauseOf(error)}`))
    })
  })
}

function endOf(child: ChildProcess, directory: string, name: string): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signalName) => {
      const how = code === null ? `was ended by ${signalName}` : `ended with exit code ${code}`
      void lastWords(directory, name).then((words) => resolve(`${name} ${how}${words}`))
    })
  })
}

/** The last lines of a node's log, for a message about its end. */
async function lastWords(directory: string, name: string): Promise<string> {
  try {
    const file = await open(logPath(directory, name), 'r')
    try {
      const { size } = await file.stat()
      const octets = Buffer.alloc(Math.min(size, LOG_TAIL_OCTETS))
      await file.read(octets, 0, octets.length, size - octets.length)
      const lines = octets.toString().split('\n').filter(Boolean).slice(-LOG_TAIL_LINES)
      return lines.length === 0 ? '' : `; its log ends:\n${lines.map((line) => `  ${line}`).join('\n')}`
    } finally {
      await file.close()
    }
  } catch {
    return ''
  }
}
