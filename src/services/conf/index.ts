export { ConfService } from './conf-service.js'
export type { ConfigurationFile, EffectiveKey, NodeConfiguration } from './node-configuration.js'
export type { ConfPort, FileDigests } from './port.js'
