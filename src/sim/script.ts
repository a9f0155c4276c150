import { checkPromises } from './checkers/index.js'
import { parseScript, renderScript, type ScriptLine } from './script/blocks.js'
import { commandsFor } from './script/commands.js'
import { ScriptError } from './script/script-error.js'
import { isOneView } from './script/services.js'
import { ScriptWorld } from './script/world.js'

export { ScriptError } from './script/script-error.js'

const SETTLING_MS = 4000

/** How a broken promise begins in the output of a script. */
export const BROKEN_PROMISE = 'PROMISE BROKEN'

/**
 * Run one scenario script in virtual time: see test/testdata/totem for what they look like.
 * @returns the script with what its commands printed in the place of what it expected: a script that
 *   comes out as it went in is fulfilled. Broken promises of the protocol are in the last block.
 * @throws ScriptError for a script that can't be run, with the line
 */
export function runScript(text: string): string {
  const script = parseScript(text)
  const world = new ScriptWorld()
  const commands = commandsFor(world)
  const outputs = script.blocks.map((block) => {
    return block.commands.flatMap((line) => runLine(commands, line))
  })
  checkPromises(world.history)
  world.cpgWatch.checkEnd()
  if (isOneView(world)) checkQuiet(world)
  for (const { promise, message } of world.history.violations) {
    outputs.at(-1)?.push(`${BROKEN_PROMISE}: ${promise}: ${message}`)
  }
  return renderScript(
    script,
    outputs.map((lines) => (lines.length > 0 ? lines : ['ok'])),
  )
}

/** What is to end of its own accord has its time for it first. */
function checkQuiet(world: ScriptWorld): void {
  world.watch.checkQuiet()
  world.run(SETTLING_MS)
  world.ckptWatch.checkQuiet()
  world.cpgWatch.checkQuiet()
  if (world.amf.isChecked) world.amf.watch.checkQuiet()
}

function runLine(commands: ReturnType<typeof commandsFor>, { number, words }: ScriptLine): string[] {
  const [name = '', ...rest] = words
  const command = commands.get(name)
  if (!command) {
    throw new ScriptError(`unknown command "${name}"; there are: ${[...commands.keys()].join(', ')}`, number)
  }
  try {
    return command(rest) ?? []
  } catch (error) {
    throw error instanceof ScriptError ? new ScriptError(error.message, number) : error
  }
}
