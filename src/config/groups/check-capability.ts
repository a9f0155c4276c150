import { keyPosition, quoted, type CheckContext } from '../check-context.js'
import type { ComponentDraft, GroupDraft, ProtectionDraft } from './draft.js'
import { hasStandby } from './read-unit.js'

/** Without service-instance blocks models withhold nothing; said once for a group. */
function warnClassic(group: GroupDraft, components: readonly ComponentDraft[], context: CheckContext): void {
  if (group.backupUnits === 0) return
  const all = components.filter(({ capability }) => !hasStandby(capability))
  const [first] = all
  if (first === undefined) return
  const entry = first.fields.entry('model')!
  const others = all.length === 1 ? '' : ` (and so in ${all.length - 1} more of this group)`
  const what = first.capability === 'no_active' ? 'neither active nor standby' : 'no standby'
  context.warning(entry, {
    code: 'capability-conflict',
    message: `${first.capability} knows ${what}${others}; without service-instance blocks it is given both`,
    expected: 'a model such as x_active_or_y_standby, or backup-units=0',
  })
}

/** The numbers of a component against its model. */
function checkNumbers(component: ComponentDraft, context: CheckContext): void {
  const { fields, capability } = component
  const active = fields.number('max-active-csis')
  if (active !== undefined && capability.startsWith('1_active') && active.value !== 1) {
    const message = `${capability} is active for one csi, and max-active-csis is ${active.value}`
    context.error(active.entry, {
      code: 'value-conflict',
      message,
      expected: 'max-active-csis=1, or an x_active model',
    })
  }
  const standby = fields.number('max-standby-csis')
  if (standby === undefined) return
  if (capability === '1_active_or_1_standby' && standby.value !== 1) {
    const message = `${capability} stands by for one csi, and max-standby-csis is ${standby.value}`
    const expected = 'max-standby-csis=1, or model=1_active_or_y_standby'
    context.error(standby.entry, { code: 'value-conflict', message, expected })
  } else if (!hasStandby(capability) && !component.unit.group.isClassic) {
    const message = `max-standby-csis has no effect: ${capability} knows no standby`
    const finding = { code: 'key-unused', message, expected: 'no line for max-standby-csis' } as const
    context.report('warning', 'max-standby-csis', keyPosition(standby.entry), finding)
  }
}

/** With service-instance blocks models bind: where standbys are wanted, every member must know one. */
function checkStrict(group: GroupDraft, context: CheckContext): void {
  const reported = new Set<ComponentDraft>()
  const looked = new Set<ProtectionDraft>()
  for (const instance of group.instances) {
    if (instance.standbyAssignments === 0 || group.backupUnits === 0) continue
    const protections = instance.csis
      .flatMap(({ protection }) => protection ?? [])
      .filter((protection) => !looked.has(protection))
    for (const protection of protections) looked.add(protection)
    const carriers = protections.flatMap((protection) => protection.carriers)
    for (const component of carriers) {
      if (hasStandby(component.capability) || reported.has(component)) continue
      reported.add(component)
      const name = instance.name === null ? 'a service instance' : `service instance ${quoted(instance.name)}`
      context.error(component.fields.entry('model')!, {
        code: 'capability-conflict',
        message: `${component.capability} knows no standby, and ${name} is to have one`,
        expected: 'a model such as x_active_or_y_standby, or standby-assignments=0',
      })
    }
  }
}

/** Do the capability models go with what is asked of the components? */
export function checkCapability(group: GroupDraft, context: CheckContext): void {
  const components = group.units.flatMap((unit) => unit.components)
  for (const component of components) checkNumbers(component, context)
  if (group.isClassic) warnClassic(group, components, context)
  else checkStrict(group, context)
}
