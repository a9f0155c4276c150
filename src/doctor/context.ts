import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { chooseInterface, listInterfaces, loadGroupsConfig, loadNetworkConfig } from '../config/index.js'
import type { DoctorContext, ProgramRun } from './check.js'

/** A program that takes longer tells nothing any more. */
const RUN_TIMEOUT_MS = 10_000
const OUTPUT_OCTETS_MAX = 4 * 1024 * 1024

/** What a run of the doctor is told from outside. */
export type DoctorOptions = Pick<DoctorContext, 'configDir' | 'host' | 'nodeRequired' | 'peers'>

export async function makeContext(options: DoctorOptions): Promise<DoctorContext> {
  const { configDir } = options
  const network = await loadNetworkConfig(configDir)
  const groups = await loadGroupsConfig(configDir)
  const chosen = network.ok ? chooseInterface(network.config, listInterfaces()) : null
  const choice = chosen?.ok === true ? chosen.choice : null
  return { ...options, network, groups, choice, readText, run }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return null
  }
}

function run(
  program: string,
  args: readonly string[],
  timeoutMs = RUN_TIMEOUT_MS,
): Promise<ProgramRun | null> {
  return new Promise((resolve) => {
    // Programs of administrators are not on the path of everybody.
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
    const options = { timeout: timeoutMs, maxBuffer: OUTPUT_OCTETS_MAX, env }
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const isMissing = error !== null && child.pid === undefined
      resolve(isMissing ? null : { code: child.exitCode, stdout, stderr })
    })
  })
}
