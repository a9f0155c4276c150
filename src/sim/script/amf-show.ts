import type { AmfState } from '../../services/amf/state.js'
import type { ScriptAmf } from './amf.js'
import { grouped } from './services.js'
import type { ScriptWorld } from './world.js'

type Words = readonly string[]

/** What scripts print of AMF. */
export class ShowAmf {
  /** How much of what each component was told has been shown. */
  private readonly told = new Map<string, number>()
  private lastDecision = 0
  private markedMs = 0
  private readonly epochsShown = new Map<string, bigint>()

  private readonly amf: ScriptAmf

  constructor(private readonly world: ScriptWorld) {
    this.amf = world.amf
  }

  /** The units and service instances as each node has them; nodes that have the same share the lines. */
  units(): string[] {
    const texts = grouped(this.world, ({ services }) => {
      if (services === null) return 'down'
      const { amf } = services
      const { state } = amf.service.machine
      const gate = amf.gate === 'open' ? '' : `${amf.gate}; `
      const quorum = state.quorate ? '' : 'without quorum; '
      return gate + quorum + (state.text === '' ? 'no configuration' : unitsOf(state))
    })
    return texts
  }

  /** What the processes do. */
  components(words: Words): string[] {
    const names = words.flatMap((name) => this.amf.componentsNamed(name))
    const all = [...this.amf.processes].filter(([name]) => names.length === 0 || names.includes(name))
    return all.map(([name, process]) => {
      if (process.loop.isDead) return `${name}: dead`
      const held = [...process.held.values()].map(({ csi, haState }) => `${csi} ${haState}`)
      const registered = process.isRegistered ? process.readiness : 'not registered'
      const stopped = process.loop.isPaused ? ', stopped' : ''
      return `${name}: ${registered}${stopped}${held.length === 0 ? '' : `; ${held.join(', ')}`}`
    })
  }

  /** What components were called back for since this was shown last. */
  callbacks(words: Words): string[] {
    const names = words.flatMap((name) => this.amf.componentsNamed(name))
    const chosen = names.length === 0 ? [...this.amf.processes.keys()] : names
    return chosen.flatMap((name) => {
      const told = this.amf.watch.toldTo(name).map(({ words: one }) => one)
      const from = this.told.get(name) ?? 0
      this.told.set(name, told.length)
      const fresh = told.slice(from)
      return fresh.length === 0 ? [] : [`${name}: ${fresh.join(', ')}`]
    })
  }

  /** From here times are counted. */
  mark(): void {
    this.markedMs = this.world.clock.nowMs
  }

  /** What was told since the mark, in the order and with the time of it. */
  times(words: Words): string[] {
    const named = words.flatMap((name) => this.amf.componentsNamed(name))
    const chosen = named.length > 0 ? named : [...this.amf.processes.keys()]
    const told = chosen.flatMap((name) => this.amf.watch.toldTo(name).map((one) => ({ ...one, name })))
    const fresh = told.filter(({ atMs }) => atMs > this.markedMs).sort((one, other) => one.atMs - other.atMs)
    return fresh.map(({ name, words: what, atMs }) => {
      return `${(atMs - this.markedMs).toFixed(0)} ms: ${name} ${what}`
    })
  }

  /** All that each of these was told with its last assignment. */
  last(words: Words): string[] {
    return words
      .flatMap((name) => this.amf.componentsNamed(name))
      .map((name) => {
        const bodies = this.amf.watch.toldTo(name).map(({ body }) => body)
        const body = bodies.findLast((one) => one?.type === 'csi-set')
        if (body?.type !== 'csi-set') return `${name}: no assignment yet`
        const { si, csi, haState, transition, activeComponent, activeNode, standbyRank, attributes } = body
        const whom = activeComponent === null ? '' : `, active ${activeComponent} on ${activeNode}`
        const rank = haState === 'standby' ? `, rank ${standbyRank}` : ''
        const pairs = attributes.map(([key, values]) => `${key}=${values.join(',')}`)
        const given = pairs.length === 0 ? '' : `; ${pairs.join(' ')}`
        return `${name}: ${csi} of ${si} ${haState}, ${transition}${whom}${rank}${given}`
      })
  }

