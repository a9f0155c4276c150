import { checkNetworkText } from '../../../../src/config/check.js'
import { codeStories, explain, explainable, explainableLike } from '../../../../src/config/explain/explain.js'
import { keysOfGroups } from '../../../../src/config/explain/keys-of-groups.js'
import { keysOfNetwork } from '../../../../src/config/explain/keys-of-network.js'
import type { Example } from '../../../../src/config/explain/story.js'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import { groupsKeys } from '../../../../src/config/model/groups-keys.js'
import { networkKeys } from '../../../../src/config/model/network-keys.js'

function findingsOf({ kind, text }: Example): { readonly codes: string[]; readonly ok: boolean } {
  const { diagnostics, ok } = kind === 'network' ? checkNetworkText(text) : checkGroupsText(text)
  return { codes: diagnostics.map(({ code }) => code), ok }
}

const examples = Object.entries(codeStories).filter(([, { wrong }]) => wrong !== undefined)

describe('codes', () => {
  test.each(examples)('%s: the wrong example gives it', (code, { wrong }) => {
    expect(findingsOf(wrong!).codes).toContain(code)
  })

  test.each(examples)('%s: the right example is good', (_code, { right }) => {
    expect(findingsOf(right!)).toEqual({ codes: [], ok: true })
  })

  test('most have an example: all that come from the text of one file', () => {
    const without = Object.entries(codeStories).filter(([, { wrong }]) => wrong === undefined)
    expect(without.map(([code]) => code).sort()).toMatchInlineSnapshot(`
     [
       "file-ambiguous",
       "file-missing",
       "file-not-text",
       "file-owner",
       "file-syntax",
       "file-too-large",
       "file-unreadable",
       "format-mismatch",
       "format-unknown",
       "interface-none",
       "interface-several",
       "limit-exceeded",
       "name-alike",
       "node-unknown",
       "not-convertible",
       "too-many",
       "value-assumed",
       "yaml-unsupported",
     ]
    `)
  })

  test('name keys that there are', () => {
    const known = new Set([...networkKeys, ...groupsKeys].map(({ name }) => name))
    for (const { keys = [] } of Object.values(codeStories)) {
      for (const key of keys) expect(known).toContain(key)
    }
  })
})

describe('keys', () => {
  const keys = explainable().filter((one) => one.subject === 'key')

  test.each(keys.map((one) => [`${one.file} ${one.scopes[0]} ${one.key}`, one] as const))(
    '%s has a story and an example that holds',
    (_name, { key, file, story, example }) => {
      expect(story).not.toBe('')
      const separator = file === 'network.conf' ? ':' : '='
      expect(example.split(separator)[0].trim()).toBe(key)
    },
  )

  test('no story is left over', () => {
    const names = new Set(groupsKeys.flatMap(({ name, scopes }) => [name, `${scopes[0]}.${name}`]))
    expect(Object.keys(keysOfGroups).filter((name) => !names.has(name))).toEqual([])
    expect(Object.keys(keysOfNetwork).sort()).toEqual(networkKeys.map(({ name }) => name).sort())
  })

  test('examples of network.conf are without findings, but for those that need others', () => {
    const needOthers = new Set(['quorum', 'expected-votes', 'two-node', 'wait-for-all'])
    for (const { key, example, file } of keys) {
      if (file !== 'network.conf' || needOthers.has(key)) continue
      const rest = ['bindnetaddr: 192.168.1.0', 'mcastaddr: 239.192.1.1', 'mcastport: 6000']
      const lines = [...rest.filter((line) => !line.startsWith(`${key}:`)), example]
      expect({ key, ...checkNetworkText(lines.join('\n')) }).toMatchObject({ key, ok: true, diagnostics: [] })
    }
  })

  test('related keys are keys', () => {
    const known = new Set(keys.map(({ key }) => key))
    for (const { related } of keys) for (const one of related) expect(known).toContain(one)
  })
})

test('a key that blocks of several kinds have is explained for each', () => {
  expect(explain('model').map((one) => one.subject === 'key' && one.scopes)).toEqual([
    ['group'],
    ['component'],
  ])
  expect(explain('token')).toHaveLength(1)
  expect(explain('nothing')).toEqual([])
})

test('a typo is understood', () => {
  expect(explainableLike('tokn')).toBe('token')
  expect(explainableLike('key-unkown')).toBe('key-unknown')
})
