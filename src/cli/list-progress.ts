import type { Progress } from '../sandbox/index.js'

/**
 * Progress of something that has news once a second: live on a terminal, a line each elsewhere.
 * @param action is given what to tell news with
 */
export async function liveProgress<T>(
  title: string,
  action: (say: (text: string) => void) => Promise<T>,
): Promise<T> {
  if (process.stderr.isTTY) return new ListProgress().step(title, action)
  return action((text) => void process.stderr.write(`${title}: ${text}\n`))
}

/** Progress as a list of steps on stderr: live on a terminal, a line at its begin and end elsewhere. */
export class ListProgress implements Progress {
  async step<T>(title: string, action: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
    let outcome: { readonly result: T } | { readonly error: unknown } | undefined
    const task = {
      title,
      task: async (_context: unknown, item: { title?: string }): Promise<void> => {
        try {
          outcome = { result: await action((detail) => (item.title = `${title}: ${detail}`)) }
        } catch (error) {
          outcome = { error }
          throw new Error('') // what went wrong is told once, by the end of the command
        }
      },
    }
    const list = new Listr([task], {
      rendererOptions: { logger, showErrorMessage: false },
      fallbackRendererOptions: { logger },
      fallbackRendererCondition: () => !process.stderr.isTTY,
      registerSignalListeners: false,
      exitOnError: false,
    })
    await list.run()
    if (outcome !== undefined && 'result' in outcome) return outcome.result
    throw outcome?.error
  }

  notice(message: string): void {
    process.stderr.write(`${message}\n`)
  }
}
