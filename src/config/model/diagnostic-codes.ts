export type Severity = 'error' | 'warning'

/** What is the same for every finding of a code. */
export interface CodeFacts {
  /** The usual one; 'error or warning' where it depends on what else the file says. */
  readonly severity: Severity | 'error or warning'
  /** In one sentence, as docs/configuration.md has it. */
  readonly summary: string
}

const facts = <C extends string>(table: Readonly<Record<C, CodeFacts>>): Readonly<Record<C, CodeFacts>> =>
  table

/** Every code a configuration file can be answered with; `ais config explain` tells the story of each. */
export const diagnosticCodes = facts({
  'file-missing': { severity: 'error', summary: 'There is no such file.' },
  'file-unreadable': { severity: 'error', summary: 'The file cannot be read: permission, or a directory.' },
  'file-ambiguous': { severity: 'error', summary: 'The directory holds the configuration in two forms.' },
  'file-too-large': { severity: 'error', summary: 'The file is larger than 1 MiB.' },
  'file-not-text': { severity: 'error', summary: 'The file is binary or UTF-16.' },
  'file-syntax': {
    severity: 'error',
    summary: 'The YAML, JSON or TypeScript cannot be parsed, or holds no object of keys.',
  },
  'yaml-unsupported': {
    severity: 'error',
    summary: 'A tag, a merged key or another part of YAML that means nothing in a configuration.',
  },
  'file-owner': {
    severity: 'error',
    summary: 'TypeScript that is not run: its file belongs to another user, or anybody may write it.',
  },
  'line-malformed': {
    severity: 'error or warning',
    summary:
      'The line has not the form of its file. A warning after the three keys of an original network.conf.',
  },
  'key-unknown': {
    severity: 'error or warning',
    summary:
      'There is no such key; the nearest is suggested. A warning after the three keys of an original file.',
  },
  'key-duplicate': {
    severity: 'error or warning',
    summary: 'The key is given twice. A warning for the three original keys.',
  },
  'key-ignored': {
    severity: 'warning',
    summary: 'The original would not have read this line, so it does not count.',
  },
  'key-missing': {
    severity: 'error',
    summary: 'A required key is missing; `expected-votes` beside `quorum: majority`.',
  },
  'key-unused': { severity: 'warning', summary: 'The key has no effect beside the others.' },
  'value-missing': { severity: 'error', summary: 'The key has no value.' },
  'value-invalid': { severity: 'error', summary: 'The value is not of the right kind.' },
  'value-range': { severity: 'error', summary: 'The value is out of range.' },
  'value-conflict': { severity: 'error or warning', summary: 'The value does not agree with another key.' },
  'value-form': {
    severity: 'warning',
    summary: 'A value is written unusually; the message says how it is read.',
  },
  'trailing-text': { severity: 'warning', summary: 'Text after the value is ignored.' },
  'ipv6-unsupported': { severity: 'error', summary: 'IPv6 is not supported yet.' },
  'mcastaddr-reserved': {
    severity: 'warning',
    summary: 'The group lies in a range set aside for others: 224.x.x.x or 232.x.x.x.',
  },
  'mcastport-privileged': { severity: 'warning', summary: 'Ports below 1024 need root.' },
  'mcastport-neighbour': {
    severity: 'warning',
    summary: 'An odd port: one away from the even ones other clusters use.',
  },
  'quorum-two-node': {
    severity: 'warning',
    summary: 'With `two-node: yes` both nodes stay quorate when the network between them is cut.',
  },
  'interface-none': { severity: 'error', summary: 'No interface of this machine matches bindnetaddr.' },
  'interface-several': { severity: 'error', summary: 'Several addresses of this machine match bindnetaddr.' },
  'interface-loopback': {
    severity: 'error',
    summary: 'bindnetaddr names the loopback interface other than by a 127.x value.',
  },
  'comment-indented': { severity: 'error', summary: 'A `#` starts a comment in the first column only.' },
  'block-unknown': { severity: 'error', summary: 'There is no such block; the nearest is suggested.' },
  'block-misplaced': { severity: 'error', summary: 'A block in another one that does not hold such blocks.' },
  'block-unclosed': {
    severity: 'error',
    summary: 'A block without its `}`; the finding is at the line that opens it.',
  },
  'block-stray': { severity: 'error', summary: 'A `}` where no block is open.' },
  'block-empty': {
    severity: 'error',
    summary: 'A block without what it needs in it: a group without units, a unit without components …',
  },
  'key-misplaced': { severity: 'error', summary: 'The key belongs in another block.' },
  'name-duplicate': { severity: 'error', summary: 'Two of a kind have the same name.' },
  'name-alike': { severity: 'warning', summary: 'Two names differ only in what nobody sees.' },
  'name-invisible': {
    severity: 'warning',
    summary: 'A name holds invisible characters, or blanks other than the usual one.',
  },
  'name-unknown': {
    severity: 'error',
    summary: 'A member that is no component of the group, a csi whose protection does not exist.',
  },
  'node-unknown': {
    severity: 'warning',
    summary: 'No `node=` of groups.conf names this node as network.conf does; told where both are checked.',
  },
  'member-duplicate': { severity: 'error', summary: 'A member is listed twice in one protection.' },
  'member-missing': {
    severity: 'error or warning',
    summary: 'No unit can carry a service instance wholly (error), or one of them cannot (warning).',
  },
  'component-unassigned': {
    severity: 'warning',
    summary: 'A component that is a member of no protection is never given work.',
  },
  'protection-unused': { severity: 'warning', summary: 'No csi uses the protection.' },
  'model-unserved': { severity: 'error', summary: '`nway` and `nwayactive` are not served by this version.' },
  'model-unreachable': { severity: 'warning', summary: 'The group asks for more than its units can give.' },
  'capability-conflict': {
    severity: 'error or warning',
    summary: 'A capability model without standby where standbys are wanted; in a classic group a warning.',
  },
  'node-shared': { severity: 'warning', summary: 'Units of one group on one node fail together.' },
  'recovery-unreachable': {
    severity: 'warning',
    summary: 'What is configured about errors can never happen.',
  },
  'limit-exceeded': { severity: 'error', summary: 'More than the executive can hold.' },
  'not-convertible': {
    severity: 'warning',
    summary:
      'What stands here has no counterpart in the format that is converted to; an error with `--strict`.',
  },
  'value-assumed': {
    severity: 'warning',
    summary: 'The format that is converted to needs a value that the file does not give.',
  },
  'format-unknown': { severity: 'error', summary: 'It cannot be told what format the file is.' },
  'format-mismatch': { severity: 'error', summary: 'The format does not hold what is converted.' },
  'too-many': { severity: 'warning', summary: 'More than a hundred findings; the rest are counted only.' },
})

export type DiagnosticCode = keyof typeof diagnosticCodes
