import { quoted, valuePosition, type CheckContext } from '../../check-context.js'
import { childrenOf, type SafKind, type SafObject } from './tree.js'

// In the standard a name is one within the object around it; in a groups.conf it is one in the whole file.

/** An object, and those around it from the innermost on. */
interface Located {
  readonly object: SafObject
  readonly path: readonly SafObject[]
}

function all(applications: readonly SafObject[], kinds: readonly SafKind[]): Located[] {
  const locate = (object: SafObject, path: readonly SafObject[], depth: number): Located[] => {
    const here = { object, path }
    if (depth === kinds.length - 1) return [here]
    const inner = childrenOf(object, kinds[depth + 1])
    return inner.flatMap((child) => locate(child, [object, ...path], depth + 1))
  }
  return applications.flatMap((application) => locate(application, [], 0))
}

/** The whole name, as the standard writes it: from the innermost object on. */
function wholeName({ object, path }: Located): string {
  return [object, ...path].map(({ kind, name }) => `${kind}=${name.value.replaceAll(',', '\\,')}`).join(',')
}

/** What groups, units, components, service instances and csis are called in the groups.conf. */
export class Names {
  private readonly names = new Map<SafObject, string>()

  constructor(
    applications: readonly SafObject[],
    private readonly context: CheckContext,
  ) {
    for (const kinds of [
      ['safApp', 'safSg'],
      ['safApp', 'safSg', 'safSu'],
      ['safApp', 'safSg', 'safSu', 'safComp'],
      ['safApp', 'safSi'],
      ['safApp', 'safSi', 'safCsi'],
    ] as const) {
      this.add(all(applications, kinds))
    }
  }

  of(object: SafObject): string {
    return this.names.get(object) ?? object.name.value
  }

  private add(located: readonly Located[]): void {
    const counts = new Map<string, number>()
    for (const { object } of located) counts.set(object.name.value, (counts.get(object.name.value) ?? 0) + 1)
    for (const one of located) {
      const { name } = one.object
      if (counts.get(name.value) === 1) this.names.set(one.object, name.value)
      else {
        const whole = wholeName(one)
        this.names.set(one.object, whole)
        this.context.report('warning', name.key, valuePosition(name), {
          code: 'value-form',
          message: `several have the name ${quoted(name.value)}: this one is called ${quoted(whole)}`,
          expected: 'names that are one in the whole file',
        })
      }
    }
  }
}
