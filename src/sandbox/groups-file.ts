import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { formatDiagnostic, loadGroupsOctets } from '../config/index.js'
import { SandboxConfigurationError, SandboxError, systemCauseOf } from './sandbox-error.js'

/** The groups.conf that every node of a sandbox gets. */
export interface GroupsFile {
  /** Where it comes from, as the user knows it. */
  readonly source: string
  readonly text: string
}

/** That of the package: the components of `ais amf test`. */
const samplePath = fileURLToPath(new URL('../../conf/groups.conf', import.meta.url))

/**
 * @param path undefined: the sample of the package
 * @throws SandboxError when it cannot be read
 */
export async function readGroupsFile(path: string | undefined): Promise<GroupsFile> {
  const source = path ?? samplePath
  try {
    return { source, text: await readFile(source, 'utf8') }
  } catch (error) {
    throw new SandboxError(`cannot read ${source}: ${systemCauseOf(error)}`)
  }
}

/**
 * The daemon's own check of what it is going to read.
 * @returns warnings, for people; none about the sample, which nobody here can change
 * @throws SandboxConfigurationError with every finding
 */
export function checkGroups({ source, text }: GroupsFile): string[] {
  const { ok, diagnostics } = loadGroupsOctets(source, Buffer.from(text))
  if (!ok) throw new SandboxConfigurationError(source, diagnostics)
  if (source === samplePath) return []
  return diagnostics.map((diagnostic) => formatDiagnostic(source, diagnostic))
}
