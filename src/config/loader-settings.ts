import { cosmiconfig, defaultLoaders, type Loader } from 'cosmiconfig'
import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { printable, quoted } from './check-context.js'
import { fileFailure, saidBy } from './loader-read.js'
import { runTypeScript } from './loader-typescript.js'
import type { Diagnostic } from './model/diagnostic.js'

/** What a user may set for all commands in `.aisrc` or `ais.config.*`. */
export interface UserSettings {
  readonly configDir?: string
  readonly socket?: string
  readonly output?: 'text' | 'json'
}

export type LoadedUserSettings =
  | {
      readonly ok: true
      readonly settings: UserSettings
      readonly path: string | null
      /** Files that were found and not used, with the reason. */
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly path: string; readonly diagnostics: readonly Diagnostic[] }

/** Findings about the value of a settings file; an empty list if it is good. */
function checkSettings(value: unknown): Diagnostic[] {
  const expected = 'an object with any of configDir, socket (absolute paths) and output ("text" or "json")'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [fileFailure('file-syntax', 'the settings are not an object', expected)]
  }
  const findings: Diagnostic[] = []
  for (const [key, content] of Object.entries(value as Record<string, unknown>)) {
    const isPath = key === 'configDir' || key === 'socket'
    if (!isPath && key !== 'output') {
      findings.push(fileFailure('key-unknown', `unknown setting ${quoted(key)}`, expected))
    } else if (
      isPath ? typeof content !== 'string' || !isAbsolute(content) : content !== 'text' && content !== 'json'
    ) {
      findings.push(
        fileFailure('value-invalid', `${key} ${quoted(String(content))} cannot be used`, expected),
      )
    }
  }
  return findings
}

const settingsPlaces = ['.aisrc', '.aisrc.json', '.aisrc.yaml', '.aisrc.yml'].concat(
  ['json', 'yaml', 'yml', 'js', 'mjs', 'cjs', 'ts'].map((extension) => `ais.config.${extension}`),
)

/**
 * The user's own settings: `.aisrc` or `ais.config.*` in `fromDir` or a directory above it, up to home,
 * then the user's configuration directory. A file that belongs to another user is not used: in a
 * shared directory it would let that user choose what root talks to.
 */
export async function loadUserSettings(fromDir: string): Promise<LoadedUserSettings> {
  const notices: string[] = []
  const trusted = new Set([0, process.geteuid?.() ?? 0])
  const guard =
    (loader: Loader): Loader =>
    async (path, content) => {
      if (trusted.has((await stat(path)).uid)) return loader(path, content) as unknown
      notices.push(`${printable(path)} belongs to another user and is not used`)
      return null
    }
  const loaders = Object.fromEntries(
    // The one for TypeScript that cosmiconfig has writes a file beside the file.
    Object.entries({ ...defaultLoaders, '.ts': runTypeScript }).map(([key, loader]) => [key, guard(loader)]),
  )
  const explorer = cosmiconfig('ais', { searchPlaces: settingsPlaces, searchStrategy: 'global', loaders })
  try {
    const result = await explorer.search(fromDir)
    if (result === null || result.isEmpty === true) return { ok: true, settings: {}, path: null, notices }
    const diagnostics = checkSettings(result.config)
    if (diagnostics.length > 0) return { ok: false, path: result.filepath, diagnostics }
    return { ok: true, settings: result.config as UserSettings, path: result.filepath, notices }
  } catch (error) {
    const { filepath: path = fromDir } = error as { readonly filepath?: string }
    const message = `the settings cannot be read: ${saidBy(error, path)}`
    return { ok: false, path, diagnostics: [fileFailure('file-syntax', message, 'YAML or JSON')] }
  }
}
