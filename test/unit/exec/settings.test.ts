import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configDirectoryOf } from '../../../src/exec/settings.js'
import { defaultStateDirectory, prepareStateDirectory } from '../../../src/exec/state-directory.js'

test('the first configuration directory named is taken, /etc/ais without one', () => {
  expect(configDirectoryOf(['flag', 'environment', 'settings'])).toBe('flag')
  expect(configDirectoryOf([undefined, '', 'settings'])).toBe('settings')
  expect(configDirectoryOf([undefined, undefined, undefined])).toBe('/etc/ais')
})

test('the state directory is the system’s for root and the user’s own otherwise', () => {
  const home = '/home/pat'
  expect(defaultStateDirectory({ uid: 0, home: '/root', env: { XDG_STATE_HOME: '/x' } })).toBe('/var/lib/ais')
  expect(defaultStateDirectory({ uid: 7, home, env: { XDG_STATE_HOME: '/x' } })).toBe('/x/ais')
  expect(defaultStateDirectory({ uid: 7, home, env: {} })).toBe('/home/pat/.local/state/ais')
  expect(defaultStateDirectory({ uid: 7, home, env: { XDG_STATE_HOME: 'relative' } })).toBe(
    '/home/pat/.local/state/ais',
  )
})

test('the state directory is made; a file in its place is a clear error', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ais-test-'))
  try {
    prepareStateDirectory(join(directory, 'a', 'b'))
    expect(statSync(join(directory, 'a', 'b')).isDirectory()).toBe(true)
    writeFileSync(join(directory, 'file'), '')
    expect(() => prepareStateDirectory(join(directory, 'file'))).toThrow(
      /^cannot use the state directory .*file: (EEXIST|not a directory)/,
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
})
