import { defaultSandboxDirectory } from './runtime-directory.js'

/** The command line that does something to the sandbox of a directory: 'ais cluster down --dir /tmp/try'. */
export function clusterCommand(words: string, directory: string): string {
  const isDefault = directory === defaultSandboxDirectory()
  return isDefault ? `ais cluster ${words}` : `ais cluster ${words} --dir ${directory}`
}
