export * from './clm/index.js'
export * from './front.js'
