import { jest } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DoctorRuns } from '../helpers/cluster/doctor-runs.js'
import { Namespaces, namespacesUnavailable } from '../helpers/cluster/namespaces.mjs'

// What goes wrong on a machine itself: a host of its own, with files of /etc in place of the machine's.

jest.setTimeout(90_000)

const unavailable = namespacesUnavailable()
if (unavailable !== undefined) process.stderr.write(`skipped: the doctor's local checks: ${unavailable}\n`)
const describeWhereAvailable = unavailable === undefined ? describe : describe.skip
const hasNft = unavailable === undefined && spawnSync('nft', ['--version']).status === 0
if (!hasNft) process.stderr.write('skipped: rules of a packet filter are read: there is no nft (nftables)\n')
const testWithNft = hasNft ? test : test.skip

// A long token timeout: how long a busy machine takes to answer is not what is tried here.
const network = { mcastaddr: '239.192.78.1', mcastport: 6000, clustername: 'test', token: 20_000 }

describeWhereAvailable('the doctor on a machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ais-doctor-etc-'))
  const groups = `${readFileSync('/etc/group', 'utf8').replace(/^ais:.*\n/m, '')}ais:x:990:\n`
  let namespaces: Namespaces
  let doctors: DoctorRuns

  /** The host, with these texts in place of files of /etc. */
  const hostWith = (files: Readonly<Record<string, string>>, ...also: readonly string[]): DoctorRuns => {
    const mounts = Object.entries(files).map(([name, text]) => {
      writeFileSync(join(directory, name), text)
      return `mount --bind ${join(directory, name)} /etc/${name}`
    })
    const [{ address, prefix }] = namespaces.hosts as [(typeof namespaces.hosts)[number]]
    const script = [...mounts, ...also, 'exec "$@"'].join(' && ')
    const inside = ['unshare', '--mount', 'sh', '-c', script, 'sh']
    return new DoctorRuns([{ address, prefix: [...prefix, ...inside] }], network)
  }

  const well = { hosts: '127.0.0.1 localhost\n', group: groups }

  beforeAll(() => {
    namespaces = new Namespaces(1)
  })

  afterEach(async () => {
    await doctors.close()
  })

  afterAll(() => {
    namespaces.close()
    rmSync(directory, { recursive: true, force: true })
  })

  test('that is healthy: every check is ok', async () => {
    doctors = hostWith(well)
    const { code, checks } = await doctors.visit(0, doctors.configure(0, { statedir: '/var/lib/ais-none' }))
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(checks.map(({ id }) => id)).toContain('firewall')
    expect(code).toBe(0)
  })

  test('whose own name is 127.0.1.1: a warning, with the command that mends it', async () => {
    doctors = hostWith({ ...well, hosts: `127.0.0.1 localhost\n127.0.1.1 ${hostname()}\n` })
    const { code, of } = await doctors.visit(0, doctors.configure(0), '--only', 'name-resolution')
    const { status, message, remedy } = of('name-resolution')
    expect([status, code]).toEqual(['warn', 0])
    expect(message).toContain('/etc/hosts:2')
    expect(remedy).toBe(`sed -E -i -e '2s/127\\.0\\.1\\.1/${namespaces.hosts[0]!.address}/' /etc/hosts`)
  })

  test('whose state directory cannot be made, and whose socket is a file: failures', async () => {
    doctors = hostWith(well, 'mount -t tmpfs -o ro none /opt')
    const socket = join(directory, 'no-socket')
    writeFileSync(socket, '')
    const configDir = doctors.configure(0, { statedir: '/opt/ais/state', socket })
    const { code, of } = await doctors.visit(0, configDir, '--only', 'state-directory', '--only', 'socket')
    expect(of('state-directory')).toMatchObject({ status: 'fail', message: expect.stringContaining('EROFS') })
    expect(of('socket')).toMatchObject({ status: 'fail', remedy: expect.stringContaining(`rm ${socket}`) })
    expect(code).toBe(1)
  })

  test('whose configuration is wrong: the finding is told, and what needs it is left out', async () => {
    doctors = hostWith(well)
    const { code, of } = await doctors.visit(0, doctors.configure(0, { mcastport: 70_000 }))
    expect(of('configuration')).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('value-range'),
    })
    for (const id of ['interface', 'state-directory', 'socket', 'firewall'])
      expect(of(id).status).toBe('skip')
    expect(code).toBe(1)
  })

  testWithNft('whose packet filter drops the ports: the rule is named', async () => {
    const filter = (...args: string[]): void => {
      const [program, ...rest] = [...namespaces.hosts[0]!.prefix, 'nft', ...args]
      const { status, stderr } = spawnSync(program!, rest, { encoding: 'utf8' })
      if (status !== 0) throw new Error(`nft ${args.join(' ')}: ${stderr}`)
    }
    doctors = hostWith(well)
    filter('add', 'table', 'inet', 'doctor')
    try {
      filter('add', 'chain', 'inet', 'doctor', 'input', '{ type filter hook input priority 0; policy drop; }')
      filter('add', 'rule', 'inet', 'doctor', 'input', 'udp', 'dport', '6000', 'accept')
      const { code, of } = await doctors.visit(0, doctors.configure(0), '--only', 'firewall')
      const { status, message, remedy } = of('firewall')
      expect([status, code]).toEqual(['fail', 1])
      expect(message).toContain('frames to one node (UDP port 5999) on their way in')
      expect(message).toContain('the policy of chain inet doctor input')
      expect(message).not.toContain('frames to all')
      expect(remedy).toBe('nft insert rule inet doctor input udp dport 5999-6000 accept')
    } finally {
      filter('delete', 'table', 'inet', 'doctor')
    }
  })
})
