import { checkNetworkText } from '../../src/config/check.js'
import { convertText, type Conversion, type ConvertOptions } from '../../src/config/convert/convert.js'
import type { ConfigKind, FormatName } from '../../src/config/convert/format.js'
import { checkGroupsText } from '../../src/config/groups/check-groups.js'
import { groupsText } from '../../src/config/model/groups-text.js'

export const plainOptions: Omit<ConvertOptions, 'to'> = {
  fileName: 'source',
  from: null,
  kind: null,
  node: null,
  mcastAddress: null,
  mcastPort: null,
  nodesOfUnits: new Map(),
  members: [],
  legacyPortByteorder: false,
  isStrict: false,
}

/** What a classic file means, places left out; null: it has errors. */
export function meaningOf(text: string, kind: ConfigKind): string | null {
  if (kind === 'groups') {
    const checked = checkGroupsText(text)
    return checked.ok ? groupsText(checked.config) : null
  }
  const checked = checkNetworkText(text)
  return checked.ok ? JSON.stringify({ ...checked.config, bindPosition: null }) : null
}

export interface RoundTrip {
  /** Classic to the other format; null text: it could not be written. */
  readonly there: Conversion
  /** And back again. */
  readonly back: Conversion | null
}

/** A classic text to another format and back. */
export function roundTrip(
  text: string,
  kind: ConfigKind,
  to: FormatName,
  options: Partial<ConvertOptions> = {},
): RoundTrip {
  const there = convertText(text, { ...plainOptions, from: 'classic', kind, ...options, to })
  if (there.text === null) return { there, back: null }
  const back = convertText(there.text, { ...plainOptions, from: to, kind, to: 'classic' })
  return { there, back }
}
