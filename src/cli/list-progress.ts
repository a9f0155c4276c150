import type { Progress } from '../sandbox/index.js'

/** Progress as a list of steps on stderr: live on a terminal, a line at its begin and end elsewhere. */
export class ListProgress implements Progress {
  async step<T>(title: string, action: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const { Listr, ListrLogger, ProcessOutput } = await import('listr2')
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
    const done: { result?: T } = {}
    const task = {
      title,
      task: async (_context: unknown, item: { title?: string }): Promise<void> => {
        done.result = await action((detail) => (item.title = `${title}: ${detail}`))
      },
    }
    const list = new Listr([task], {
      rendererOptions: { logger, collapseErrors: true, showErrorMessage: false },
      fallbackRendererOptions: { logger },
      fallbackRendererCondition: () => !process.stderr.isTTY,
      registerSignalListeners: false,
    })
    await list.run()
    return done.result as T
  }

  notice(message: string): void {
    process.stderr.write(`${message}\n`)
  }
}
