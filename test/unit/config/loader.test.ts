import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  listInterfaces,
  loadGroupsConfig,
  loadGroupsFile,
  loadGroupsOctets,
  loadNetworkConfig,
  loadNetworkFile,
} from '../../../src/config/loader.js'
import { loadUserSettings } from '../../../src/config/loader-settings.js'
import { leaseFinding } from '../../../src/config/check-lease.js'
import { emptyGroups } from '../../../src/config/model/groups-config.js'

const classic = 'bindnetaddr:192.168.1.0\nmcastaddr:226.94.1.1\nmcastport:6000\n'
const yaml = '# ours\nbindnetaddr: 192.168.1.0\nmcastaddr: 226.94.1.1\nmcastport: 6000\ntoken: 2000\n'
const json = '{\n  "bindnetaddr": "192.168.1.0",\n  "mcastaddr": "226.94.1.1",\n  "mcastport": 6000\n}\n'

let directory: string
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'ais-config-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(directory, name), content)
  return join(directory, name)
}

const codes = (loaded: { diagnostics: readonly { code: string }[] }): string[] =>
  loaded.diagnostics.map(({ code }) => code)

const NOBODY = 65_534

describe('loadNetworkConfig', () => {
  test('reads network.conf', async () => {
    const path = put('network.conf', classic)
    expect(await loadNetworkConfig(directory)).toMatchObject({ ok: true, path, config: { mcastPort: 6000 } })
    expect(await loadNetworkConfig(`${directory}//`)).toMatchObject({ ok: true, path })
  })

  test.each([
    ['network.yaml', yaml],
    ['network.yml', yaml],
    ['network.json', json],
  ])('reads %s', async (name, content) => {
    const path = put(name, content)
    expect(await loadNetworkConfig(directory)).toMatchObject({ ok: true, path, config: { mcastPort: 6000 } })
  })

  test('refuses two forms and names both', async () => {
    put('network.conf', classic)
    put('network.yaml', yaml)
    const loaded = await loadNetworkConfig(directory)
    expect(codes(loaded)).toEqual(['file-ambiguous'])
    expect(loaded.diagnostics[0].message).toContain('network.conf and network.yaml')
  })

  test('says what is missing', async () => {
    const loaded = await loadNetworkConfig(directory)
    expect(loaded).toMatchObject({ ok: false, path: join(directory, 'network.conf') })
    expect(codes(loaded)).toEqual(['file-missing'])
    expect(codes(await loadNetworkConfig(join(directory, 'no', 'such')))).toEqual(['file-missing'])
  })
})

const group = {
  name: 'raid',
  model: '2n',
  unit: [
    { name: 'raidA', component: { name: 'a' } },
    { name: 'raidB', component: [{ name: 'b', 'callback-timeout': 700 }] },
  ],
  protection: { name: 'pgA', member: ['a', 'b'] },
}
const groupsYaml = `lease: 300
group:
  name: raid
  model: 2n
  unit:
    - name: raidA
      component: { name: a }
    - name: raidB
      component:
        - name: b
          callback-timeout: 700
  protection:
    name: pgA
    member: [a, b]
`

describe('loadGroupsConfig', () => {
  test('of a directory without one is empty, and says so', async () => {
    const path = join(directory, 'groups.conf')
    const notice = `there is no ${path}: AMF has no groups to keep available`
    expect(await loadGroupsConfig(directory)).toMatchObject({
      ok: true,
      path,
      config: emptyGroups,
      diagnostics: [],
      notice,
    })
  })

  test('reads what the package ships', async () => {
    const shipped = await loadGroupsConfig(new URL('../../../conf', import.meta.url).pathname)
    expect(shipped).toMatchObject({ ok: true, notice: null, config: { groups: [{ name: 'raid' }] } })
    expect(codes(shipped)).toEqual(['capability-conflict'])
  })

  test.each([
    ['groups.yaml', groupsYaml],
    ['groups.yml', groupsYaml],
    ['groups.json', JSON.stringify({ lease: 300, group }, null, 2)],
    ['groups.json', JSON.stringify({ lease: '300ms', group: [group] })],
  ])('reads %s', async (name, content) => {
    const path = put(name, content)
    const loaded = await loadGroupsConfig(directory)
    expect(loaded).toMatchObject({ ok: true, path, diagnostics: [], config: { leaseMs: 300 } })
    if (!loaded.ok) throw new Error('not loaded')
    const [{ units, serviceInstances }] = loaded.config.groups
    expect(units.map(({ components }) => components[0].callbackTimeoutMs)).toEqual([5000, 700])
    expect(serviceInstances[0].csis).toMatchObject([{ name: 'pgA', members: ['a', 'b'] }])
  })

  test('refuses two forms and names both', async () => {
    put('groups.conf', '')
    put('groups.yaml', groupsYaml)
    const loaded = await loadGroupsConfig(directory)
    expect(loaded.ok).toBe(false)
    expect(codes(loaded)).toEqual(['file-ambiguous'])
    expect(loaded.diagnostics[0].message).toContain('groups.conf and groups.yaml')
  })
})

