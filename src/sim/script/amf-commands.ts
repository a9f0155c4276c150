import { adminOperations, entityKinds, recoveries } from '../../base/index.js'
import type { SimComponent } from '../amf/component.js'
import type { ScriptAmf } from './amf.js'
import { AmfAsking } from './amf-asking.js'
import { withFramework } from './amf-groups.js'
import type { ScriptMood } from './amf-mood.js'
import { ShowAmf } from './amf-show.js'
import { durationMs, oneOf } from './quantities.js'
import type { ScriptWorld } from './world.js'

type Words = readonly string[]
type Command = (words: Words) => string[] | void

const PATIENCE_MS = 5000
const SENT_MS = 5
const CALLBACKS = ['csi-set', 'csi-remove', 'readiness', 'terminate', 'healthcheck', 'demote'] as const
const FATES = ['ok', 'silent', 'error', 'twice', 'die'] as const

interface Asked {
  readonly what: string
  /** The error, empty for none; null: no answer yet. */
  shown: string | null
}

/** What scripts do with components and their administrator. */
export class AmfCommands {
  private readonly amf: ScriptAmf
  private begun: Asked[] = []

  constructor(private readonly world: ScriptWorld) {
    this.amf = world.amf
  }

  commands(): [string, Command][] {
    const show = new ShowAmf(this.world)
    return [
      ['group', (words) => this.amf.addGroup(words)],
      [
        'framework',
        (words) => {
          this.amf.config = withFramework(this.amf.config, words)
        },
      ],
      ['other-groups', (words) => words.forEach((node) => this.amf.others.add(this.world.node(node).name))],
      ['same-groups', (words) => words.forEach((node) => this.amf.others.delete(this.world.node(node).name))],
      ...this.processCommands(),
      ...this.operatorCommands(),
      ['until-assigned', (words) => this.until(words, () => this.amf.isQuiet)],
      ['until-held', (words) => this.untilHeld(words)],
      ['show-units', () => show.units()],
      ['show-components', (words) => show.components(words)],
      ['show-callbacks', (words) => show.callbacks(words)],
      ['show-decisions', (words) => show.decisions(words)],
      ['mark', () => show.mark()],
      ['show-times', (words) => show.times(words)],
      ['show-last', (words) => show.last(words)],
      ['show-epochs', () => show.epochs()],
      ...new AmfAsking(this.world).commands(),
      ['show-refusals', () => show.refusals()],
      ['count', (words) => show.counts(words)],
    ]
  }

  private processCommands(): [string, Command][] {
    const each = (act: (process: SimComponent) => void): Command => {
      return (words) => {
        for (const word of words)
          for (const name of this.amf.componentsNamed(word)) act(this.amf.process(name))
      }
    }
    return [
      ['begin-components', (words) => this.begin(words)],
      ['kill', each((process) => process.kill())],
      ['stop', each(({ loop }) => loop.pause())],
      ['continue', each(({ loop }) => loop.resume())],
      ['unregister', each((process) => process.unregister())],
      ['register', each((process) => process.register())],
      ['disconnect', each(({ connection }) => connection?.drop())],
      [
        'block',
        ([name = '', time]) => {
          this.amf.process(name).loop.block(durationMs(time))
        },
      ],
      ['behave', (words) => this.behave(words)],
    ]
  }

  /** `begin-components x y.0 on 3`: on their nodes, or another. Without names all that do not run. */
  private begin(words: Words): void {
    const at = words.indexOf('on')
    const node = at < 0 ? null : this.world.node(words[at + 1] ?? '')
    const named = at < 0 ? words : words.slice(0, at)
    const chosen = named.length > 0 ? named : this.amf.units.map(({ name }) => name)
    for (const name of chosen.flatMap((one) => this.amf.componentsNamed(one))) {
      if (this.amf.processes.get(name)?.loop.isDead === false && node === null) continue
      this.amf.start(name, node ?? this.amf.homeOf(name))
      // One after the other, as people start them.
      this.world.run(1)
    }
  }

  private mood({ mood }: SimComponent): ScriptMood {
    return mood as ScriptMood
  }

