import {
  chooseInterface,
  crossCheck,
  examineGroupsFile,
  examineGroupsIn,
  examineGroupsOctets,
  examineNetworkFile,
  examineNetworkIn,
  examineNetworkOctets,
  isMissing,
  listInterfaces,
  repairGroups,
  repairNetwork,
  type Diagnostic,
  type ExaminedGroups,
  type ExaminedNetwork,
  type Fix,
  type InterfaceChoice,
} from '../config/index.js'

export type FileType = 'network' | 'groups'

/** What `ais config validate` says of one file. */
export interface Validation {
  readonly file: string
  readonly type: FileType
  readonly valid: boolean
  readonly diagnostics: readonly Diagnostic[]
  /** With --here, of a network.conf: the choice on this machine, null if there is none. */
  readonly interface?: InterfaceChoice | null
  /** There is none, and need not be one. */
  readonly notice?: string
}

/** A file as it is looked at: `Subject`s of one call are checked together. */
export type Subject =
  | { readonly type: 'network'; readonly examined: ExaminedNetwork }
  | { readonly type: 'groups'; readonly examined: ExaminedGroups }

/** @param octets what was read from standard input, in place of a file */
export async function subjectOf(file: string, type: FileType, octets: Uint8Array | null): Promise<Subject> {
  if (type === 'network') {
    const examined = octets === null ? await examineNetworkFile(file) : examineNetworkOctets(file, octets)
    return { type, examined }
  }
  const examined = octets === null ? await examineGroupsFile(file) : examineGroupsOctets(file, octets)
  return { type, examined }
}

/** What the executive would read. */
export async function subjectsIn(configDir: string): Promise<Subject[]> {
  return [
    { type: 'network', examined: await examineNetworkIn(configDir) },
    { type: 'groups', examined: await examineGroupsIn(configDir) },
  ]
}

/** What the safe fixes make of a file. */
export interface Repaired {
  readonly subject: Subject
  /** null: the file cannot be changed. */
  readonly before: string | null
  readonly after: string | null
  readonly fixes: readonly Fix[]
}

export function repaired(subject: Subject): Repaired {
  const { type, examined } = subject
  const { text } = examined
  if (text === null || examined.form === 'typescript')
    return { subject, before: null, after: null, fixes: [] }
  if (type === 'network') {
    const { text: after, fixes, examined: next } = repairNetwork(text, examined)
    return { subject: { type, examined: { ...examined, ...next, text: after } }, before: text, after, fixes }
  }
  const { text: after, fixes, examined: next } = repairGroups(text, examined)
  return { subject: { type, examined: { ...examined, ...next, text: after } }, before: text, after, fixes }
}

const byPlace = (a: Diagnostic, b: Diagnostic): number => a.line - b.line || a.column - b.column

/** Findings about files together: about each of them, by its place in the list. */
function togetherOf(subjects: readonly Subject[]): ReadonlyMap<Subject, readonly Diagnostic[]> {
  const found = new Map<Subject, Diagnostic[]>(subjects.map((subject) => [subject, []]))
  const groups = subjects.filter(({ type }) => type === 'groups')
  // Which of several would belong to a network.conf is not known.
  if (groups.length !== 1 || groups[0].type !== 'groups') return found
  const [{ examined: ofGroups }] = groups
  for (const subject of subjects) {
    if (subject.type !== 'network' || !subject.examined.checked.ok || !ofGroups.checked.ok) continue
    const written = { ...subject.examined.checked, isFixable: subject.examined.form !== 'typescript' }
    const others = { ...ofGroups.checked, isFixable: ofGroups.form !== 'typescript' }
    const { network: inNetwork, groups: inGroups } = crossCheck(written, others)
    found.get(subject)!.push(...inNetwork)
    const known = found.get(groups[0])!
    const isNew = ({ message }: Diagnostic): boolean => !known.some((other) => other.message === message)
    known.push(...inGroups.filter(isNew))
  }
  return found
}

function withInterface(validation: Validation, { checked }: ExaminedNetwork): Validation {
  if (!checked.ok) return { ...validation, interface: null }
  const result = chooseInterface(checked.config, listInterfaces())
  if (result.ok) return { ...validation, interface: result.choice }
  const diagnostics = [...validation.diagnostics, result.diagnostic]
  return { ...validation, valid: false, diagnostics, interface: null }
}

/** @param isOptional a groups.conf that is not there is none that is wrong */
export function validationsOf(
  subjects: readonly Subject[],
  { isHere, isOptional }: { readonly isHere: boolean; readonly isOptional: boolean },
): Validation[] {
  const together = togetherOf(subjects)
  return subjects.map((subject): Validation => {
    const { type, examined } = subject
    const { path: file, checked } = examined
    if (isOptional && type === 'groups' && isMissing(checked)) {
      const notice = 'no such file: AMF has no groups to keep available'
      return { file, type, valid: true, diagnostics: [], notice }
    }
    const more = together.get(subject)!
    const diagnostics =
      more.length === 0 ? checked.diagnostics : [...checked.diagnostics, ...more].sort(byPlace)
    const valid = checked.ok && !more.some(({ severity }) => severity === 'error')
    const validation = { file, type, valid, diagnostics }
    return isHere && type === 'network' ? withInterface(validation, examined) : validation
  })
}
