import type { Guarantee } from '../../group/index.js'
import { limits } from '../../base/index.js'
import type { RingState } from '../../totem/index.js'
import { FrameKind } from '../../totem/wire/header.js'
import { MESSAGE_OCTETS_MIN } from '../load.js'
import { AmfCommands } from './amf-commands.js'
import { ScriptApplications } from './checkpoints.js'
import { ScriptGroups } from './groups.js'
import { durationMs, expected, label, number, octets, oneOf } from './quantities.js'
import { ScriptError } from './script-error.js'
import * as services from './services.js'
import { Show } from './show.js'
import { areOneRing, areQuiet, countConfigurations, haveDelivered, nextFrame } from './waiting.js'
import type { ScriptWorld, SharedOptions } from './world.js'

type Words = readonly string[]
type Command = (words: Words) => string[] | void

const PATIENCE_MS = 5000
const GUARANTEES: readonly Guarantee[] = ['agreed', 'safe']
const STATES: readonly RingState[] = ['gather', 'commit', 'recovery', 'operational', 'left']
const KINDS = Object.keys(FrameKind) as (keyof typeof FrameKind)[]

/** Options of `nodes`: word, option, how its value reads. */
const SETTINGS: Readonly<Record<string, readonly [keyof SharedOptions, (word: string) => number]>> = {
  token: ['tokenTimeoutMs', durationMs],
  consensus: ['consensusTimeoutMs', durationMs],
  join: ['joinIntervalMs', durationMs],
  merge: ['mergeIntervalMs', durationMs],
  hold: ['holdMs', durationMs],
  retransmit: ['retransmitMaxMs', durationMs],
  window: ['windowFrames', (word) => number(word, 'a number of frames')],
  'max-messages': ['maxMessagesPerVisit', (word) => number(word, 'a number of frames')],
  'accelerated-window': ['acceleratedWindowFrames', (word) => number(word, 'a number of frames')],
  netmtu: ['netmtu', (word) => number(word, 'a number of octets')],
  'frames-before-end': [
    'firstSequence',
    (word) => limits.messageSequenceMax - 4096 - number(word, 'a number of frames'),
  ],
}

const settingNames = [...Object.keys(SETTINGS), ...Object.keys(services.serviceSettings), 'cluster']

/** The commands of the scripts, by name; docs/testing.md lists them. */
export function commandsFor(world: ScriptWorld): ReadonlyMap<string, Command> {
  return new Map([
    ...nodeCommands(world),
    ...networkCommands(world),
    ...messageCommands(world),
    ...serviceCommands(world),
    ...new ScriptApplications(world).commands(),
    ...new AmfCommands(world).commands(),
    ...new ScriptGroups(world).commands(),
    ...waitCommands(world),
    ...showCommands(world),
  ])
}

function nodeCommands(world: ScriptWorld): [string, Command][] {
  const each = (act: (name: string) => void): Command => {
    return (words) => words.forEach((name) => act(name))
  }
  return [
    [
      'nodes',
      ([count, ...settings]) => {
        world.options = applySettings(world.options, settings)
        for (let id = 1; id <= number(count, 'a number of nodes'); id++) world.addNode(`${id}`)
      },
    ],
    [
      'add',
      ([name, ...settings]) => {
        if (name === undefined) throw expected('the name of a node', name)
        world.addNode(name, applySettings(world.options, settings))
      },
    ],
    [
      'start',
      each((name) => {
        if (world.node(name).ring) throw new ScriptError(`node ${name} runs already`)
        world.node(name).start()
      }),
    ],
    ['crash', each((name) => world.node(name).crash())],
    [
      'restart',
      each((name) => {
        world.node(name).crash()
        world.node(name).start()
      }),
    ],
    ['leave', each((name) => world.node(name).leave())],
    ['pause', each((name) => world.node(name).pause())],
    ['resume', each((name) => world.node(name).resume())],
    ['ask', each((name) => world.node(name).askPresence())],
  ]
}

function networkCommands(world: ScriptWorld): [string, Command][] {
  const { network } = world
  const address = (name: string): string => world.node(name).address
  return [
    [
      'partition',
      (words) => {
        const sides = words
          .join(' ')
          .split('|')
          .map((side) => side.trim().split(/\s+/).map(address))
        sides.forEach((side, i) =>
          sides.forEach((other, j) => {
            if (i !== j) side.forEach((from) => other.forEach((to) => network.cutLink(from, to)))
          }),
        )
      },
    ],
    ['cut', (words) => links(words).forEach(([from, to]) => network.cutLink(address(from), address(to)))],
    [
      'cut-unicast',
      (words) => {
        links(words).forEach(([from, to]) => network.cutUnicastLink(address(from), address(to)))
      },
    ],
    ['heal', () => network.healLinks()],
    [
      'loss',
      ([chance]) => {
        network.weather = { ...network.weather, loss: number(chance, 'a probability') }
      },
    ],
    ['drop', (words) => drop(world, words)],
    [
      'refuse',
      ([name, at, victim]) => {
        oneOf(at, ['to'])
        world.node(victim ?? '').refused(address(name ?? ''))
      },
    ],
  ]
}

/** `drop next|every KIND from A to B C`, `drop nothing` */
function drop(world: ScriptWorld, words: Words): void {
  const [how, kind, from, sender, to, ...receivers] = words
  if (oneOf(how, ['next', 'every', 'nothing']) === 'nothing') return world.network.dropNothing()
  oneOf(from, ['from'])
  oneOf(to, ['to'])
  const frames = how === 'next' ? 1 : Infinity
  for (const receiver of receivers) {
    const { address } = world.node(sender ?? '')
    world.network.drop(kindOf(kind), address, world.node(receiver).address, frames)
  }
}

