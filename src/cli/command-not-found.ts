import type { Hook } from '@oclif/core'
import { nearest } from '../config/nearest.js'
import { exitCodes } from './exit-codes.js'

/** Answer a mistyped command with the nearest one; never asks back, so that scripts cannot hang. */
const commandNotFound: Hook.CommandNotFound = async function (options) {
  const { config, id } = options
  const spaced = (commandId: string): string => commandId.split(':').join(' ')
  const visible = config.commands.filter((command) => !command.hidden).map((command) => command.id)
  const suggestion = suggest(id, [...visible, ...config.topics.map((topic) => topic.name)])
  const hint = suggestion === null ? '' : `; did you mean "${config.bin} ${spaced(suggestion)}"?`
  process.stderr.write(`${config.bin}: "${spaced(id)}" is not a command${hint}\nTry: ${config.bin} help\n`)
  this.exit(exitCodes.usage)
}

/** What comes behind the name of the command is not part of it: `amf lok raidA` is like `amf lock`. */
function suggest(id: string, known: readonly string[]): string | null {
  const words = id.split(':')
  for (let count = words.length; count > 0; count--) {
    const alike = known.filter((name) => count === words.length || name.split(':').length === count)
    const suggestion = nearest(words.slice(0, count).join(':'), alike)
    if (suggestion !== null) return suggestion
  }
  return null
}

export default commandNotFound
