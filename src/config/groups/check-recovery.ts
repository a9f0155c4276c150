import type { ComponentRecovery } from '../../base/index.js'
import type { CheckContext } from '../check-context.js'
import type { Entry } from '../parse.js'
import type { ComponentDraft, GroupDraft } from './draft.js'

export function isRestart(recovery: ComponentRecovery): boolean {
  return recovery === 'component-restart' || recovery === 'unit-restart'
}

/** What is done about an error of a component: what the file says, else what it can bear. */
export function recoveryOf({ recovery, restartTimeout }: ComponentDraft): ComponentRecovery {
  return recovery?.value ?? (restartTimeout === undefined ? 'component-failover' : 'component-restart')
}

/**
 * Lines that components stand on: does any of them make use of it? A line of a group may serve some of its.
 */
class LineUse {
  private readonly used = new Map<Entry, boolean>()

  add(entry: Entry, isUsed: boolean): void {
    this.used.set(entry, (this.used.get(entry) ?? false) || isUsed)
  }

  unused(): Entry[] {
    return [...this.used].flatMap(([entry, isUsed]) => (isUsed ? [] : [entry]))
  }
}

/** Can what is configured about errors ever happen? */
export function checkRecovery(group: GroupDraft, context: CheckContext): void {
  const timeouts = new LineUse()
  const recoveries = new LineUse()
  let hasRestarts = false
  for (const component of group.units.flatMap(({ components }) => components)) {
    const { recovery, restartTimeout } = component
    const restarts = isRestart(recoveryOf(component))
    hasRestarts ||= restarts && restartTimeout !== undefined
    if (restartTimeout !== undefined) timeouts.add(restartTimeout.entry, restarts)
    if (recovery !== undefined && restarts) recoveries.add(recovery.entry, restartTimeout !== undefined)
  }
  for (const entry of timeouts.unused()) {
    context.warning(entry, {
      code: 'recovery-unreachable',
      message: 'by its recovery the component is not restarted: only an error report may ask for it',
      expected: 'recovery=component-restart, or no restart-timeout',
    })
  }
  for (const entry of recoveries.unused()) {
    context.warning(entry, {
      code: 'recovery-unreachable',
      message: `without restart-timeout nobody restarts the component: its unit fails over at once`,
      expected: 'a restart-timeout, or recovery=component-failover',
    })
  }
  const componentMax = group.fields.number('component-restart-max')
  const unitMax = group.fields.number('unit-restart-max')
  if (hasRestarts && componentMax?.value === 0 && unitMax?.value === 0) {
    context.warning(componentMax.entry, {
      code: 'recovery-unreachable',
      message: 'with component-restart-max and unit-restart-max 0 nothing is ever restarted',
      expected: 'one of them above 0, or no restart-timeout',
    })
  }
}
