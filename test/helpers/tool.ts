import { spawnSync } from 'node:child_process'

/**
 * `test`, where a program of another system is installed; else it is skipped and says so.
 * @param args that make it say its version
 * @param debianPackage that it comes with
 */
export function testWithTool(
  program: string,
  args: readonly string[],
  debianPackage: string,
): typeof test | typeof test.skip {
  const { error, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  if (error === undefined) {
    process.stderr.write(`${program}: ${stdout.split('\n')[0]}\n`)
    return test
  }
  const install = `apt-get install -y --no-install-recommends ${debianPackage}`
  process.stderr.write(`skipped: ${program} is not installed; on Debian: ${install}\n`)
  return test.skip
}
