import { needsActiveReplica, SectionsChosen } from '../../base/index.js'
import { idOf } from '../../services/ckpt/wire.js'
import type { Answer, Call } from '../services/ckpt-watcher.js'
import { hex, isSameData, type Version } from './checkpoint-versions.js'

type Violate = (promise: string, message: string) => void

/**
 * What an answer says is so.
 * @param version of the checkpoint at this process now; null: there is none, or it does not matter
 */
export function checkAnswer(call: Call, answer: Answer, version: Version | null, violate: Violate): void {
  if (call.method === 'digests') checkDigests(call, answer, violate)
  if (version === null) return
  if (call.method === 'checkpointRead') checkData(call, answer, version, violate)
  else if (answer.code === null && call.method === 'statusGet') {
    const { numberOfSections } = answer.result as { readonly numberOfSections: number }
    if (numberOfSections === version.content.sections.size) return
    violate('what was written', `${call.application.name} was told of ${numberOfSections} sections`)
  }
}

function checkData(call: Call, answer: Answer, { content }: Version, violate: Violate): void {
  const params = call.params as readonly unknown[]
  const { name } = call.application
  const parts = answer.code === null ? (answer.result as readonly Uint8Array[]) : []
  let isComplete = true
  for (let at = 1; at < params.length; at += 3) {
    const octets = params[at] as Uint8Array
    const id = idOf(octets, 0, octets.length)
    const section = content.sections.get(id)
    if (section === undefined) isComplete = false
    if (answer.code !== null) continue
    if (section === undefined) {
      violate('what was written', `${name} has read section ${id} of ${content.name}, which is not there`)
      continue
    }
    const offset = params[at + 1] as number
    const length = params[at + 2] as number | null
    const expected = section.data.slice(offset, length === null ? undefined : offset + length)
    const part = parts[(at - 1) / 3]!
    if (isSameData(part, expected)) continue
    const what = `${hex(part)} from section ${id} of ${content.name}, which has ${hex(expected)} there`
    violate('what was written', `${name} has read ${what}`)
  }
  if (answer.code !== 'ERR_NOT_EXIST' || !isComplete) return
  if (needsActiveReplica(content.attributes.creationFlags)) return
  violate('what was written', `${name} was told that sections are not in ${content.name}, and they are`)
}

/** All members answer of one place in the order. */
function checkDigests({ application }: Call, answer: Answer, violate: Violate): void {
  if (answer.code !== null) return
  const { members } = answer.result as { readonly members: readonly { readonly checkpoints: unknown }[] }
  const texts = new Set(members.map(({ checkpoints }) => JSON.stringify(checkpoints)))
  if (members.length > 0 && texts.size === 1) return
  violate('digests', `${application.name} was told different ones: ${[...texts].join(' and ')}`)
}

/** An iteration goes through the sections as they were when it began. */
export function checkIteration(
  version: Version,
  choice: unknown,
  ids: readonly Uint8Array[],
  violate: Violate,
): void {
  if (choice !== SectionsChosen.SECTIONS_ANY) return
  const texts = ids.map((id) => idOf(id, 0, id.length)).sort()
  const expected = [...version.content.sections.keys()].sort()
  if (texts.join(' ') === expected.join(' ')) return
  violate('what was written', `an iteration showed ${texts.join(' ')} instead of ${expected.join(' ')}`)
}
