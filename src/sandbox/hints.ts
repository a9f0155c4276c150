import { usualSandboxDirectory } from './runtime-directory.js'

/** The command line that does something to the sandbox of a directory: 'ais cluster down --dir /tmp/try'. */
export function clusterCommand(words: string, directory: string): string {
  const isUsual = directory === usualSandboxDirectory()
  return isUsual ? `ais cluster ${words}` : `ais cluster ${words} --dir ${directory}`
}
