import { limits } from '../../base/index.js'
import { quoted, type CheckContext } from '../check-context.js'
import { attributeOctets } from '../model/groups-soundness.js'
import { trimmed } from './blanks.js'
import type { Block } from './block.js'
import type { CsiDraft, InstanceDraft, ProtectionDraft } from './draft.js'
import type { Fields, Given } from './fields.js'
import { checkCharacters } from './name.js'
import { named, reportEmpty } from './read-unit.js'

type Attributes = { name: string; values: string[] }[]

function readAttribute(given: Given<string>, context: CheckContext): [string, string] | null {
  const { value, entry } = given
  const colon = value.indexOf(':')
  if (colon < 1) {
    const message = `attribute ${quoted(value)} is not NAME:VALUE`
    context.error(entry, { code: 'value-invalid', message, expected: 'attribute=NAME:VALUE' })
    return null
  }
  const name = trimmed(value.slice(0, colon))
  const content = trimmed(value.slice(colon + 1))
  const isGood =
    checkCharacters(entry, name, limits.nameOctets, context) &&
    checkCharacters(entry, content, limits.amfAttributeOctets, context)
  return isGood ? [name, content] : null
}

function readAttributes(fields: Fields, context: CheckContext): Attributes {
  const values = new Map<string, string[]>()
  for (const given of fields.all('attribute')) {
    const read = readAttribute(given, context)
    if (read === null) continue
    const [name, content] = read
    values
      .set(name, values.get(name) ?? [])
      .get(name)!
      .push(content)
  }
  const attributes = [...values].map(([name, contents]) => ({ name, values: contents }))
  const lines = fields.all('attribute')
  const octets = attributeOctets(attributes)
  if (lines.length > limits.amfAttributes || octets > limits.amfAttributeOctets) {
    const message = `this csi has ${lines.length} attributes of ${octets} octets together`
    const expected = `at most ${limits.amfAttributes} of ${limits.amfAttributeOctets} octets together`
    context.report('error', 'attribute', fields.block.place, { code: 'limit-exceeded', message, expected })
  }
  return attributes
}

/** The protection that a csi uses; null if there is none of that name in the group, which is reported. */
function protectionOf(
  csi: Pick<CsiDraft, 'name' | 'fields'>,
  protections: ReadonlyMap<string, ProtectionDraft>,
  context: CheckContext,
): ProtectionDraft | null {
  const given = csi.fields.name('protection')
  const wanted = given?.value ?? (csi.fields.entry('protection') === undefined ? csi.name : null)
  if (wanted === null) return null
  const found = protections.get(wanted)
  if (found !== undefined) return found
  const names = [...protections.keys()]
  const suggestion = context.suggestion(wanted, names)
  const hint = suggestion === null ? '' : `, did you mean "${suggestion}"?`
  const entry = given?.entry ?? csi.fields.entry('name')!
  context.error(entry, {
    code: 'name-unknown',
    message: `no protection ${quoted(wanted)} in this group${hint}`,
    expected:
      given === undefined
        ? 'a line "protection=NAME", or the name of a protection'
        : 'a protection of this group',
  })
  return null
}

function readCsi(
  block: Block,
  outer: Fields,
  protections: ReadonlyMap<string, ProtectionDraft>,
  context: CheckContext,
): CsiDraft {
  const self = named(block, outer, context)
  const protection = protectionOf(self, protections, context)
  if (protection !== null) protection.isUsed = true
  const attributes = readAttributes(self.fields, context)
  return { ...self, rank: self.fields.number('rank')?.value ?? 0, protection, attributes }
}

/** @param standbys as many as the group has units for, where the file does not say a number */
export function readInstance(
  block: Block,
  outer: Fields,
  protections: ReadonlyMap<string, ProtectionDraft>,
  standbys: number,
  context: CheckContext,
): InstanceDraft {
  const self = named(block, outer, context)
  const csis = block.blocks.map((inner) => readCsi(inner, self.fields, protections, context))
  if (csis.length === 0) reportEmpty(self, 'csi', context)
  return {
    ...self,
    rank: self.fields.number('rank')?.value ?? 0,
    standbyAssignments: self.fields.number('standby-assignments')?.value ?? Math.min(1, standbys),
    csis,
  }
}
