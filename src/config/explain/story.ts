import type { ConfigKind } from '../convert/format.js'

/** A piece of a file, as it is shown, and the whole file that it is taken from. */
export interface Example {
  readonly kind: ConfigKind
  readonly shown: string
  /** Complete: what the piece shows happens, or does not happen, when this is checked. */
  readonly text: string
}

/** The long story of a code. */
export interface CodeStory {
  /** What happens if it stays, and why it is found at all. */
  readonly why: string
  readonly remedy: string
  /** Gives the code. None where the fault is not in the text of one file. */
  readonly wrong?: Example
  /** Does not. */
  readonly right?: Example
  readonly keys?: readonly string[]
}

/** The long story of a key. */
export interface KeyStory {
  readonly story: string
  /** A line, as it is written in the classic file. */
  readonly example: string
  /** Other keys that it has to do with. */
  readonly related?: readonly string[]
  /** What others call it, and what is different there. */
  readonly elsewhere?: string
}

const threeKeys = ['bindnetaddr: 192.168.1.0', 'mcastaddr: 226.94.1.1', 'mcastport: 6000']

/** Lines of a network.conf; those of the three required keys that they do not give are added in the whole. */
export function network(...lines: readonly string[]): Example {
  const given = (line: string): boolean => lines.some((one) => one.split(':', 1)[0] === line.split(':', 1)[0])
  const text = [...threeKeys.filter((line) => !given(line)), ...lines, ''].join('\n')
  return { kind: 'network', shown: lines.join('\n'), text }
}

/** A network.conf as it stands. */
export function wholeNetwork(...lines: readonly string[]): Example {
  return { kind: 'network', shown: lines.join('\n'), text: [...lines, ''].join('\n') }
}

/** A groups.conf as it stands. */
export function wholeGroups(...lines: readonly string[]): Example {
  return { kind: 'groups', shown: lines.join('\n'), text: [...lines, ''].join('\n') }
}

const indented = (lines: readonly string[], depth: number): string[] =>
  lines.map((line) => ' '.repeat(depth) + line)

interface Pieces {
  /** Before the group. */
  readonly file?: readonly string[]
  /** In the group, in place of its model. */
  readonly group?: readonly string[]
  /** In the first unit. */
  readonly unit?: readonly string[]
  /** In the first component. */
  readonly component?: readonly string[]
  /** In the second unit. */
  readonly second?: readonly string[]
  /** In the first protection, in place of its two members. */
  readonly members?: readonly string[]
  /** At the end of the group. */
  readonly more?: readonly string[]
}

/**
 * Pieces of a group of two units of one component each, of which one stands by for the other; without pieces
 * the whole of it.
 */
export function inGroup(pieces: Pieces): Example {
  const shown = Object.values(pieces).flat()
  const members = pieces.members ?? ['member=server-1', 'member=server-2']
  const text = [
    ...(pieces.file ?? []),
    'group {',
    '  name=web',
    ...indented(pieces.group ?? ['model=2n'], 2),
    '  unit {',
    '    name=web-1',
    ...indented(pieces.unit ?? [], 4),
    '    component {',
    '      name=server-1',
    ...indented(pieces.component ?? [], 6),
    '    }',
    '  }',
    '  unit {',
    '    name=web-2',
    ...indented(pieces.second ?? [], 4),
    '    component {',
    '      name=server-2',
    '    }',
    '  }',
    '  protection {',
    '    name=site',
    ...indented(members, 4),
    '  }',
    ...indented(pieces.more ?? [], 2),
    '}',
    '',
  ]
  const lines = shown.length > 0 ? shown : text.slice(0, -1)
  return { kind: 'groups', shown: lines.join('\n'), text: text.join('\n') }
}