describe('loadGroupsFile', () => {
  test('finds the places of mistakes in YAML', async () => {
    const wrong = groupsYaml
      .replace('700', 'soon')
      .replace('model: 2n', 'modell: 2n')
      .replace('[a, b]', '[a, c]')
    const loaded = await loadGroupsFile(put('groups.yaml', wrong))
    expect(loaded.diagnostics.map(({ code, line, column }) => [code, line, column])).toEqual([
      ['key-missing', 2, 1],
      ['key-unknown', 4, 3],
      ['value-invalid', 11, 29],
      ['name-unknown', 14, 17],
    ])
  })

  test.each([
    ['a list', '[]', ['file-syntax']],
    [
      'a group that is none',
      '{"group": 3}',
      ['key-missing', 'key-missing', 'block-empty', 'block-empty', 'file-syntax'],
    ],
    ['a unit at the top', '{"unit": {"name": "u", "component": {"name": "c"}}}', ['block-misplaced']],
    ['no JSON', '{"group": ', ['file-syntax']],
  ])('refuses %s', async (_, content, expected) => {
    const loaded = await loadGroupsFile(put('groups.json', content))
    expect(loaded.ok).toBe(false)
    expect(codes(loaded).sort()).toEqual([...expected].sort())
  })

  test('refuses what is no text, and what is not there', async () => {
    expect(codes(await loadGroupsFile(put('groups.conf', new Uint8Array([0x41, 0, 0x42]))))).toEqual([
      'file-not-text',
    ])
    expect(codes(await loadGroupsFile(put('large.conf', '#'.repeat(1024 * 1024 + 1))))).toEqual([
      'file-too-large',
    ])
    expect(codes(await loadGroupsFile(join(directory, 'none.conf')))).toEqual(['file-missing'])
    expect(loadGroupsOctets('-', new TextEncoder().encode('no-quorum=freeze'))).toMatchObject({
      ok: true,
      path: '-',
      config: { noQuorum: 'freeze' },
    })
  })
})

