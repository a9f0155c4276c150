export { CkptService } from './ckpt-service.js'
export type { CkptPort, ConflictStore, Hash } from './port.js'
