export { AmfService, Lateness, Renewal, type AmfPort, type RenewalGround } from './amf/index.js'
export * from './ckpt/index.js'
export * from './clm/index.js'
export * from './front.js'
