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
      const told = this.amf.watch.toldTo(name)
      const from = this.told.get(name) ?? 0
      this.told.set(name, told.length)
      const fresh = told.slice(from)
      return fresh.length === 0 ? [] : [`${name}: ${fresh.join(', ')}`]
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
