import type { CapabilityModel, RedundancyModel } from '../../../../src/base/index.js'
import type { ServiceInstanceConfig, UnitConfig } from '../../../../src/config/model/groups-config.js'
import { assign, type Availability, type Target } from '../../../../src/services/amf/assignment.js'
import { Model } from '../../../../src/services/amf/model.js'
import { parseScript, renderScript, type ScriptLine } from '../../../../src/sim/script/blocks.js'
import { component, group, groups } from './configurations.js'

interface Options {
  readonly [key: string]: string | undefined
}

/**
 * Runs a script about `assign`:
 *   group MODEL [active=N] [backup=N] [max-active=N] [max-standby=N] [classic]
 *   unit NAME [rank=N] [capability=MODEL]      one component, which carries every CSI
 *   instance NAME [rank=N] [standby=N] [csis=N]
 *   assign UNIT…     those in service; `UNIT~` keeps what it has and is given nothing more
 *   lock INSTANCE…   not to be assigned from here on; without names: all are
 *   forget           as if nothing had been aimed at before
 */
export function runAssignmentScript(text: string): string {
  const script = parseScript(text)
  const run = new AssignmentScript()
  return renderScript(
    script,
    script.blocks.map(({ commands }) => commands.flatMap((line) => run.command(line))),
  )
}

class AssignmentScript {
  private model: RedundancyModel = '2n'
  private options: Options = {}
  private readonly units: { readonly name: string; readonly options: Options }[] = []
  private readonly instances: { readonly name: string; readonly options: Options }[] = []
  private locked: readonly string[] = []
  private previous: ReadonlyMap<string, Target> = new Map()

  command({ words: [verb, ...words], number }: ScriptLine): string[] {
    const [name = '', ...rest] = words
    switch (verb) {
      case 'group':
        this.model = name as RedundancyModel
        this.options = optionsOf(rest)
        return []
      case 'unit':
        this.units.push({ name, options: optionsOf(rest) })
        return []
      case 'instance':
        this.instances.push({ name, options: optionsOf(rest) })
        return []
      case 'lock':
        this.locked = words
        return []
      case 'forget':
        this.previous = new Map()
        return []
      case 'assign':
        return this.assign(words)
      default:
        throw new Error(`line ${number}: unknown command ${verb}`)
    }
  }

  private assign(present: readonly string[]): string[] {
    const model = new Model(groups(this.makeGroup()))
    const availability = new Map<string, Availability>()
    for (const { name } of this.units) {
      const mayTake = present.includes(name)
      availability.set(name, { mayTake, mayKeep: mayTake || present.includes(`${name}~`) })
    }
    const isUnlocked = (name: string): boolean => !this.locked.includes(name)
    this.previous = assign(model.groups.get('g')!, availability, isUnlocked, this.previous)
    return [...this.previous].map(([name, { active, standby }]) => {
      return `${name}: active ${active.join(' ') || '-'}; standby ${standby.join(' ') || '-'}`
    })
  }

  private makeGroup(): ReturnType<typeof group> {
    const units = this.units.map(({ name, options }): UnitConfig => {
      const capability = (options['capability'] ?? 'x_active_and_y_standby') as CapabilityModel
      return {
        name,
        node: null,
        rank: Number(options['rank'] ?? 0),
        components: [component(name, { capability })],
      }
    })
    const members = units.map(({ name }) => name)
    const instances = this.instances.map(({ name, options }): ServiceInstanceConfig => {
      const csis = Array.from({ length: Number(options['csis'] ?? 1) }, (_, index) => {
        return { name: `${name}-${index}`, rank: 0, members, attributes: [] }
      })
      const standbyAssignments = Number(options['standby'] ?? 1)
      return { name, rank: Number(options['rank'] ?? 0), standbyAssignments, csis }
    })
    const number = (key: string): number | null => {
      return this.options[key] === undefined ? null : Number(this.options[key])
    }
    return group('g', this.model, units, instances, {
      activeUnits: number('active') ?? 1,
      backupUnits: number('backup') ?? 1,
      maxActiveInstances: number('max-active'),
      maxStandbyInstances: number('max-standby'),
      isClassic: this.options['classic'] !== undefined,
    })
  }
}

function optionsOf(words: readonly string[]): Options {
  return Object.fromEntries(
    words.map((word) => word.split('=', 2) as [string, string]).map(([k, v]) => [k, v ?? '']),
  )
}
