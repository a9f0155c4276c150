export type { CkptPort, ConflictStore, Hash } from './port.js'
