import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const { exports: entries } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: { '.': { types: string; default: string } }
}

/** Everything that importing this file loads: files of ours, and what they import from elsewhere. */
function loadedBy(entry: string): { files: Set<string>; foreign: Set<string> } {
  const files = new Set<string>()
  const foreign = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, specifier] of text.matchAll(/(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'/g)) {
      if (specifier!.startsWith('.')) visit(resolve(dirname(file), specifier!))
      else foreign.add(specifier!)
    }
    expect(text).not.toMatch(/\bimport\(|\brequire\(/)
  }
  visit(resolve(entry))
  return { files, foreign }
}

test('importing the package loads its library and node: no command line, no dependency', () => {
  const { files, foreign } = loadedBy(entries['.'].default)
  expect(files.size).toBeGreaterThan(10)
  const rooms = [...files].map((file) => /dist\/([a-z]+)\//.exec(file)?.[1])
  expect([...new Set(rooms)].sort()).toEqual(['api', 'base', 'ipc'])
  expect([...foreign].filter((name) => !name.startsWith('node:'))).toEqual([])
})

test('its types are there', () => {
  expect(existsSync(entries['.'].types)).toBe(true)
})
