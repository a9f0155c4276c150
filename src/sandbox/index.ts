export { findNode, loadSandbox } from './find-node.js'
export { defaultSandboxDirectory, defaultSocketPath } from './runtime-directory.js'
export { SandboxError } from './sandbox-error.js'
