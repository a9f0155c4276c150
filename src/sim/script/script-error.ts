/** A script that can't be run: says which line, what is wrong and what would be right. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'

  constructor(
    message: string,
    /** Line of the script, from 1; 0 while it is not known yet. */
    readonly line = 0,
  ) {
    super(line > 0 ? `line ${line}: ${message}` : message)
  }
}
