import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  Amf,
  type AmfEvents,
  type AmfOptions,
  type AnswerCode,
  type Version,
} from '../../../src/api/index.js'
import { Cluster, loopbackHosts } from '../../helpers/cluster/cluster.mjs'
import { errorOf, until } from '../ckpt/live.js'

export { errorOf, until }

/** What components are told and have to answer. */
const callbacks = ['csiSet', 'csiRemove', 'readiness', 'componentTerminate', 'healthcheck'] as const
type Callback = (typeof callbacks)[number]
type Told = { [E in Callback]: AmfEvents[E][0] & { readonly callback: E } }[Callback]

/** Enough groups for each test to have one of its own. */
const GROUPS = 60

/** Two units of a component each, one active: 'g7' has components 'g7-1' and 'g7-2', and a CSI 'g7-csi'. */
function groupText(name: string): string {
  const unit = (number: number): string =>
    `unit {\nname=${name}-unit-${number}\ncomponent {\nname=${name}-${number}\n` +
    'model=x_active_and_y_standby\ncallback-timeout=600\n}\n}\n'
  const csi = `csi {\nname=${name}-csi\nprotection=${name}-pg\nattribute=path:/a\nattribute=path:/b\n}\n`
  const protection = `protection {\nname=${name}-pg\nmember=${name}-1\nmember=${name}-2\n}\n`
  const instance = `service-instance {\nname=${name}-si\nstandby-assignments=1\n${csi}}\n`
  return `group {\nname=${name}\nmodel=2n\n${unit(1)}${unit(2)}${protection}${instance}}\n`
}

/** An application that answers OK to everything at once, unless a test takes a callback into its hands. */
export class Application {
  readonly told: Told[] = []
  readonly events: string[] = []
  /** What it answers to a callback; null: nothing. */
  answers: Partial<Record<Callback, AnswerCode | null>> = {}
  #changed: (() => void)[] = []

  constructor(readonly amf: Amf) {
    for (const callback of callbacks) amf.on(callback, (told: object) => this.#onTold(callback, told))
    for (const event of ['lapsed', 'lost', 'restored', 'dropped'] as const) {
      amf.on(event, () => this.#add(() => this.events.push(event)))
    }
  }

  /** Of a component, in short: 'csiSet active', 'csiRemove', 'readiness in-service'. */
  shown(component: string): string[] {
    return this.told
      .filter((told) => told.component === component && told.callback !== 'healthcheck')
      .map((told) => {
        if (told.callback === 'csiSet') return `csiSet ${told.haState}`
        return told.callback === 'readiness' ? `readiness ${told.readiness}` : told.callback
      })
  }

  /** The first of those told since `from` that is so. */
  async next<C extends Callback>(
    callback: C,
    isIt: (told: Extract<Told, { callback: C }>) => boolean = () => true,
    from = 0,
  ): Promise<Extract<Told, { callback: C }>> {
    const find = (): Told | undefined =>
      this.told.slice(from).find((told) => told.callback === callback && isIt(told as never))
    await this.#until(() => find() !== undefined, `${callback} of ${JSON.stringify(this.shownAll)}`)
    return find() as Extract<Told, { callback: C }>
  }

  /** @returns the csiSet that gave it this HA state */
  became(component: string, haState: string, from = 0): Promise<Extract<Told, { callback: 'csiSet' }>> {
    return this.next('csiSet', (told) => told.component === component && told.haState === haState, from)
  }

  happened(event: string): Promise<void> {
    return this.#until(() => this.events.includes(event), event)
  }

  get shownAll(): string[] {
    return [...new Set(this.told.map(({ component }) => component))].flatMap((name) => this.shown(name))
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const timeout = new Error(`not told: ${what}`)
    while (!isSo()) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(timeout), 15_000)
        this.#changed.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  #onTold(callback: Callback, told: object): void {
    this.#add(() => this.told.push({ callback, ...told } as Told))
    const answer = this.answers[callback]
    const { invocation } = told as { invocation: number }
    if (answer !== null) void this.amf.response(invocation, answer ?? 'OK').catch(() => undefined)
  }

  #add(add: () => void): void {
    add()
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

/** Live executives, and applications of theirs that end with each test. */
export class Live {
  readonly #opened: Amf[] = []
  #groups = 0

  private constructor(readonly cluster: Cluster) {}

  /** Nodes 1, 2 …, which all know the configuration. @param network the first three octets of addresses */
  static async start(nodes: number, network: string): Promise<Live> {
    const cluster = await Cluster.create({ hosts: loopbackHosts(nodes, network) })
    const indices = Array.from({ length: nodes }, (_, index) => index)
    const text = Array.from({ length: GROUPS }, (_, index) => groupText(`g${index + 1}`)).join('')
    for (const index of indices) {
      await mkdir(cluster.configDir(index), { recursive: true })
      await writeFile(join(cluster.configDir(index), 'groups.conf'), text)
    }
    await Promise.all(indices.map((index) => cluster.start(index, { nodeid: index + 1 })))
    await cluster.formed(indices)
    const live = new Live(cluster)
    for (const index of indices) await live.ready(index, nodes)
    return live
  }

  /** Until this node takes part, and knows so many others that do. */
  async ready(index: number, nodes: number): Promise<void> {
    const amf = await this.initialize(index)
    await until(() =>
      amf.status().then(
        ({ nodes: known }) => known.filter(({ participates }) => participates).length === nodes,
        (error: { code: string }) => {
          if (error.code === 'ERR_TRY_AGAIN') return false
          throw error
        },
      ),
    )
    await amf.finalize()
  }

  /** An application on a node, 0 is the first. */
  async initialize(index = 0, version?: Version): Promise<Amf> {
    const socket = this.cluster.socketPath(index)
    const options: AmfOptions = version === undefined ? { socket } : { socket, version }
    const amf = await Amf.initialize(options)
    this.#opened.push(amf)
    return amf
  }

  async application(index = 0): Promise<Application> {
    return new Application(await this.initialize(index))
  }

  async finalized(): Promise<Amf> {
    const amf = await this.initialize()
    await amf.finalize()
    return amf
  }

  /** A group that no other test has. */
  group(): string {
    if (++this.#groups > GROUPS) throw new Error('too few groups')
    return `g${this.#groups}`
  }

  /** A group with its first component active on the first node, its second standby on the second one. */
  async pair(): Promise<{ group: string; active: Application; standby: Application }> {
    const group = this.group()
    const [active, standby] = [await this.application(0), await this.application(1)]
    await active.amf.componentRegister(`${group}-1`)
    await active.became(`${group}-1`, 'active')
    await standby.amf.componentRegister(`${group}-2`)
    await standby.became(`${group}-2`, 'standby')
    return { group, active, standby }
  }

  /** After each test. */
  async finalizeAll(): Promise<void> {
    for (const amf of this.#opened.splice(0)) await amf.finalize().catch(() => undefined)
  }
}
