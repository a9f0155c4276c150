import { limits } from '../../../../src/base/index.js'
import { readText } from '../../docs/texts.js'
import { shapes } from '../../../../src/services/amf/wire.js'
import { raid } from './raid.js'
import { AmfWorld } from './world.js'

/** Rows of the table of docs/protocol.md that has this heading: name, and the names in the second cell. */
function documented(heading: string): [string, string[]][] {
  const { text } = readText('docs/protocol.md')
  const [, rows = ''] =
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[- |]+\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? []
  return [...rows.matchAll(/^\| `([\w.-]+)` +\|([^|]*)\|/gm)].map(([, name, cell]) => {
    return [name!, [...cell!.matchAll(/`(\w+)`/g)].map((match) => match[1]!)]
  })
}

const world = new AmfWorld(raid({ healthcheckIntervalMs: 100 }), 1)
const application = world.application(1)
application.behave = ({ type }) => (type === 'terminate' ? 'end' : 'answer')

test('docs/protocol.md has every method of AMF, and no others', () => {
  const { code, text } = application.call('unknown', {})
  expect(code).toBe('ERR_NOT_SUPPORTED')
  const known = /it has (.*)$/.exec(text!)![1]!.split(', ')
  expect(known.length).toBeGreaterThan(20)
  const names = documented('method of AMF').map(([name]) => name)
  expect(names.sort()).toEqual(known.map((method) => `amf.${method}`).sort())
})

test('docs/protocol.md has every message of AMF with its fields, and no others', () => {
  const fields = Object.fromEntries(
    Object.entries(shapes).map(([kind, shape]) => {
      return [
        kind,
        Object.keys(shape)
          .filter((name) => name !== 'atMs')
          .sort(),
      ]
    }),
  )
  const inText = documented('message of AMF').map(([name, cell]): [string, string[]] => [name, cell.sort()])
  expect(Object.fromEntries(inText)).toEqual(fields)
})

test('docs/protocol.md has the fields of the events that a component gets', () => {
  for (const name of ['comp_a_in_su_x', 'comp_b_in_su_x']) application.register(name)
  world.run(200)
  application.call('componentErrorReport', { component: 'comp_a_in_su_x', text: 'broken' })
  world.run(200)
  application.call('componentErrorClear', { component: 'comp_a_in_su_x' })
  world.run(200)
  application.call('adminOperation', { operation: 'lock', name: 'raidA' })
  application.ask('adminOperation', { operation: 'lock-in', name: 'raidA' })
  world.settle()
  const seen = new Map(application.events.map(({ event }) => [event.type, event]))
  const inText = documented('event of AMF')
  const told = inText.map(([name]) => name).filter((name) => name !== 'lease')
  expect([...seen.keys()].sort()).toEqual(told.sort())
  for (const [name, fields] of inText) {
    if (name === 'lease') continue
    expect([name, Object.keys(seen.get(name)!).sort()]).toEqual([name, ['type', ...fields].sort()])
  }
})

test('docs/protocol.md has the limits of AMF', () => {
  const { text } = readText('docs/protocol.md')
  const [, row = ''] = /^\| ERR_NO_RESOURCES +\| (256 components.*) +\|$/m.exec(text) ?? []
  const { amfComponentsOfClient, amfHealthchecksOfComponent, amfProcessesOfComponent, amfWatchers } = limits
  expect([...row.matchAll(/\d+/g)].map(([digits]) => Number(digits))).toEqual([
    amfComponentsOfClient,
    amfHealthchecksOfComponent,
    amfProcessesOfComponent,
    amfWatchers,
  ])
})
