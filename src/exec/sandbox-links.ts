import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeLinks } from './node.js'

/** In the environment of a daemon that `ais cluster` starts: the directory of its node. Internal. */
const SANDBOX_NODE_VARIABLE = 'AIS_SANDBOX_NODE'

/** In that directory: addresses of nodes this one is not to hear, one a line. Internal. */
const FILE_NAME = 'cut-links'

/**
 * The links of a node of a sandbox. Which of them are cut comes by order while the daemon runs, and from a
 * file when it starts or has been paused: so that it hears nobody it is not to hear, not even at first.
 */
export class SandboxLinks implements NodeLinks {
  readonly #path: string
  #cut: ReadonlySet<string> = new Set()

  /**
   * @param directory of the node, from the environment
   * @param onFailure told why the file cannot be read
   */
  constructor(
    directory: string,
    private readonly onFailure: (message: string) => void,
  ) {
    this.#path = join(directory, FILE_NAME)
    this.onPause()
  }

  /** Addresses whose link is cut, sorted. */
  get cut(): string[] {
    return [...this.#cut].sort()
  }

  hears(address: string): boolean {
    return !this.#cut.has(address)
  }

  setCut(addresses: readonly string[]): void {
    this.#cut = new Set(addresses)
  }

  onPause(): void {
    try {
      // At once: what waits in the sockets is read next.
      this.setCut(readFileSync(this.#path, 'utf8').split('\n').filter(Boolean))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') this.setCut([])
      else this.onFailure(`the links stay as they are: ${message}`)
    }
  }
}

/** Those of this process; undefined: it is no node of a sandbox, and has no links that could be cut. */
export function sandboxLinksHere(onFailure: (message: string) => void): SandboxLinks | undefined {
  const directory = process.env[SANDBOX_NODE_VARIABLE]
  return directory === undefined || directory === '' ? undefined : new SandboxLinks(directory, onFailure)
}
