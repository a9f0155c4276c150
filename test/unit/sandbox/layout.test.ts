import { needsShortcut } from '../../../src/sandbox/layout.js'
import { chooseShortcut } from '../../../src/sandbox/place.js'
import { defaultSandboxDirectory } from '../../../src/sandbox/runtime-directory.js'

const names = ['node1', 'node10']

test('a shorter way is needed for paths too long for a socket, and for what network.conf cannot hold', () => {
  // DIR/node10/state/lock.00000000/00000000 may have 107 octets.
  const longest = `/${'d'.repeat(107 - '/node10/state/lock.00000000/00000000'.length - 1)}`
  expect(needsShortcut(longest, names)).toBe(false)
  expect(needsShortcut(`${longest}d`, names)).toBe(true)
  expect(needsShortcut(`${longest}d`, ['node1'])).toBe(false)
  expect(needsShortcut(`${longest.slice(0, -1)}ä`, names)).toBe(true)
  expect(needsShortcut('/tmp/a directory', names)).toBe(false)
  expect(needsShortcut('/tmp/a directory ', names)).toBe(true)
  expect(needsShortcut('/tmp/a\ndirectory', names)).toBe(true)
})

test('the shorter way is short enough', () => {
  expect(chooseShortcut('/tmp/short', names)).toBeNull()
  const shortcut = chooseShortcut(`/${'long/'.repeat(40)}`, names)
  expect(shortcut).toMatch(/\/ais-sandbox-[0-9a-f]{8}$/)
  expect(needsShortcut(`${shortcut}/to`, names)).toBe(false)
})

test.each([
  [0, {}, '/run/ais/sandbox'],
  [0, { XDG_RUNTIME_DIR: '/run/user/0' }, '/run/ais/sandbox'],
  [1000, { XDG_RUNTIME_DIR: '/run/user/1000' }, '/run/user/1000/ais/sandbox'],
  [1000, {}, '/tmp/ais-1000/sandbox'],
])('user %d with %j has the sandbox in %s', (uid, env, path) => {
  expect(defaultSandboxDirectory({ uid, env })).toBe(path)
})