  /** The fencing token of each active assignment held, beside the greatest shown before. */
  epochs(): string[] {
    const lines = [...this.amf.processes].flatMap(([name, { held, loop }]) => {
      const active = loop.isDead ? [] : [...held.values()].filter(({ haState }) => haState === 'active')
      return active.map(({ csi, instance, epoch }) => ({ name, csi, instance, epoch }))
    })
    const before = new Map(this.epochsShown)
    for (const { instance, epoch } of lines) {
      const greatest = this.epochsShown.get(instance) ?? 0n
      this.epochsShown.set(instance, epoch > greatest ? epoch : greatest)
    }
    return lines.map(({ name, csi, instance, epoch }) => {
      const last = before.get(instance)
      const words = last === undefined ? 'first' : epoch > last ? 'greater' : epoch === last ? 'same' : 'less'
      const isOnly = lines.every(
        (one) => one.name === name || one.instance !== instance || one.epoch !== epoch,
      )
      return `${name} ${csi}: ${words}${isOnly ? '' : ', as of another component'}`
    })
  }

  /** The lines of the decision log since this was shown last, of the lowest node that runs. */
  decisions(words: Words): string[] {
    const amf = [...this.world.nodes.values()].find(({ services }) => services !== null)?.services?.amf
    const decisions = amf?.service.machine.state.decisions ?? []
    const fresh = decisions.filter(({ sequence }) => sequence > this.lastDecision)
    this.lastDecision = decisions.at(-1)?.sequence ?? this.lastDecision
    return fresh
      .filter(({ name }) => words.length === 0 || words.includes(name))
      .map(({ kind, name, what, text }) => {
        const masked = text.replace(/\b[0-9a-f]{32}\b/g, '…').replace(/view \d+/g, 'view …')
        return `${kind} ${name} ${what}: ${masked}`
      })
  }

  /** Which nodes take no part. */
  refusals(): string[] {
    return grouped(this.world, ({ services }) => {
      const state = services?.amf.service.machine.state
      if (state === undefined) return 'down'
      const refused = [...state.present.values()].filter(({ digest }) => digest !== state.digest)
      return refused.length === 0
        ? 'all take part'
        : `refused: ${refused.map(({ name }) => name.replace(/^node/, '')).join(' ')}`
    })
  }

  /** `count overlapAsleep`: whether it has happened. */
  counts(words: Words): string[] {
    return words.map((name) => `${name}: ${(this.world.counters[`amf.${name}`] ?? 0) > 0 ? 'yes' : 'no'}`)
  }
}

function unitsOf(state: AmfState): string {
  const instances = [...state.instances.values()]
  const units = [...state.units.values()].map(({ name, admin, operational, readiness }) => {
    const active = instances.filter((instance) => instance.active.includes(name))
    const standby = instances.filter((instance) => instance.standby.includes(name))
    const words = [
      readiness,
      ...(admin === 'unlocked' ? [] : [admin]),
      ...(operational === 'enabled' ? [] : [operational]),
      ...active.map((instance) => `active ${instance.name}`),
      ...standby.map((instance) => {
        const rank = instance.standby.indexOf(name)
        return `standby ${instance.name}${instance.standby.length > 1 ? ` #${rank + 1}` : ''}`
      }),
    ]
    return `${name} ${words.join(', ')}`
  })
  const locked = instances.filter(({ admin }) => admin !== 'unlocked')
  const groups = [...state.groups.values()].filter(({ admin }) => admin !== 'unlocked')
  const nodes = [...state.nodes.values()].filter((node) => {
    return node.admin !== 'unlocked' || node.operational !== 'enabled'
  })
  const others = [
    ...[...groups, ...locked].map(({ name, admin }) => `${name} ${admin}`),
    ...nodes.map(({ name, admin, operational }) => {
      const words = [
        ...(admin === 'unlocked' ? [] : [admin]),
        ...(operational === 'enabled' ? [] : [operational]),
      ]
      return [name, ...words].join(' ')
    }),
  ]
  return [...units, ...others].join('; ')
}
