export * from './configuration.js'
export * from './messaging.js'
export * from './transport.js'
export * from './view/index.js'
