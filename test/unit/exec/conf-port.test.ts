import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '../../../src/base/index.js'
import { groupsText } from '../../../src/config/index.js'
import { confPort, digestFiles } from '../../../src/exec/conf-port.js'
import { loadSettings } from '../../../src/exec/settings.js'
import type { FileDigests } from '../../../src/services/index.js'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ais-conf-'))
  const three = 'bindnetaddr: 127.0.0.1\nmcastaddr: 226.94.1.1\nmcastport: 6000\n'
  writeFileSync(join(dir, 'network.conf'), `${three}nodename: alpha\nstatedir: ${dir}/state\n`)
})

afterEach(() => rmSync(dir, { recursive: true }))

async function port() {
  const settings = await loadSettings(dir)
  const startDigests = await digestFiles(settings)
  const surroundings = { settings, incarnation: 5, version: '1.2.3', startDigests, send: () => true }
  return { settings, startDigests, port: confPort(surroundings) }
}

test('says all keys with what the executive goes by, and where its files are', async () => {
  const { port: own, startDigests, settings } = await port()
  const { version, network, groups } = own.configuration
  expect(version).toBe('1.2.3')
  expect(Object.fromEntries(network.keys.map(({ key, value }) => [key, value]))).toMatchObject({
    bindnetaddr: '127.0.0.1',
    address: '127.0.0.1',
    nodeid: 2130706433,
    nodename: 'alpha',
    unicastport: 5999,
    token: 1000,
    lease: 500,
    'two-node': 'no',
    'expected-votes': null,
    statedir: `${dir}/state`,
  })
  expect(network).toMatchObject({ path: join(dir, 'network.conf'), startDigest: startDigests.network })
  expect(groups).toMatchObject({ path: join(dir, 'groups.conf'), startDigest: null })
  expect(own.groupsText).toBe(groupsText(settings.groups))
  expect(JSON.stringify(own.configuration).length).toBeLessThan(limits.confDocumentOctets)
})

test('sees that a file changed, came or went', async () => {
  const { port: own, startDigests } = await port()
  const look = (): Promise<FileDigests> => new Promise((resolve) => own.lookAtFiles(resolve))
  expect(await look()).toEqual(startDigests)
  writeFileSync(join(dir, 'network.conf'), 'other')
  writeFileSync(join(dir, 'groups.conf'), 'new')
  // Those who ask at one time are told the same.
  const [digests, again] = await Promise.all([look(), look()])
  expect(again).toEqual(digests)
  expect(digests.network).toMatch(/^[0-9a-f]{32}$/)
  expect(digests.network).not.toBe(startDigests.network)
  expect(digests.groups).toMatch(/^[0-9a-f]{32}$/)
  rmSync(join(dir, 'network.conf'))
  expect((await look()).network).toBeNull()
})

test('a pipe in the place of a file does not hold it up', async () => {
  const { settings } = await port()
  execFileSync('mkfifo', [join(dir, 'groups.conf')])
  expect(await digestFiles(settings)).toMatchObject({
    network: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  })
})

test('waits, and stops waiting', async () => {
  const { port: own } = await port()
  const called: string[] = []
  const stop = own.after(1, () => called.push('stopped'))
  stop()
  const keepAlive = setTimeout(() => undefined, 10_000)
  await new Promise<void>((resolve) => own.after(5, resolve))
  clearTimeout(keepAlive)
  expect(called).toEqual([])
})
