import { groupsKeys, type GroupsScope } from '../../../../src/config/model/groups-keys.js'
import { checkGroupsText } from '../../../../src/config/groups/check-groups.js'
import { groupsText } from '../../../../src/config/model/groups-text.js'
import { roundTrip } from '../../../helpers/convert.js'

// Every key of groups.conf, set to what it is not by default: it comes back, or it is listed.

const lines = (...texts: string[]): string => texts.filter((text) => text !== '').join('\n')

/** A file with one line more in one of its blocks, and the number of that line. */
function fileWith(scope: GroupsScope, line: string, more: Partial<Record<GroupsScope, string>>): string {
  const at = (here: GroupsScope): string => lines(more[here] ?? '', here === scope ? line : '')
  const component = (name: string, own: string): string => lines('component {', `name=${name}`, own, '}')
  const unit = (index: number, own: string, inner: string): string =>
    lines('unit {', `name=u${index}`, `node=n${index}`, own, component(`c${index}`, inner), '}')
  return lines(
    at('file'),
    'group {',
    'name=g',
    line.startsWith('model=') && scope === 'group' ? '' : 'model=nplusm',
    at('group'),
    unit(1, at('unit'), at('component')),
    unit(2, '', ''),
    lines('protection {', 'name=p', 'member=c1', 'member=c2', at('protection'), '}'),
    'service-instance {',
    'name=s',
    at('service-instance'),
    lines('csi {', 'name=k', line.startsWith('protection=') ? '' : 'protection=p', at('csi'), '}'),
    '}',
    '}',
    '',
  )
}

/** A value of each key that is not its default, and what it needs beside it. */
const values: Readonly<Record<string, string>> = {
  lease: '700',
  'takeover-delay': '33',
  'no-quorum': 'freeze',
  'active-units': '2',
  'backup-units': '2',
  'max-active-instances': '3',
  'max-standby-instances': '4',
  'component-restart-max': '7',
  'component-restart-probation': '70000',
  'unit-restart-max': '8',
  'unit-restart-probation': '80000',
  'unit-failover-max': '9',
  'unit-failover-probation': '90000',
  'max-active-csis': '5',
  'max-standby-csis': '6',
  'healthcheck-interval': '250',
  'healthcheck-max-duration': '350',
  'callback-timeout': '4500',
  recovery: 'node-switchover',
  'restart-timeout': '2500',
  'standby-assignments': '2',
  attribute: 'colour:blue',
  rank: '3',
}

const ofScope: Readonly<Record<string, string>> = { group: '2n', component: 'x_active_or_y_standby' }

const beside: Readonly<Record<string, Partial<Record<GroupsScope, string>>>> = {
  'unit-failover-probation': { group: 'unit-failover-max=4' },
  'healthcheck-max-duration': { group: 'healthcheck-interval=100' },
}

/** Names carry what the others say, or are themselves what is said. */
const cases = groupsKeys
  .filter(({ name }) => !['name', 'member', 'node', 'protection'].includes(name))
  .flatMap(({ name, scopes }) =>
    scopes.map((scope) => ({ key: name, scope, line: `${name}=${values[name] ?? ofScope[scope]}` })),
  )

test('every key has a value here', () => {
  expect(cases.filter(({ line }) => line.endsWith('=undefined'))).toEqual([])
})

function meaning(text: string): string {
  const checked = checkGroupsText(text)
  if (!checked.ok) throw new Error(`${text}\n${JSON.stringify(checked.diagnostics)}`)
  return groupsText(checked.config)
}

describe.each(['amf', 'imm', 'cib'] as const)('%s', (format) => {
  test.each(cases)('$scope $line', ({ key, scope, line }) => {
    const more = beside[key] ?? {}
    const text = fileWith(scope, line, more)
    const without = fileWith(scope, key === 'model' && scope === 'group' ? 'model=nplusm' : '', more)
    // The line does mean something.
    expect(meaning(text)).not.toBe(meaning(without))
    const number = text.split('\n').lastIndexOf(line) + 1
    const { there, back } = roundTrip(text, 'groups', format)
    const isListed = there.diagnostics.some(
      (finding) => finding.code === 'not-convertible' && finding.line === number,
    )
    const usual = roundTrip(without, 'groups', format)
    // What comes back with the line is what comes back without it: then it was dropped, and is to be listed.
    const isDropped = meaning(back!.text!) === meaning(usual.back!.text!)
    expect({ isDropped, isListed }).toEqual({ isDropped, isListed: isDropped || isListed })
    if (format !== 'cib' && !isListed) expect(meaning(back!.text!)).toBe(meaning(text))
  })
})
