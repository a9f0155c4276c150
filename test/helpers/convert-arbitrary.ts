import fc from 'fast-check'
import { isAttributeValue, isName } from '../../src/config/model/groups-text.js'
import { meaningOf } from './convert.js'

// Files of ours without errors, of all kinds, written by hand rather than by what is tested.

/** What can stand behind a = or a colon: no blanks at its ends, for those do not count. */
const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''))
  .filter((text) => isName(text) && text.trim() === text)

const lines = (...all: readonly (readonly string[] | string)[]): string[] => all.flat()

const duration = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }).map(String),
  fc.integer({ min: 1, max: 1000 }).map((count) => `${count}ms`),
  fc.integer({ min: 1, max: 1000 }).map((count) => `${count}s`),
  fc.integer({ min: 1, max: 100 }).map((count) => `${count} m`),
)

/** Lines `key=value` of those keys that are drawn. */
function keys(all: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<string[]> {
  const options = Object.entries(all).map(([key, value]) =>
    fc.option(value, { freq: 2 }).map((drawn) => (drawn === null ? [] : [`${key}=${String(drawn)}`])),
  )
  return fc.tuple(...options).map((drawn) => drawn.flat())
}

const inherited = {
  'healthcheck-interval': fc.oneof(duration, fc.constant('0')),
  'healthcheck-max-duration': duration,
  'callback-timeout': duration,
  recovery: fc.constantFrom(
    'component-restart',
    'unit-restart',
    'component-failover',
    'node-switchover',
    'node-failover',
  ),
  'restart-timeout': duration,
}

const capability = fc
  .constantFrom(
    { model: 'x_active_and_y_standby', active: 5, standby: 5 },
    { model: 'x_active_or_y_standby', active: 5, standby: 5 },
    { model: '1_active_or_y_standby', active: 1, standby: 5 },
    { model: '1_active_or_1_standby', active: 1, standby: 1 },
  )
  .chain(({ model, active, standby }) =>
    keys({
      model: fc.constant(model),
      ...(active === 1 ? {} : { 'max-active-csis': fc.integer({ min: 1, max: active }) }),
      ...(standby === 1 ? {} : { 'max-standby-csis': fc.integer({ min: 1, max: standby }) }),
    }).map((drawn) => [`model=${model}`, ...drawn.filter((line) => !line.startsWith('model='))]),
  )

const block = (kind: string, inside: readonly string[]): string[] => [`${kind} {`, ...inside, '}']

const attribute = fc
  .tuple(
    word.filter((name) => !name.includes(':')),
    fc.oneof(word.filter(isAttributeValue), fc.constant('')),
  )
  .map(([name, value]) => `attribute=${name}:${value}`)

interface GroupShape {
  readonly prefix: string
  readonly units: number
  readonly each: number
  readonly instances: number
}

function group({ prefix, units, each, instances }: GroupShape): fc.Arbitrary<string[]> {
  const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
  const named = (name: string): string => `name=${prefix}${name}`
  const component = (unit: number, index: number): fc.Arbitrary<string[]> =>
    fc
      .tuple(capability, keys(inherited))
      .map((drawn) => block('component', [named(`c${unit}-${index}`), ...drawn.flat()]))
  const unit = (index: number): fc.Arbitrary<string[]> =>
    fc
      .tuple(
        keys({ node: word, rank: fc.nat(9), ...inherited }),
        fc.tuple(...range(each).map((at) => component(index, at))),
      )
      .map(([own, inside]) => block('unit', lines([named(`u${index}`)], own, inside.flat())))
  const protection = (index: number): string[] =>
    block('protection', [named(`p${index}`), ...range(units).map((of) => `member=${prefix}c${of}-${index}`)])
  const csi = (instance: number, index: number): fc.Arbitrary<string[]> =>
    fc
      .tuple(keys({ rank: fc.nat(9) }), fc.array(attribute, { maxLength: 3 }))
      .map(([own, attributes]) =>
        block('csi', [
          named(`w${instance}-${index}`),
          `protection=${prefix}p${index}`,
          ...own,
          ...attributes,
        ]),
      )
  const instance = (index: number): fc.Arbitrary<string[]> =>
    fc
      .tuple(
        keys({ rank: fc.nat(9), 'standby-assignments': fc.nat(3) }),
        fc.tuple(...range(each).map((at) => csi(index, at))),
      )
      .map(([own, inside]) => block('service-instance', lines([named(`s${index}`)], own, inside.flat())))
  const own = keys({
    'component-restart-max': fc.nat(1000),
    'component-restart-probation': duration,
    'unit-restart-max': fc.nat(1000),
    'unit-restart-probation': duration,
    'unit-failover-max': fc.nat(1000),
    'unit-failover-probation': duration,
    ...inherited,
  })
  const model = fc.oneof(
    fc.constant(['model=2n']),
    keys({ 'active-units': fc.integer({ min: 1, max: 3 }), 'backup-units': fc.nat(2) }).map((more) => [
      'model=nplusm',
      ...more,
    ]),
    fc.constant(['model=noredundancy']),
  )
  return fc
    .tuple(word, model, own, fc.tuple(...range(units).map(unit)), fc.tuple(...range(instances).map(instance)))
    .map(([name, ofModel, drawn, ofUnits, ofInstances]) =>
      block(
        'group',
        lines(
          [named(name)],
          ofModel,
          drawn,
          ofUnits.flat(),
          range(each).flatMap(protection),
          ofInstances.flat(),
        ),
      ),
    )
}

const shape = (prefix: string): fc.Arbitrary<GroupShape> =>
  fc.record({
    prefix: fc.constant(prefix),
    units: fc.integer({ min: 1, max: 4 }),
    each: fc.integer({ min: 1, max: 2 }),
    instances: fc.nat(2),
  })

/** A groups.conf without errors. */
export const groupsFileArbitrary: fc.Arbitrary<string> = fc
  .tuple(
    keys({
      lease: fc.integer({ min: 1000, max: 300_000 }),
      'takeover-delay': fc.nat(60_000),
      'no-quorum': fc.constantFrom('stop', 'freeze', 'ignore'),
    }),
    fc.oneof(
      fc.constant([]),
      shape('a').chain(group),
      fc.tuple(shape('a').chain(group), shape('b').chain(group)).map((both) => both.flat()),
    ),
  )
  .map(([own, groups]) => `${lines(own, groups).join('\n')}\n`)
  .filter((text) => meaningOf(text, 'groups') !== null)

const octet = fc.integer({ min: 1, max: 254 })
const bindNetwork = fc.oneof(
  fc.tuple(octet, octet).map(([a, b]) => `10.${a}.${b}.0`),
  fc.tuple(octet, octet).map(([a, b]) => `192.168.${a}.${b}`),
  fc.tuple(octet, fc.integer({ min: 8, max: 30 })).map(([a, length]) => `172.16.${a}.0/${length}`),
  fc.constantFrom('eth0', 'bond0.100', 'enp3s0'),
)

const quorum = fc.oneof(
  fc.constant([]),
  fc.constant(['quorum: off']),
  fc
    .tuple(fc.integer({ min: 2, max: 128 }), fc.constantFrom([], ['wait-for-all: yes'], ['wait-for-all: no']))
    .map(([votes, wait]) => ['quorum: majority', `expected-votes: ${votes}`, ...wait]),
  fc.constant(['quorum: majority', 'expected-votes: 2', 'two-node: yes']),
)

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

/** A network.conf without errors. */
export const networkFileArbitrary: fc.Arbitrary<string> = fc
  .tuple(
    fc.tuple(bindNetwork, whole(225, 231), octet, whole(2, 65_535)),
    keys({
      nodeid: whole(1, 4_294_967_294),
      nodename: word,
      clustername: word,
      statedir: word.map((name) => `/${name}`),
      socket: word.map((name) => `/${name}`),
      token: whole(251, 600_000),
      consensus: fc.oneof(whole(101, 200), whole(101, 600_000)),
      join: whole(5, 100),
      merge: whole(10, 600_000),
      hold: whole(0, 10),
      retransmit: whole(10, 250),
      window: whole(50, 1000),
      'max-messages': whole(20, 50),
      'accelerated-window': whole(0, 20),
      netmtu: whole(576, 65_535),
      ttl: whole(0, 255),
    }),
    quorum,
  )
  .map(([[bind, first, second, port], own, votes]) =>
    [
      `bindnetaddr: ${bind}`,
      `mcastaddr: ${first}.${second}.1.1`,
      `mcastport: ${port}`,
      ...own.map((line) => line.replace('=', ': ')),
      ...votes,
      '',
    ].join('\n'),
  )
  .filter((text) => meaningOf(text, 'network') !== null)
