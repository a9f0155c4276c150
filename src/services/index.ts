export { AmfService, type AmfPort } from './amf/index.js'
export * from './ckpt/index.js'
export * from './clm/index.js'
export * from './front.js'