function messageCommands(world: ScriptWorld): [string, Command][] {
  return [
    [
      'send',
      ([name = '', guarantee, quoted, ...rest]) => {
        const text = label(quoted)
        const { size, times } = sendingOf(rest)
        for (let i = 1; i <= times; i++) {
          const sent = world.send(name, oneOf(guarantee, GUARANTEES), times > 1 ? `${text}${i}` : text, size)
          if (!sent) return [`${name} refused ${text}`]
        }
        return []
      },
    ],
    [
      'flood',
      ([name = '', guarantee, quoted, ...rest]) => {
        const { size } = sendingOf(rest)
        let accepted = 0
        while (world.send(name, oneOf(guarantee, GUARANTEES), `${label(quoted)}${accepted + 1}`, size))
          accepted++
        return [`${name} accepted ${accepted}, then refused`]
      },
    ],
  ]
}

function serviceCommands(world: ScriptWorld): [string, Command][] {
  return [
    [
      'put',
      ([name = '', map, quoted, ...rest]) => {
        const { times } = sendingOf(rest)
        return services.put(world, name, services.mapNamed(map), label(quoted), times)
      },
    ],
    [
      'until-open',
      (words) =>
        wait(world, words, ([map, ...names]) => {
          const name = services.mapNamed(map)
          return () => services.areOpen(world, name, names)
        }),
    ],
    [
      'until-receiving',
      (words) =>
        wait(world, words, ([map, name = '', size]) => {
          const least = octets(size)
          return () => services.isReceiving(world, services.mapNamed(map), name, least)
        }),
    ],
    ['until-settled', (words) => wait(world, words, () => () => services.areSettled(world))],
    ['show-map', ([map]) => services.showMaps(world, services.mapNamed(map))],
    ['show-views', () => services.showViews(world)],
  ]
}

/** Run until the condition holds, `within` a time. */
function wait(world: ScriptWorld, words: Words, condition: (words: Words) => () => boolean): string[] {
  const at = words.indexOf('within')
  const patienceMs = at < 0 ? PATIENCE_MS : durationMs(words[at + 1])
  const wanted = at < 0 ? words : words.slice(0, at)
  if (world.runUntil(patienceMs, condition(wanted))) return []
  return [`not within ${patienceMs} ms: ${wanted.join(' ')}`]
}

function sendingOf(words: Words): { size: number; times: number } {
  const sending = { size: 64, times: 1 }
  for (let at = 0; at < words.length; at += 2) {
    if (oneOf(words[at], ['size', 'times']) === 'size') {
      sending.size = Math.max(MESSAGE_OCTETS_MIN, octets(words[at + 1]))
    } else {
      sending.times = number(words[at + 1], 'a number of messages')
    }
  }
  return sending
}

function waitCommands(world: ScriptWorld): [string, Command][] {
  return [
    ['run', ([time]) => world.run(durationMs(time))],
    ['until-ring', (words) => wait(world, words, (names) => () => areOneRing(world, names))],
    [
      'until-state',
      (words) =>
        wait(world, words, ([name = '', state]) => {
          const wanted = oneOf(state, STATES)
          return () => world.node(name).ring?.state === wanted
        }),
    ],
    [
      'until-delivered',
      (words) =>
        wait(world, words, ([quoted, ...names]) => () => {
          return haveDelivered(world, label(quoted), names)
        }),
    ],
    [
      'until-frame',
      (words) =>
        wait(world, words, ([kind, from, name = '']) => {
          oneOf(from, ['from'])
          return nextFrame(world, kindOf(kind), name)
        }),
    ],
    ['until-quiet', (words) => wait(world, words, () => () => areQuiet(world))],
    [
      'count-configurations',
      ([time, atMost, bound]) => {
        oneOf(atMost, ['at-most'])
        const most = number(bound, 'a number')
        const over = [...countConfigurations(world, durationMs(time))].filter(([, count]) => count > most)
        return over.length === 0 ? ['within the bound'] : over.map(([name, count]) => `${name}: ${count}`)
      },
    ],
  ]
}

function showCommands(world: ScriptWorld): [string, Command][] {
  const show = new Show(world)
  return [
    [
      'show',
      ([what, ...rest]) => {
        const topics = [
          'configurations',
          'deliveries',
          'events',
          'states',
          'counters',
          'heard',
          'warnings',
          'log',
        ] as const
        const topic = oneOf(what, topics)
        if (topic === 'states') return show.states()
        if (topic === 'counters') return show.counters(rest)
        if (topic === 'heard') return show.heard(durationMs(rest[0]))
        if (topic === 'warnings') return show.log(/^\S+ (warning|error): /)
        if (topic === 'log') return show.log(new RegExp(label(rest[0])))
        return show.events(topic)
      },
    ],
  ]
}

function applySettings(options: SharedOptions, words: Words): SharedOptions {
  const changed: Record<string, number | string> = {}
  let stack = options.services
  for (const word of words) {
    const [name = '', value = ''] = word.split('=')
    if (name === 'cluster') {
      changed['clusterName'] = value
      continue
    }
    if (Object.hasOwn(services.serviceSettings, name)) {
      stack = services.withService(stack, name, value)
      continue
    }
    const setting = SETTINGS[name]
    if (!setting) throw expected(`one of ${settingNames.join(', ')}`, name)
    changed[setting[0]] = setting[1](value)
  }
  return { ...options, ...changed, ...(stack && { services: stack }) }
}

function kindOf(word: string | undefined): FrameKind {
  return FrameKind[oneOf(word, KINDS)]
}

function links(words: Words): [string, string][] {
  return words.map((word) => {
    const match = /^(\w+)>(\w+)$/.exec(word)
    if (!match) throw expected('a link such as 1>2', word)
    return [match[1]!, match[2]!]
  })
}