describe('loadNetworkFile', () => {
  test.each([
    ['a directory', () => (mkdirSync(join(directory, 'network.conf')), undefined), 'file-unreadable'],
    ['a huge file', () => put('network.conf', 'x'.repeat(1024 * 1024 + 1)), 'file-too-large'],
    [
      'a binary file',
      () => put('network.conf', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1])),
      'file-not-text',
    ],
    [
      'a file in UTF-16',
      () => put('network.conf', Buffer.from(`\ufeff${classic}`, 'utf16le')),
      'file-not-text',
    ],
  ])('refuses %s', async (_, make, code) => {
    make()
    const loaded = await loadNetworkFile(join(directory, 'network.conf'))
    expect(loaded.ok).toBe(false)
    expect(codes(loaded)).toEqual([code])
  })

  test('refuses a file this user may not read', async () => {
    const path = put('network.conf', classic)
    chmodSync(path, 0)
    chmodSync(directory, 0o755)
    // Root may read everything: look at the file as nobody.
    const user = process.geteuid!()
    if (user === 0) process.seteuid!(NOBODY)
    try {
      expect(codes(await loadNetworkFile(path))).toEqual(['file-unreadable'])
    } finally {
      process.seteuid!(user)
    }
  })

  test('accepts 1 MiB exactly', async () => {
    const filler = '#'.repeat(1024 * 1024 - classic.length)
    expect(await loadNetworkFile(put('network.conf', classic + filler))).toMatchObject({ ok: true })
  })

  test('does not follow a byte order mark into a wrong key', async () => {
    expect(await loadNetworkFile(put('network.conf', `\ufeff${classic}`))).toMatchObject({
      ok: true,
      diagnostics: [],
    })
  })

  test('names the place of a mistake in YAML and JSON', async () => {
    const inYaml = await loadNetworkFile(put('network.yaml', yaml.replace('token: 2000', 'tokne: 2000')))
    expect(inYaml.diagnostics).toMatchObject([{ code: 'key-unknown', line: 5, column: 1, key: 'tokne' }])
    const inJson = await loadNetworkFile(put('network.json', json.replace('6000', '70000')))
    expect(inJson.diagnostics).toMatchObject([{ code: 'value-range', line: 4, column: 16, key: 'mcastport' }])
  })

  test.each([
    ['network.yaml', `${yaml}quorum: off\ntwo-node: true\n`, { quorumMode: 'off', twoNode: false }],
    ['network.yaml', `${yaml}quorum: false\n`, { quorumMode: 'off' }],
    [
      'network.yaml',
      `${yaml}quorum: majority\nexpected-votes: 2\ntwo-node: true\n`,
      { quorumMode: 'majority', expectedVotes: 2, twoNode: true, waitForAll: true },
    ],
    [
      'network.json',
      json.replace('6000', '6000, "quorum": "majority", "expected-votes": 3, "wait-for-all": false'),
      { quorumMode: 'majority', expectedVotes: 3, twoNode: false, waitForAll: false },
    ],
  ])('%s takes booleans for choices: %j', async (name, content, config) => {
    expect(await loadNetworkFile(put(name, content))).toMatchObject({ ok: true, config })
  })

  test.each([
    ['network.yaml', `${yaml}quorum: true\n`, 'value-invalid', 'quorum "true" is neither majority nor off'],
    [
      'network.yaml',
      `${yaml}nodeid: true\n`,
      'value-invalid',
      'the value of "nodeid" is neither text nor a number',
    ],
    ['network.yaml', `${yaml}nodeid: null\n`, 'value-missing', 'nodeid has no value'],
  ])('%s ending in a boolean that means nothing: %j', async (name, content, code, message) => {
    const loaded = await loadNetworkFile(put(name, content))
    expect(codes(loaded)).toEqual([code])
    expect(loaded.diagnostics[0].message).toContain(message)
  })

  test.each([
    ['network.yaml', 'a: [1', 'file-syntax'],
    ['network.yaml', 'just text', 'file-syntax'],
    ['network.yaml', '', 'file-syntax'],
    ['network.json', '{"a": }', 'file-syntax'],
    ['network.json', '[]', 'file-syntax'],
  ])('%s with %j is a syntax error without a stack trace', async (name, content, code) => {
    const loaded = await loadNetworkFile(put(name, content))
    expect(codes(loaded)).toEqual([code])
    expect(loaded.diagnostics[0].message).not.toMatch(/\n| at /)
  })
})

describe('loadUserSettings', () => {
  test('finds .aisrc above the working directory', async () => {
    const path = put('.aisrc', 'configDir: /etc/ais-test\noutput: json\n')
    mkdirSync(join(directory, 'deep', 'er'), { recursive: true })
    const loaded = await loadUserSettings(join(directory, 'deep', 'er'))
    expect(loaded).toEqual({
      ok: true,
      path,
      settings: { configDir: '/etc/ais-test', output: 'json' },
      notices: [],
    })
  })

  test('finds ais.config.json', async () => {
    put('ais.config.json', '{"socket": "/run/x.sock"}')
    expect(await loadUserSettings(directory)).toMatchObject({ ok: true, settings: { socket: '/run/x.sock' } })
  })

  test.each([
    ['an unknown setting', 'sokcet: /x', 'key-unknown'],
    ['a relative path', 'socket: x', 'value-invalid'],
    ['an unknown output', 'output: xml', 'value-invalid'],
    ['text', 'hello', 'file-syntax'],
    ['broken YAML', 'a: [', 'file-syntax'],
  ])('refuses %s', async (_, content, code) => {
    put('.aisrc', content)
    const loaded = await loadUserSettings(directory)
    expect(loaded.ok ? 'ok' : codes(loaded)).toEqual([code])
  })
})

test('listInterfaces lists IPv4 addresses with their masks', () => {
  for (const { address, netmask, name } of listInterfaces()) {
    expect(`${address} ${netmask}`).toMatch(/^\d+\.\d+\.\d+\.\d+ \d+\.\d+\.\d+\.\d+$/)
    expect(name).not.toBe('')
  }
})

test('a lease is at most half of the token timeout', async () => {
  const loaded = await loadNetworkConfig((put('network.conf', `${classic}token: 800\n`), directory))
  if (!loaded.ok) throw new Error('not loaded')
  expect(leaseFinding(emptyGroups, loaded.config)).toBeNull()
  expect(leaseFinding({ ...emptyGroups, leaseMs: 400 }, loaded.config)).toBeNull()
  expect(leaseFinding({ ...emptyGroups, leaseMs: 401 }, loaded.config)).toMatchObject({
    code: 'value-conflict',
    expected: expect.stringContaining('400'),
  })
})
