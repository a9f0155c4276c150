export { runExecutive, type ExecutiveOptions, type ExecutiveOutcome } from './executive.js'
export { logFormats, logLevels, type LogFormat } from './logger.js'
export { configDirectoryOf, hostHere } from './settings.js'
export { Node, type NodeOptions } from './node.js'
