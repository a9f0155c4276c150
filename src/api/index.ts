export { AisError, errorNumbers, isAisErrorName, type AisErrorName } from '../base/index.js'
export { NoExecutiveError } from './no-executive-error.js'
