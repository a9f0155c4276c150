import { CheckpointCreationFlags, CheckpointOpenFlags, TIME_END } from '../../base/index.js'
import type { Checkpoint } from '../../services/ckpt/checkpoint.js'
import { Application } from '../services/application.js'
import type { OpenHandle } from '../services/ckpt-watcher.js'
import type { NodeServices } from '../services/node-services.js'
import { durationMs, label, number, octets, oneOf } from './quantities.js'
import { ScriptError } from './script-error.js'
import { grouped } from './services.js'
import type { ScriptWorld } from './world.js'

type Words = readonly string[]
type Command = (words: Words) => string[] | void

const PATIENCE_MS = 5000
const NS_PER_MS = 1_000_000n
const GUARANTEES = {
  all: CheckpointCreationFlags.WR_ALL_REPLICAS,
  active: CheckpointCreationFlags.WR_ACTIVE_REPLICA,
  weak: CheckpointCreationFlags.WR_ACTIVE_REPLICA_WEAK,
} as const
const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags

interface Settings {
  creationFlags: number
  maxSections: number
  maxSectionSize: number
  /** null: for ever. */
  retentionDurationMs: number | null
}

/** What an application asks: `COMMAND NODE CHECKPOINT WORD …`. */
interface Asking {
  readonly method: string
  /** @param open what the application has open by the name of the checkpoint */
  params(open: () => OpenHandle, name: string, words: Words, application: Application): unknown
  /** What the result prints; nothing if not said. */
  show?(result: unknown): string
}

const askings: Readonly<Record<string, Asking>> = {
  open: { method: 'checkpointOpen', params: (_, name, words) => opening(name, words) },
  close: {
    method: 'checkpointClose',
    params: (open, _name, _words, { handles }) => {
      const { handle } = open()
      handles.delete(handle)
      return { handle }
    },
  },
  unlink: { method: 'checkpointUnlink', params: (_, name) => ({ name }) },
  write: {
    method: 'checkpointWrite',
    params: (open, _, words) => {
      const elements: unknown[] = [open().handle]
      for (let at = 0; at < words.length; at += 2) {
        elements.push(encode(words[at]!), 0, encode(label(words[at + 1])))
      }
      return elements
    },
  },
  overwrite: {
    method: 'sectionOverwrite',
    params: (open, _, [id = '', text]) => [open().handle, encode(id), encode(label(text))],
  },
  'section-create': {
    method: 'sectionCreate',
    params: (open, _, [id = '', text, expires, time], application) => ({
      handle: open().handle,
      sectionId: encode(id),
      expirationTime: expires === undefined ? TIME_END : expirationIn(application, expires, time),
      data: encode(label(text)),
    }),
  },
  'section-delete': {
    method: 'sectionDelete',
    params: (open, _, [id = '']) => ({ handle: open().handle, sectionId: encode(id) }),
  },
  retention: {
    method: 'retentionDurationSet',
    params: (open, _, [time]) => ({ handle: open().handle, retentionDurationMs: retentionMs(time) }),
  },
  'set-active': { method: 'activeReplicaSet', params: (open) => ({ handle: open().handle }) },
  synchronize: { method: 'synchronize', params: (open) => ({ handle: open().handle }) },
  read: {
    method: 'checkpointRead',
    params: (open, _, ids) => [open().handle, ...ids.flatMap((id) => [encode(id), 0, null])],
    show: (result) => (result as readonly Uint8Array[]).map(quoted).join(' '),
  },
  digests: { method: 'digests', params: (_, name) => ({ names: [name] }), show: agreement },
}

/** Applications of a script: one a node, which lives as long as the node's executive. */
export class ScriptApplications {
  private readonly applications = new Map<string, Application>()
  private begun: { readonly what: string; shown: string | null }[] = []
  private last = 0

  constructor(private readonly world: ScriptWorld) {}

  commands(): [string, Command][] {
    const names = Object.keys(askings)
    return [
      ...names.map((name): [string, Command] => [name, (words) => this.ask(name, words)]),
      [
        'begin',
        ([name, ...words]) => {
          this.begin(oneOf(name, names), words)
        },
      ],
      ['answers', () => this.answers()],
      ['end-application', ([node = '']) => this.applicationOf(node).end()],
      ['show-checkpoints', () => showCheckpoints(this.world)],
    ]
  }

  /** Ask, and wait for the answer. */
  private ask(command: string, words: Words): string[] {
    const asked = this.begin(command, words)
    const isAnswered = this.world.runUntil(PATIENCE_MS, () => asked.shown !== null)
    this.begun = this.begun.filter((other) => other !== asked)
    if (!isAnswered) return [`not within ${PATIENCE_MS} ms: ${asked.what}`]
    return asked.shown === '' ? [] : [`${asked.what}: ${asked.shown}`]
  }

