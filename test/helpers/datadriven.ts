import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Set to rewrite the expected output of scripts; look at the difference before it is committed. */
const REWRITE = process.env['AIS_REWRITE'] === '1'

/**
 * One test for each script of a folder: run, it must come out as it is written. With AIS_REWRITE=1
 * the file is written as it comes out instead.
 * @param check what must hold of the output whatever the file says, rewritten or not
 */
export function testScripts(
  folder: string,
  run: (text: string) => string,
  check: (output: string) => void,
): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'))
  for (const name of names.sort()) {
    test(name, () => {
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const output = run(text)
      check(output)
      if (REWRITE && output !== text) writeFileSync(path, output)
      else expect(output).toBe(text)
    })
  }
}
