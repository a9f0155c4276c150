import { open } from 'node:fs/promises'
import { printable } from './check-context.js'
import type { FileKind } from './file-kinds.js'
import type { Diagnostic, DiagnosticCode } from './model/diagnostic.js'

// Files to text; what cannot be read is a finding.

const octetsMax = 1024 * 1024

const OTHERS_MAY_WRITE = 0o002

/** What is asked of a kind of file here. */
export type TextKind = Pick<FileKind<never, never>, 'example' | 'isTextAllTheSame'>

/** A finding about a file as a whole. */
export function fileFailure(code: DiagnosticCode, message: string, expected: string): Diagnostic {
  const place = { line: 1, column: 1, length: 1, key: null, source: null, fix: null }
  return { severity: 'error', code, message: printable(message), expected: printable(expected), ...place }
}

/** The words for an error of the file system; never its stack. */
function errorText(error: unknown): string {
  const { code = '', message } = error as { readonly code?: string; readonly message: string }
  const known: Record<string, string> = {
    ENOENT: 'no such file',
    ENOTDIR: 'no such file: a part of the path is not a directory',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'is a directory, not a file',
    ELOOP: 'too many symbolic links',
    ENAMETOOLONG: 'the path is too long',
  }
  return known[code] ?? (code === '' ? message.split('\n')[0] : code)
}

/** The telling line of a parser's error: some begin with the path, which we name ourselves. */
export function saidBy(error: unknown, path: string): string {
  const lines = (error as Error).message.split('\n')
  return printable(lines.find((line) => !line.includes(path) && line.trim() !== '') ?? errorText(error))
}

export function missing(path: string, { example }: Pick<TextKind, 'example'>): Diagnostic {
  return fileFailure('file-missing', `${printable(path)}: no such file`, example)
}

export type FileText =
  | {
      readonly ok: true
      readonly text: string
      /** The octets are UTF-8: the text can be written back. */
      readonly isExact: boolean
      /** Whoever could have written it is this user or root. */
      readonly isTrusted: boolean
    }
  | { readonly ok: false; readonly diagnostic: Diagnostic }

interface Octets {
  /** At most `octetsMax`, and one more to tell that there are more. */
  readonly octets: Uint8Array
  readonly isTrusted: boolean
}

async function readOctets(path: string): Promise<Octets> {
  const handle = await open(path, 'r')
  try {
    const { uid, mode } = await handle.stat()
    const isTrusted = (uid === 0 || uid === process.geteuid?.()) && (mode & OTHERS_MAY_WRITE) === 0
    const buffer = new Uint8Array(octetsMax + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return { octets: buffer.subarray(0, length), isTrusted }
  } finally {
    await handle.close()
  }
}

/** Octets to text; a file of other than text is refused unless it worked for the original all the same. */
export function decodeText({ octets, isTrusted }: Octets, kind: TextKind): FileText {
  if (octets.length > octetsMax) {
    const expected = 'a text file of at most 1 MiB'
    return { ok: false, diagnostic: fileFailure('file-too-large', 'the file is larger than 1 MiB', expected) }
  }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)
  if (octets.includes(0) && !kind.isTextAllTheSame(text)) {
    const utf16 = (octets[0] === 0xff && octets[1] === 0xfe) || (octets[0] === 0xfe && octets[1] === 0xff)
    const message = utf16 ? 'the file is UTF-16' : 'the file is binary, not text'
    return { ok: false, diagnostic: fileFailure('file-not-text', message, 'plain text in UTF-8') }
  }
  return { ok: true, text, isExact: Buffer.from(text).equals(octets), isTrusted }
}

export async function readText(path: string, kind: TextKind): Promise<FileText> {
  try {
    return decodeText(await readOctets(path), kind)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return { ok: false, diagnostic: missing(path, kind) }
    const message = `${printable(path)} cannot be read: ${errorText(error)}`
    return {
      ok: false,
      diagnostic: fileFailure('file-unreadable', message, 'a text file this user may read'),
    }
  }
}
