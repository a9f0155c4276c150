import type { Request, ServiceFront } from '../../services/index.js'

/** What the executive itself answers: whether it is there, and how fast. */
export class AisFront implements ServiceFront {
  readonly name = 'ais'

  onRequest(request: Request): void {
    if (request.method === 'ping') request.answer(null)
    else if (request.method === 'echo') request.answer(request.params)
    else {
      const asked = JSON.stringify(request.method)
      request.fail('ERR_NOT_SUPPORTED', `ais has no method ${asked}; it has ping and echo`)
    }
  }

  onClientGone(): void {
    // Nothing is kept for clients here.
  }
}
