import type { Hook } from '@oclif/core'

/** `ais help NONSENSE` is answered like `ais NONSENSE`: with the nearest command, exit code 2. */
const checkHelpSubject: Hook.Prerun = async function ({ Command, argv, config }) {
  const subject = argv.filter((word) => !word.startsWith('-'))
  if (Command.id !== 'help' || subject.length === 0) return
  const id = subject.join(':')
  if (config.findCommand(id) !== undefined || config.findTopic(id) !== undefined) return
  await config.runHook('command_not_found', { id, argv: [] })
}

export default checkHelpSubject
