export { Machine, type Applied } from './machine.js'
export type { MachineListener } from './entities.js'
export { AmfService } from './amf-service.js'
export type { AmfPort } from './port.js'
