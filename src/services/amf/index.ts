export { Machine, type Applied } from './machine.js'
export type { MachineListener } from './entities.js'
