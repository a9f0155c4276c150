export * from './front.js'
