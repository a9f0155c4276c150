export * from './memory-network.js'
export * from './socket-owner.js'
export * from './transport-error.js'
export * from './udp-transport.js'
