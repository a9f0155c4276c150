import { runAis } from './run-ais.js'

describe('ais config explain', () => {
  test('tells what a code means, with an example that is wrong and one that is right', async () => {
    const { code, stdout } = await runAis(['config', 'explain', 'key-unknown'])
    expect(code).toBe(0)
    expect(stdout).toContain('tokn: 2000')
    expect(stdout).toMatch(/Wrong:[^]*Right:[^]*What to do:/)
  })

  test('tells of a key for each kind of block that has it', async () => {
    const { code, stdout } = await runAis(['config', 'explain', 'model'])
    expect(code).toBe(0)
    expect(stdout).toContain('model (groups.conf, in group)')
    expect(stdout).toContain('model (groups.conf, in component)')
  })

  test('lists all there is, and says it as one line of JSON', async () => {
    const { stdout } = await runAis(['config', 'explain'])
    expect(stdout).toContain('bindnetaddr')
    const { stdout: line } = await runAis(['config', 'explain', 'lease', '--json'])
    expect(JSON.parse(line)).toMatchObject({ explained: [{ subject: 'key', key: 'lease', unit: 'ms' }] })
    expect(line.trim().split('\n')).toHaveLength(1)
  })

  test('suggests the nearest word', async () => {
    const { code, stderr } = await runAis(['config', 'explain', 'tokn'])
    expect(code).toBe(2)
    expect(stderr).toContain('Try: ais config explain token')
  })
})
