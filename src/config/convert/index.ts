export { convertText, type Conversion, type ConvertOptions } from './convert.js'
export { configKinds, formatNames, type ConfigKind, type FormatName } from './format.js'
