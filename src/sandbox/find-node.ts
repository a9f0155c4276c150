import { nearest } from '../config/index.js'
import { clusterCommand } from './hints.js'
import { SandboxError } from './sandbox-error.js'
import { readSandboxFile, type SandboxNode, type SandboxState } from './sandbox-file.js'

/** @throws SandboxError when there is no sandbox in the directory, or its file cannot be used */
export async function loadSandbox(directory: string): Promise<SandboxState> {
  const state = await readSandboxFile(directory)
  if (state !== null) return state
  throw new SandboxError(`there is no sandbox in ${directory}`, [clusterCommand('up', directory)])
}

/** The node of that name. @throws SandboxError with the name most like it */
export function findNode({ nodes }: Pick<SandboxState, 'nodes'>, name: string): SandboxNode {
  const node = nodes.find((candidate) => candidate.name === name)
  if (node !== undefined) return node
  const names = nodes.map((candidate) => candidate.name)
  const suggestion = nearest(name, names)
  const hint =
    suggestion === null ? `; it has ${names.join(', ')}` : `; did you mean ${JSON.stringify(suggestion)}?`
  throw new SandboxError(`the sandbox has no node ${JSON.stringify(name)}${hint}`)
}
