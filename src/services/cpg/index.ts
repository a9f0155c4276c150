export { CpgService } from './cpg-service.js'
export type { CpgPort } from './port.js'
