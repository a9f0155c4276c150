import { isIPv4 } from 'node:net'
import { limits } from '../base/index.js'
import type { Request, ServiceFront } from '../services/index.js'
import type { SandboxLinks } from './sandbox-links.js'

/**
 * Takes the orders of `ais cluster partition` and `heal`. It is there only in daemons that `ais cluster` has
 * started; any other one answers ERR_NOT_SUPPORTED, for it has no such service.
 *
 * - `sandbox.linksSet {cut: [address …]}` → `{cut}`: from now on exactly these links are cut.
 * - `sandbox.linksGet` → `{cut}`.
 */
export class SandboxFront implements ServiceFront {
  readonly name = 'sandbox'

  constructor(
    private readonly links: SandboxLinks,
    private readonly log: (message: string) => void,
  ) {}

  onRequest(request: Request): void {
    if (request.method === 'linksGet') {
      request.answer({ cut: this.links.cut })
    } else if (request.method === 'linksSet') {
      this.#set(request)
    } else {
      request.fail('ERR_NOT_SUPPORTED', `there is no call sandbox.${request.method}`)
    }
  }

  onClientGone(): void {
    // Links stay cut when the one who ordered it is gone.
  }

  #set(request: Request): void {
    const { cut } = (request.params ?? {}) as { readonly cut?: unknown }
    if (!isAddressList(cut)) {
      const expected = `a list of at most ${limits.sandboxNodes} IPv4 addresses`
      request.fail('ERR_INVALID_PARAM', `cut is not ${expected}`)
      return
    }
    const { links } = this
    links.setCut(cut)
    this.log(cut.length === 0 ? 'all links are whole' : `links are cut to ${links.cut.join(', ')}`)
    request.answer({ cut: links.cut })
  }
}

function isAddressList(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length > limits.sandboxNodes) return false
  return value.every((entry) => typeof entry === 'string' && isIPv4(entry))
}
