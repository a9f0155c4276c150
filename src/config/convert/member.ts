import { quoted, type CheckContext } from '../check-context.js'
import { ipv4ToText, scanIpv4 } from '../ipv4.js'
import { isName } from '../model/groups-text.js'
import { isUsableBind } from '../original-form.js'
import type { SourcePosition } from '../model/network-config.js'

/** A node of the cluster, for formats that list them. */
export interface Member {
  readonly name: string
  /** Dotted quad. */
  readonly address: string
  /** null: the address as a number. */
  readonly nodeId: number | null
}

const NODE_ID_MAX = 0xffff_fffe

/** NAME=ADDRESS or NAME=ADDRESS,NODEID; null: something else. */
function memberOf(text: string): Member | null {
  const match = /^([^=]{1,255})=([^,]{1,50})(?:,(\d{1,10}))?$/.exec(text)
  if (match === null) return null
  const [, name, addressText, idText] = match
  const scanned = scanIpv4(addressText)
  const nodeId = idText === undefined ? null : Number(idText)
  if (!isName(name) || scanned === null || scanned.rest !== '' || !isUsableBind(scanned.address)) return null
  if (nodeId !== null && (nodeId < 1 || nodeId > NODE_ID_MAX)) return null
  return { name, address: ipv4ToText(scanned.address), nodeId }
}

/** The nodes of --member; null after an error was reported. */
export function membersOf(
  texts: readonly string[],
  place: SourcePosition,
  context: CheckContext,
): readonly Member[] | null {
  const members = texts.map(memberOf)
  const wrong = members.indexOf(null)
  if (wrong !== -1) {
    context.report('error', null, place, {
      code: 'value-invalid',
      message: `--member ${quoted(texts[wrong])} is no node`,
      expected: '--member NAME=ADDRESS or NAME=ADDRESS,NODEID',
    })
    return null
  }
  const good = members.filter((member) => member !== null)
  for (const key of ['name', 'address'] as const) {
    const values = good.map((member) => member[key])
    const again = values.find((value, index) => values.indexOf(value) !== index)
    if (again === undefined) continue
    const message = `--member gives two nodes the ${key} ${quoted(again)}`
    context.report('error', null, place, { code: 'name-duplicate', message })
    return null
  }
  return good
}
