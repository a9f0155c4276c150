import { constants } from 'node:fs'
import { open, rename, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { limits } from '../base/index.js'
import { SandboxError, systemCauseOf } from './sandbox-error.js'

/** One node of a sandbox, as the file has it. */
export interface SandboxNode {
  /** 'node1' … */
  readonly name: string
  readonly nodeId: number
  readonly address: string
  readonly socket: string
  /** Of the daemon started last; null: none was, or its end was asked for and seen. */
  readonly pid: number | null
  /** When that process was started, as Linux counts it: tells a process from a later one with its pid. */
  readonly startTime: string | null
}

/** Sides that do not hear each other: names of nodes, each node in one of them. */
export type Sides = readonly (readonly string[])[]

/** What is known of a sandbox; kept in one file, which is the truth for all commands. */
export interface SandboxState {
  /** 'starting' until `ais cluster up` has ended well; 'stopping' once `ais cluster down` has begun. */
  readonly phase: 'starting' | 'up' | 'stopping'
  readonly clusterName: string
  readonly mcastPort: number
  /** Topmost of the directories that were made for it; null: its directory was there before. */
  readonly madeDirectory: string | null
  /** Directory with a short way to the sandbox, where its own path is too long for sockets; else null. */
  readonly shortcut: string | null
  /** null: no partition. */
  readonly partition: Sides | null
  readonly nodes: readonly SandboxNode[]
}

/** Name of the file that says what a sandbox is. */
export const FILE_NAME = 'sandbox.json'
const VERSION = 1

export function sandboxFilePath(directory: string): string {
  return join(directory, FILE_NAME)
}

/**
 * @returns what the file says, or null if there is none
 * @throws SandboxError when the file cannot be read, is damaged or another user's: it decides which processes
 *   get signals, and which socket a command talks to
 */
export async function readSandboxFile(directory: string): Promise<SandboxState | null> {
  const path = sandboxFilePath(directory)
  let text: string
  try {
    text = await readOwn(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (error instanceof SandboxError) throw error
    throw new SandboxError(`cannot read ${path}: ${systemCauseOf(error)}`)
  }
  const state = parseSandboxState(text)
  if (typeof state !== 'string') return state
  const hint = `end its processes, if any are left, and remove ${directory}`
  throw new SandboxError(`${path} is damaged: ${state}`, [hint])
}

/** Replaced as a whole: whoever reads sees the state before or the state after. */
export async function writeSandboxFile(directory: string, state: SandboxState): Promise<void> {
  const path = sandboxFilePath(directory)
  try {
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify({ version: VERSION, ...state }, undefined, 2)}\n`)
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
  } catch (error) {
    throw new SandboxError(`cannot write ${path}: ${systemCauseOf(error)}`)
  }
}

async function readOwn(path: string): Promise<string> {
  const file: FileHandle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { uid } = await file.stat()
    const own = process.geteuid?.() ?? 0
    if (uid !== own && uid !== 0) throw new SandboxError(`${path} belongs to another user and is not used`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/** @returns the state, or what is wrong with the text */
export function parseSandboxState(text: string): SandboxState | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (!isRecord(value)) return 'it is not an object'
  if (value['version'] !== VERSION) return `its version is ${String(value['version'])}, known is ${VERSION}`
  const { phase, clusterName, mcastPort, madeDirectory, shortcut, partition, nodes } = value
  if (phase !== 'starting' && phase !== 'up' && phase !== 'stopping') return 'phase is not one of those known'
  if (typeof clusterName !== 'string') return 'clusterName is no text'
  if (!isNatural(mcastPort)) return 'mcastPort is no number'
  if (!isPathOrNull(madeDirectory)) return 'madeDirectory is no path'
  if (!isPathOrNull(shortcut)) return 'shortcut is no path'
  if (!Array.isArray(nodes) || nodes.length > limits.sandboxNodes || !nodes.every(isNode))
    return 'nodes are not a list of nodes'
  const names = new Set(nodes.map(({ name }) => name))
  if (names.size !== nodes.length) return 'two nodes have one name'
  if (partition !== null && !isSides(partition, names)) return 'partition does not fit the nodes'
  return { phase, clusterName, mcastPort, madeDirectory, shortcut, partition, nodes }
}

function isNode(value: unknown): value is SandboxNode {
  if (!isRecord(value)) return false
  const { name, nodeId, address, socket, pid, startTime } = value
  if (typeof name !== 'string' || !/^node[1-9]\d*$/.test(name)) return false
  if (!isNatural(nodeId) || typeof address !== 'string' || typeof socket !== 'string') return false
  // 1 is nobody's daemon, and 0 and below mean groups of processes.
  if (pid === null) return startTime === null
  return isNatural(pid) && pid > 1 && typeof startTime === 'string' && /^\d+$/.test(startTime)
}

function isSides(value: unknown, names: ReadonlySet<string>): value is Sides {
  if (!Array.isArray(value)) return false
  const listed: unknown[] = value.flat()
  const isComplete = listed.length === names.size && new Set(listed).size === names.size
  return isComplete && listed.every((name) => names.has(name as string))
}

function isPathOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && isAbsolute(value))
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
