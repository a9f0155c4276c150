import { jest } from '@jest/globals'
import { chown, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cluster, loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { runAis } from '../cli/run-ais.js'

jest.setTimeout(60_000)

const groups = [
  'group {',
  '  name=pair',
  '  model=2n',
  ...['x', 'y'].flatMap((letter) => [
    `  unit {\n    name=${letter}\n    node=node-1`,
    `    component {\n      name=${letter}.0\n    }\n  }`,
  ]),
  '  protection {\n    name=work\n    member=x.0\n    member=y.0\n  }',
  '}',
  '',
].join('\n')

describe('an executive starts from any form of its files', () => {
  let cluster: Cluster
  let configDir: string

  beforeEach(async () => {
    cluster = await Cluster.create({ hosts: loopbackHosts(1), network: { nodename: 'node-1' } })
    configDir = cluster.configDir(0)
    // Once, for its network.conf.
    await (await cluster.start(0)).kill()
    await writeFile(join(configDir, 'groups.conf'), groups)
  })

  afterEach(() => cluster.close())

  /** Both files in another form, in place of the classic ones. */
  async function rewrite(form: 'yaml' | 'json' | 'ts'): Promise<void> {
    for (const kind of ['network', 'groups']) {
      const classic = join(configDir, `${kind}.conf`)
      const to = form === 'yaml' ? 'yaml' : 'json'
      const converted = await runAis(['config', 'convert', classic, '--to', to])
      expect(converted.code).toBe(0)
      const text = form === 'ts' ? `export default ${converted.stdout}` : converted.stdout
      await rm(classic)
      await writeFile(join(configDir, `${kind}.${form}`), text)
    }
  }

  test.each(['yaml', 'json', 'ts'] as const)('%s, and leaves nothing beside them', async (form) => {
    await rewrite(form)
    const before = [...(await readdir(configDir)), 'state'].sort()
    const daemon = cluster.spawn(0)
    await daemon.configuration(({ members }) => members.length === 1, 'a ring of its own')
    const shown = await runAis(['config', 'show', '--config-dir', configDir, '--json'])
    const { network, groups: file } = JSON.parse(shown.stdout) as Record<string, { file: string }>
    expect([network.file, file.file]).toEqual(
      [`network.${form}`, `groups.${form}`].map((it) => join(configDir, it)),
    )
    const status = await runAis(['amf', 'status', '--json', '--socket', cluster.socketPath(0)])
    expect(JSON.parse(status.stdout)).toMatchObject({ groups: [{ name: 'pair', model: '2n' }] })
    daemon.signal('SIGTERM')
    expect(await daemon.exited).toEqual({ code: 0, signal: null })
    expect(await readdir(configDir)).toEqual(before)
  })

  test('two forms of one file are refused, and both are named', async () => {
    const { stdout } = await runAis(['config', 'convert', join(configDir, 'groups.conf'), '--to', 'yaml'])
    await writeFile(join(configDir, 'groups.yaml'), stdout)
    const daemon = cluster.spawn(0)
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.log.join('\n')).toMatch(/groups\.conf.*groups\.yaml|groups\.yaml.*groups\.conf/)
  })

  test('TypeScript of somebody else is not run', async () => {
    if (process.getuid?.() !== 0) {
      console.log('skipped: only root can give a file to somebody else')
      return
    }
    await rewrite('ts')
    const path = join(configDir, 'groups.ts')
    const witness = join(cluster.directory, 'witness')
    await mkdir(cluster.directory, { recursive: true })
    const spoiled = `import { writeFileSync } from 'node:fs'\nwriteFileSync('${witness}', 'it ran')\n`
    await writeFile(path, spoiled + (await readFile(path, 'utf8')))
    await chown(path, 65_534, 65_534)
    const daemon = cluster.spawn(0)
    expect(await daemon.exited).toEqual({ code: 3, signal: null })
    expect(daemon.log.join('\n')).toMatch(/groups\.ts:1:1: error file-owner: /)
    expect(await readdir(cluster.directory)).not.toContain('witness')
  })
})