  /** Ask, and go on. */
  private begin(
    command: string,
    [node = '', name = '', ...words]: Words,
  ): { what: string; shown: string | null } {
    const { method, params, show } = askings[command]!
    const what = [node, command, name, ...(command === 'read' ? words : [])].join(' ')
    const asked: { what: string; shown: string | null } = { what, shown: null }
    this.begun.push(asked)
    const application = this.applicationOf(node)
    this.world.node(node).request(() => {
      const open = (): OpenHandle => handleOf(application, name)
      application.call(method, params(open, name, words, application), (answer) => {
        asked.shown = answer.code ?? show?.(answer.result) ?? ''
      })
    })
    return asked
  }

  private answers(): string[] {
    return this.begun.splice(0).map(({ what, shown }) => {
      return `${what}: ${shown === '' ? 'done' : (shown ?? 'no answer yet')}`
    })
  }

  private applicationOf(node: string): Application {
    const { services } = this.world.node(node)
    if (!services) throw new ScriptError(`there are no services on node ${node}`)
    const known = this.applications.get(node)
    if (known?.ckpt === services.ckpt && !known.isGone) return known
    const application = new Application(++this.last, services.ckpt, this.world.ckptWatch)
    this.applications.set(node, application)
    return application
  }
}

/** What each node holds; nodes that hold the same share a line. */
function showCheckpoints(world: ScriptWorld): string[] {
  return grouped(world, ({ services }) => (services ? heldBy(services) : 'down'))
}

function heldBy({ ckpt }: NodeServices): string {
  const { checkpoints, conflicts } = ckpt.service.machine.state
  const held = [...checkpoints.values()].map((checkpoint) => {
    const unlinked = checkpoint.unlinked ? ', unlinked' : ''
    return `${checkpoint.name} (${checkpoint.openerCount} open${unlinked})${contentOf(checkpoint)}`
  })
  const lost = [...conflicts.values()].map(({ name, checkpoint }) => {
    return `${name}${checkpoint === null ? '' : contentOf(checkpoint)}`
  })
  const aside = lost.length === 0 ? '' : `; aside ${lost.sort().join('; ')}`
  return `${ckpt.gate}, ${held.length === 0 ? 'empty' : held.sort().join('; ')}${aside}`
}

function contentOf({ sections }: Checkpoint): string {
  return [...sections.values()]
    .map(({ id, data }) => ` ${id === '' ? 'default' : id}=${quoted(data)}`)
    .sort()
    .join('')
}

function handleOf({ handles, name: who }: Application, name: string): OpenHandle {
  const open = [...handles.values()].filter((candidate) => candidate.name === name).at(-1)
  if (open === undefined) throw new ScriptError(`${who} has no ${name} open`)
  return open
}

/** Words behind `open NODE NAME`: `existing`, or what it is to be like. */
function opening(name: string, words: Words): unknown {
  const flags = CHECKPOINT_READ | CHECKPOINT_WRITE
  if (words.includes('existing')) return { name, flags, attributes: null }
  const settings: Settings = {
    creationFlags: 0,
    maxSections: 4,
    maxSectionSize: 64,
    retentionDurationMs: null,
  }
  for (const word of words) {
    const [setting, value] = word.split('=')
    if (setting === 'collocated') settings.creationFlags |= CheckpointCreationFlags.CHECKPOINT_COLLOCATED
    else if (setting === 'sections') settings.maxSections = number(value, 'a number of sections')
    else if (setting === 'size') settings.maxSectionSize = octets(value)
    else if (setting === 'retention') settings.retentionDurationMs = retentionMs(value)
    else settings.creationFlags |= GUARANTEES[oneOf(setting, ['all', 'active', 'weak'])]
  }
  const guarantee = settings.creationFlags & ~CheckpointCreationFlags.CHECKPOINT_COLLOCATED
  if (guarantee === 0) settings.creationFlags |= GUARANTEES.all
  const checkpointSize = settings.maxSections * settings.maxSectionSize
  const attributes = { ...settings, checkpointSize, maxSectionIdSize: 8 }
  return { name, flags: flags | CHECKPOINT_CREATE, attributes }
}

function retentionMs(word: string | undefined): number | null {
  return word === 'forever' ? null : durationMs(word)
}

function expirationIn({ ckpt }: Application, word: string, time: string | undefined): bigint {
  oneOf(word, ['expires'])
  return BigInt(ckpt.wallMs() + durationMs(time)) * NS_PER_MS
}

/** Whether all members answered the same. */
function agreement(result: unknown): string {
  const { members } = result as {
    readonly members: readonly { readonly nodeId: number; readonly checkpoints: unknown }[]
  }
  const texts = new Set(members.map(({ checkpoints }) => JSON.stringify(checkpoints)))
  const nodes = members.map(({ nodeId }) => nodeId).sort((a, b) => a - b)
  return `${nodes.join(' ')} ${texts.size === 1 ? 'agree' : 'differ'}`
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text === 'default' ? '' : text)
}

function quoted(octetsRead: Uint8Array): string {
  return `"${new TextDecoder().decode(octetsRead)}"`
}
