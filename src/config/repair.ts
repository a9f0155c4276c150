import { applyFixes } from './apply-fixes.js'
import { examineText, groupsKind, networkKind, type Examined, type FileKind } from './file-kinds.js'
import type { GroupsSource } from './groups/block.js'
import type { Fix } from './model/diagnostic.js'
import type { GroupsConfig } from './model/groups-config.js'
import type { NetworkConfig } from './model/network-config.js'
import type { ParsedText } from './parse.js'

/** Fixes uncover what others hid; after so many rounds it is left as it is. */
const ROUNDS_MAX = 20

export interface Repair<S, C> {
  /** The text with the fixes. */
  readonly text: string
  readonly fixes: readonly Fix[]
  readonly examined: Examined<S, C>
}

const errorsOf = ({ checked }: Examined<unknown, unknown>): number =>
  checked.diagnostics.filter(({ severity }) => severity === 'error').length

/** The meaning of a file without errors, places aside. */
function meaningOf({ checked }: Examined<unknown, unknown>): string | null {
  if (!checked.ok) return null
  return JSON.stringify(checked.config, (key, value: unknown) => (key === 'bindPosition' ? undefined : value))
}

class Repairer<S, C> {
  private readonly made: Fix[] = []

  constructor(
    private text: string,
    private examined: Examined<S, C>,
    private readonly kind: FileKind<S, C>,
  ) {}

  run(): Repair<S, C> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const fixes = this.examined.checked.diagnostics.flatMap(({ fix }) => (fix?.isSafe === true ? fix : []))
      if (fixes.length === 0 || !this.take(fixes)) break
    }
    return { text: this.text, fixes: this.made, examined: this.examined }
  }

  /** All of them, or those that do no harm. @returns false if there was none */
  private take(fixes: readonly Fix[]): boolean {
    return this.tryAll(fixes) || fixes.some((fix) => this.tryAll([fix]))
  }

  /** A fix is none that leaves more errors than it found, or makes another configuration of a good one. */
  private tryAll(fixes: readonly Fix[]): boolean {
    const { form } = this.examined
    if (form === 'typescript') return false
    const { text, applied } = applyFixes(this.text, fixes)
    if (text === this.text) return false
    const next = examineText(text, form, this.kind)
    const meaning = meaningOf(this.examined)
    if (meaning === null ? errorsOf(next) > errorsOf(this.examined) : meaningOf(next) !== meaning)
      return false
    this.text = text
    this.examined = next
    this.made.push(...applied)
    return true
  }
}

/** Make the safe fixes of a network.conf, as long as there are any; TypeScript is left as it is. */
export function repairNetwork(
  text: string,
  examined: Examined<ParsedText, NetworkConfig>,
): Repair<ParsedText, NetworkConfig> {
  return new Repairer(text, examined, networkKind).run()
}

/** The same for a groups.conf. */
export function repairGroups(
  text: string,
  examined: Examined<GroupsSource, GroupsConfig>,
): Repair<GroupsSource, GroupsConfig> {
  return new Repairer(text, examined, groupsKind).run()
}
