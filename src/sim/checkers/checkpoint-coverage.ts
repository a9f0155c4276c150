import { Kind } from '../../services/ckpt/wire.js'
import type { Shadow, Side } from './checkpoint-shadow.js'
import { isAtOrAfter, lastWritten, type Version } from './checkpoint-versions.js'

type Note = (what: string) => void

/** Messages that change what a checkpoint holds; all but `expire` are of applications. */
export const CHANGING: ReadonlySet<number> = new Set<number>([
  ...[Kind.retentionSet, Kind.sectionCreate, Kind.sectionDelete, Kind.expirationSet],
  ...[Kind.overwrite, Kind.write, Kind.expire],
])

/** What a campaign has to have seen, in vain or not. */
const NOTED: Readonly<Record<number, string>> = {
  [Kind.expire]: 'expired',
  [Kind.retire]: 'retired',
  [Kind.depart]: 'departed',
  [Kind.reopen]: 'reopened',
}

/** A message was applied. */
export function noteApplied(
  { view }: Shadow,
  living: readonly Shadow[],
  kind: number,
  changed: boolean,
  note: Note,
): void {
  const name = NOTED[kind]
  if (name !== undefined) note(changed ? name : `${name}InVain`)
  if (!changed || !CHANGING.has(kind)) return
  const waits = (other: Shadow): boolean => {
    return other.gate === 'closed' && other.view !== null && other.view.number === view?.number
  }
  if (living.some(waits)) note('changedDuringTransfer')
}

/** A process went on with another state, in which what it had is kept. */
export function noteKept({ versions }: Shadow, version: Version, sides: readonly Side[], note: Note): void {
  const { key } = version
  const after = versions.get(key)
  if (after === undefined && sides.some(({ unlinked }) => unlinked.has(key))) note('unlinkHeld')
  if (after !== undefined && !isAtOrAfter(after, version) && isAtOrAfter(after, lastWritten(version))) {
    note('expiredApart')
  }
}
