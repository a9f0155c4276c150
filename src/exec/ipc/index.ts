export { AisFront } from './ais-front.js'
export { IpcServer, type IpcServerOptions } from './server.js'