  /** `behave x.0 csi-set silent`, `… csi-set block=300ms`, `… quiesces=1s`, `… answers=40ms` */
  private behave([name = '', what = '', fate]: Words): void {
    for (const component of this.amf.componentsNamed(name)) {
      const mood = this.mood(this.amf.process(component))
      const [word, time] = what.split('=')
      if (word === 'quiesces') mood.quiescesForMs = durationMs(time)
      else if (word === 'answers') mood.answersAfterMs = durationMs(time)
      else {
        const callback = oneOf(what, CALLBACKS)
        const block = /^block=(.+)$/.exec(fate ?? '')
        mood.fates.set(callback, block === null ? oneOf(fate, FATES) : durationMs(block[1]))
      }
    }
  }

  private operatorCommands(): [string, Command][] {
    return [
      [
        'admin',
        ([operation, node = '', kind, name = '']) => {
          const chosen = oneOf(operation, adminOperations)
          const params = { operation: chosen, ...this.entity(oneOf(kind, entityKinds), name) }
          return this.ask(node, `${chosen} ${name}`, 'adminOperation', params)
        },
      ],
      [
        'begin-admin',
        ([operation, node = '', kind, name = '']) => {
          const chosen = oneOf(operation, adminOperations)
          const params = { operation: chosen, ...this.entity(oneOf(kind, entityKinds), name) }
          this.request(node, `${chosen} ${name}`, 'adminOperation', params)
        },
      ],
      ['admin-answers', () => this.answers()],
      [
        'report',
        ([node = '', component = '', recovery = 'no-recommendation']) => {
          const params = { component, recovery: oneOf(recovery, recoveries), text: 'it looks ill' }
          return this.ask(node, `report ${component}`, 'componentErrorReport', params)
        },
      ],
      [
        'clear',
        ([node = '', component = '']) => {
          return this.ask(node, `clear ${component}`, 'componentErrorClear', { component })
        },
      ],
    ]
  }

  private entity(kind: string, name: string): object {
    return { kind, name: kind === 'node' ? this.world.node(name).name : name }
  }

  private ask(node: string, what: string, method: string, params: object): string[] {
    const asked = this.request(node, what, method, params)
    const isAnswered = this.world.runUntil(PATIENCE_MS, () => asked.shown !== null)
    this.begun = this.begun.filter((other) => other !== asked)
    if (!isAnswered) return [`not within ${PATIENCE_MS} ms: ${what}`]
    return asked.shown === '' ? [] : [`${what}: ${asked.shown}`]
  }

  private request(node: string, what: string, method: string, params: object): Asked {
    const asked: Asked = { what, shown: null }
    this.begun.push(asked)
    const client = {
      id: 0,
      event: (): void => undefined,
      hold: () => true,
      release: (): void => undefined,
      waitingOctets: 0,
      takenOctets: 0,
      whenTaken: (): void => undefined,
      cut: (): void => undefined,
    }
    this.world.node(node).request(({ amf: { service } }) => {
      service.onRequest({
        client,
        method,
        params,
        answer: () => (asked.shown = ''),
        fail: (code, text) => (asked.shown = `${code}: ${text}`),
      })
    })
    return asked
  }

  private answers(): string[] {
    return this.begun.map(({ what, shown }) => {
      return `${what}: ${shown === '' ? 'done' : (shown ?? 'no answer yet')}`
    })
  }

  private until(words: Words, reached: () => boolean): string[] {
    const at = words.indexOf('within')
    const patienceMs = at < 0 ? PATIENCE_MS : durationMs(words[at + 1])
    // What was just done is on its way.
    this.world.run(SENT_MS)
    if (this.world.runUntil(patienceMs, reached)) return []
    return [`not within ${patienceMs} ms: ${this.amf.watch.unrest}`]
  }

  /** `until-held y.0 active within 100ms`: whatever the state says, the application does it. */
  private untilHeld(words: Words): string[] {
    const [name = '', state] = words
    const haState = oneOf(state, ['active', 'standby', 'quiescing', 'quiesced', 'nothing'])
    const holds = (): boolean => {
      const held = [...(this.amf.processes.get(name)?.held.values() ?? [])]
      return haState === 'nothing' ? held.length === 0 : held.some((csi) => csi.haState === haState)
    }
    if (words.length === 2) return this.until([], holds)
    return this.until(words.slice(2), holds)
  }
}
