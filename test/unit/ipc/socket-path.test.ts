import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clientSocket, defaultServerSocket, socketPathProblem } from '../../../src/ipc/index.js'

const uid = process.getuid!()
/** Whom these tests are not run by, whatever user runs them. */
const user = uid === 0 ? 1000 : uid

describe('where an executive listens that was not told', () => {
  test.each([
    [0, {}, '/run/ais/ais.sock'],
    [0, { XDG_RUNTIME_DIR: '/run/user/0' }, '/run/ais/ais.sock'],
    [1000, { XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/ais/ais.sock'],
    [1000, {}, '/tmp/ais-1000/ais.sock'],
    [1000, { XDG_RUNTIME_DIR: '' }, '/tmp/ais-1000/ais.sock'],
    [1000, { XDG_RUNTIME_DIR: 'relative' }, '/tmp/ais-1000/ais.sock'],
  ])('user %i with %j: %s', (owner, env, path) => {
    expect(defaultServerSocket({ uid: owner, env })).toBe(path)
  })
})

describe('where an application looks', () => {
  let directory: string
  let server: Server | undefined

  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ais-path-'))))
  afterEach(async () => {
    if (server !== undefined) await new Promise((resolve) => server!.close(resolve))
    server = undefined
    rmSync(directory, { recursive: true, force: true })
  })

  const listenIn = async (path: string): Promise<void> => {
    mkdirSync(path)
    server = createServer().listen(join(path, 'ais.sock'))
    await once(server, 'listening')
  }

  test('what it was told goes before the environment, and that before the defaults', () => {
    const env = { AIS_SOCKET: '/a', XDG_RUNTIME_DIR: directory }
    expect(clientSocket('/b', { uid: user, env })).toBe('/b')
    expect(clientSocket(undefined, { uid: user, env })).toBe('/a')
    expect(clientSocket('', { uid: user, env: { AIS_SOCKET: '' } })).toBe('/run/ais/ais.sock')
    expect(clientSocket(undefined, { uid: 0, env: {} })).toBe('/run/ais/ais.sock')
  })

  test("the user's own executive, if there is one, else that of the machine", async () => {
    const env = { XDG_RUNTIME_DIR: directory }
    expect(clientSocket(undefined, { uid: user, env })).toBe('/run/ais/ais.sock')
    await listenIn(join(directory, 'ais'))
    if (uid !== user) chownSync(join(directory, 'ais'), user, user)
    expect(clientSocket(undefined, { uid: user, env })).toBe(join(directory, 'ais', 'ais.sock'))
  })

  test("another user's directory is not trusted, nor one behind a link", async () => {
    await listenIn(join(directory, 'real'))
    symlinkSync(join(directory, 'real'), join(directory, 'ais'))
    const env = { XDG_RUNTIME_DIR: directory }
    expect(clientSocket(undefined, { uid: uid + 1, env })).toBe('/run/ais/ais.sock')
    expect(clientSocket(undefined, { uid, env })).toBe('/run/ais/ais.sock')
  })
})

test('a path that is too long for a socket is said so, in octets', () => {
  expect(socketPathProblem(`/${'x'.repeat(106)}`)).toBeUndefined()
  expect(socketPathProblem(`/${'x'.repeat(107)}`)).toMatch(/has 108 octets, at most 107 are possible/)
  expect(socketPathProblem(`/${'é'.repeat(54)}`)).toMatch(/has 109 octets/)
  expect(socketPathProblem('/a\0b')).toMatch(/null octet/)
})
