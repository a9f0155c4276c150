import type { Hook } from '@oclif/core'
import { nearest } from '../config/nearest.js'
import { exitCodes } from './exit-codes.js'

/** Answer a mistyped command with the nearest one; never asks back, so that scripts cannot hang. */
const commandNotFound: Hook.CommandNotFound = async function (options) {
  const { config, id } = options
  const spaced = (commandId: string): string => commandId.split(':').join(' ')
  const visible = config.commands.filter((command) => !command.hidden).map((command) => command.id)
  const suggestion = nearest(id, [...visible, ...config.topics.map((topic) => topic.name)])
  const hint = suggestion === null ? '' : `; did you mean "${config.bin} ${spaced(suggestion)}"?`
  process.stderr.write(`${config.bin}: "${spaced(id)}" is not a command${hint}\nTry: ${config.bin} help\n`)
  this.exit(exitCodes.usage)
}

export default commandNotFound
