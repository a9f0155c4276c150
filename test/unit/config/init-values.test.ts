import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { examineText, groupsKind, networkKind, type FileForm } from '../../../src/config/file-kinds.js'
import { addedKeys } from '../../../src/config/model/network-keys.js'
import type { InterfaceAddress } from '../../../src/config/model/network-config.js'
import {
  firstOutside,
  meantInterfaces,
  proposeInterfaces,
} from '../../../src/programs/config-init-interfaces.js'
import { renderConfig, type InitForm } from '../../../src/programs/config-init-render.js'
import { problemOf, proposed, type InitValues } from '../../../src/programs/config-init-values.js'

// What `ais config init` writes, and what it proposes; test/cli/config-init runs the command.

const values: InitValues = { ...proposed, bindnetaddr: '10.1.0.0', nodename: null }
const why = { why: 'its network' }
/** Forms whose texts can be checked without running them. */
const checkable = [
  ['conf', 'classic'],
  ['yaml', 'yaml'],
  ['json', 'json'],
] as const satisfies readonly (readonly [InitForm, FileForm])[]

const templateOf = (name: string): string =>
  readFileSync(new URL(`../../../templates/conf/${name}.template`, import.meta.url), 'utf8')

const networkOf = async (form: InitForm, as: Exclude<FileForm, 'typescript'>, given: InitValues) =>
  examineText(await renderConfig('network', form, given, why), as, networkKind).checked

describe.each(checkable)('%s', (form, as) => {
  test('any name that is not refused is written so that it is read as it was given', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.constantFrom(
        'no',
        '1.10',
        '{{why}}',
        '$&',
        '# a',
        '"',
        "it's",
        'a: b',
        '\\',
        '- x',
        '@',
        '&a *a',
        '~',
      ),
    )
    const count = { written: 0 }
    await fc.assert(
      fc.asyncProperty(name, name, async (clustername, nodename) => {
        fc.pre(problemOf('clustername', clustername) === null && problemOf('nodename', nodename) === null)
        count.written++
        const checked = await networkOf(form, as, { ...values, clustername, nodename })
        expect(checked).toMatchObject({ ok: true, config: { clusterName: clustername, nodeName: nodename } })
      }),
      { numRuns: 150 },
    )
    expect(count.written).toBeGreaterThan(50)
  })

  test('without a node name the host name is used, and nothing is warned of', async () => {
    const checked = await networkOf(form, as, values)
    expect(checked).toMatchObject({
      ok: true,
      diagnostics: [],
      config: { nodeName: null, clusterName: 'ais', mcastAddress: '226.94.1.1', mcastPort: 6000 },
    })
  })

  test('the groups are none, and named to editors where that can be', async () => {
    const text = await renderConfig('groups', form, values, why)
    const { checked } = examineText(text, as, groupsKind)
    expect(checked).toMatchObject({ ok: true, diagnostics: [], config: { groups: [] } })
    if (form !== 'conf') expect(text).toMatch(/file:\/\/\/.*\/conf\/groups\.schema\.json/)
  })
})

test.each([
  ['conf', /^#(?=[a-z])/gm, 'classic'],
  ['yaml', /^#(?=[a-z])/gm, 'yaml'],
] as const)('every key of %s is there to be taken, with its default', async (form, mark, as) => {
  const text = await renderConfig('network', form, values, why)
  for (const { name, default: fallback } of addedKeys.filter(({ name: key }) => key !== 'clustername')) {
    expect(text).toMatch(new RegExp(`^#${name}: ${fallback === null ? '.' : `${fallback}$`}`, 'm'))
  }
  const uncommented = text.replace(mark, '')
  const { checked } = examineText(uncommented, as, networkKind)
  expect(checked.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
})

test.each([
  ['conf', 'classic'],
  ['yaml', 'yaml'],
] as const)('the example of groups.%s is good', async (form, as) => {
  const text = await renderConfig('groups', form, values, why)
  const example = text.slice(text.indexOf('#group')).replace(/^#/gm, '')
  const { checked } = examineText(example, as, groupsKind)
  expect(checked).toMatchObject({ ok: true, diagnostics: [], config: { groups: [{ name: 'web' }] } })
})

test('the templates of all forms have the same keys, those of TypeScript as well', () => {
  const keysIn = (text: string): string[] =>
    [...text.matchAll(/^\s*(?:#|\/\/)?'?([a-z-]+)'?: /gm)].map(([, key]) => key)
  expect(keysIn(templateOf('network.ts'))).toEqual(keysIn(templateOf('network.conf')))
  expect(keysIn(templateOf('network.yaml'))).toEqual(keysIn(templateOf('network.conf')))
})

test('YAML names its schema in the first line, JSON in its first key', async () => {
  const yaml = await renderConfig('network', 'yaml', values, why)
  const modeline = /^# yaml-language-server: \$schema=(file:\/\/\/\S+)\n/.exec(yaml)
  const schema: unknown = JSON.parse(readFileSync(new URL(modeline![1]), 'utf8'))
  expect(schema).toMatchObject({ properties: { token: {} } })
  const json = JSON.parse(await renderConfig('network', 'json', values, why)) as object
  expect(Object.entries(json)[0]).toEqual(['$schema', modeline![1]])
  expect(parse(yaml)).toMatchObject({ mcastport: 6000 })
})

test.each([
  ['clustername', '', 'has no value'],
  ['clustername', ' a', 'would be read as "a"'],
  ['clustername', 'a\nmcastport: 7000', 'no line ends'],
  ['clustername', 'a\u0000', 'control characters'],
  ['nodename', 'x'.repeat(256), 'too long'],
  ['mcastaddr', '10.0.0.1', 'not a multicast group'],
  ['mcastaddr', '226.94.1', 'would be read as "226.94.0.1"'],
  ['mcastport', '1', 'out of range'],
  ['mcastport', '6000 x', 'would be read as "6000"'],
  ['mcastport', 'six', 'not a number'],
] as const)('%s %j is refused: %s', (key, value, why_) => {
  expect(problemOf(key, value)).toContain(why_)
})

const address = (name: string, own: string, netmask = '255.255.255.0'): InterfaceAddress => ({
  name,
  address: own,
  netmask,
  loopback: name === 'lo',
})

test('the likeliest interface is the first, and is named by its network where that tells it', () => {
  const all = [
    address('lo', '127.0.0.1', '255.0.0.0'),
    address('docker0', '172.17.0.1', '255.255.0.0'),
    address('tun0', '10.8.0.2', '255.255.255.255'),
    address('eth0', '192.168.1.7'),
    address('eth1', '10.0.0.4'),
    address('eth2', '10.0.0.5'),
  ]
  const proposals = proposeInterfaces(all)
  expect(proposals.map(({ interface: name, bindnetaddr }) => [name, bindnetaddr])).toEqual([
    ['eth0', '192.168.1.0'],
    ['eth1', '10.0.0.4'],
    ['eth2', '10.0.0.5'],
    ['docker0', '172.17.0.0'],
    ['tun0', '10.8.0.2'],
    ['lo', '127.0.0.1'],
  ])
  expect(proposals[3].why).toContain('containers')
  expect(firstOutside(all)?.address).toBe('192.168.1.7')
  expect(firstOutside(all.slice(0, 1))).toBeUndefined()
  const meant = (word: string): string[] => meantInterfaces(word, proposals).map(({ address: own }) => own)
  expect([meant('eth1'), meant('10.0.0.5'), meant('192.168.1.0'), meant('eth9')]).toEqual([
    ['10.0.0.4'],
    ['10.0.0.5'],
    ['192.168.1.7'],
    [],
  ])
})
