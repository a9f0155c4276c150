import { extname, resolve } from 'node:path'
import { types } from 'node:util'

/** A function that gives the configuration may wait for something, but not for ever. */
const PATIENCE_MS = 10_000

/** TypeScript gave no configuration. */
export class TypeScriptError extends Error {
  override readonly name = 'TypeScriptError'

  /** Counted from 1; 1:1 where the place is not known. */
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message)
  }
}

/** What went wrong, and where, as far as that can be told. */
function refusal(error: unknown, path: string): TypeScriptError {
  if (error instanceof TypeScriptError) return error
  const { message, stack } = types.isNativeError(error)
    ? { message: error.message, stack: error.stack ?? '' }
    : { message: `it throws ${typeof error}`, stack: '' }
  const [first = ''] = message.split('\n')
  const syntax = /^ParseError: (.*?)\s*$/.exec(first)
  const escaped = path.replace(/[^\w]/g, '\\$&')
  const place = new RegExp(`${escaped}:(\\d+):(\\d+)`).exec(syntax === null ? stack : message)
  const line = place === null ? 1 : Number(place[1])
  // What runs is no more the text of the file: of its places only the lines are the same.
  const column = syntax === null || place === null ? 1 : Number(place[2]) + 1
  return new TypeScriptError(syntax?.[1] ?? first, line, column)
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new TypeScriptError(`it gave nothing within ${PATIENCE_MS / 1000} s`, 1, 1)
    timer = setTimeout(() => reject(error), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

async function run(path: string, text: string): Promise<unknown> {
  // Loaded only here: every command would wait for it.
  const { createJiti } = await import('jiti')
  const jiti = createJiti(path, { fsCache: false, moduleCache: false })
  const made = jiti.evalModule(text, { filename: path, ext: extname(path), async: true })
  const module = (await made) as Record<string, unknown>
  if (!Object.hasOwn(module, 'default')) throw new TypeScriptError('there is no default export', 1, 1)
  const given = module['default']
  return typeof given === 'function' ? (given as () => unknown)() : given
}

/**
 * Run a TypeScript file: its default export, or what that gives where it is a function, of which a promise
 * is waited for. Nothing is written, beside the file or elsewhere.
 * @param text what the file holds: it is not read again
 * @throws TypeScriptError
 */
export async function runTypeScript(path: string, text: string): Promise<unknown> {
  const absolute = resolve(path)
  try {
    return await inTime(run(absolute, text))
  } catch (error) {
    throw refusal(error, absolute)
  }
}
