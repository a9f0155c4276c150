import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AisFront, IpcServer, type IpcServerOptions } from '../../../src/exec/ipc/index.js'
import type { Client, Request, ServiceFront } from '../../../src/services/index.js'

/** A service that does as the test says, and keeps what it was asked. */
export class TestFront implements ServiceFront {
  readonly name = 'test'
  readonly requests: Request[] = []
  readonly gone: Client[] = []
  onRequest: (request: Request) => void = (request) => this.requests.push(request)

  onClientGone(client: Client): void {
    this.gone.push(client)
  }
}

/** A server in this process on a socket of its own, and what it logged. */
export interface Serving {
  readonly server: IpcServer
  readonly front: TestFront
  readonly path: string
  readonly log: string[]
  close(): Promise<void>
}

export const testNode = { software: '0.0.0', nodeId: 7, nodeName: 'seven', clusterName: 'test' }

export async function serve(options: Partial<IpcServerOptions> = {}): Promise<Serving> {
  const directory = mkdtempSync(join(tmpdir(), 'ais-ipc-'))
  const path = join(directory, 'ais.sock')
  const front = new TestFront()
  const log: string[] = []
  const server = await IpcServer.start({
    path,
    node: testNode,
    fronts: [new AisFront(), front],
    log: (level, message) => log.push(`${level} ${message}`),
    ...options,
  })
  const close = async (): Promise<void> => {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { server, front, path: options.path ?? path, log, close }
}
