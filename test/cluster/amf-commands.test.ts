import { jest } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AmfExplanation, AmfStatus } from '../../src/api/index.js'
import { root, runAis, type Run } from '../cli/run-ais.js'
import { ClientProgram } from '../helpers/cluster/client-program.mjs'
import { oneLine, SandboxWorld } from './sandbox-world.js'

// Every command of `ais amf`, as a program, on a cluster of two: the scenario of the original guide.

jest.setTimeout(60_000)

let world: SandboxWorld
const programs: ClientProgram[] = []

beforeAll(async () => {
  world = new SandboxWorld()
  const groups = join(world.work, 'groups.conf')
  writeFileSync(groups, patientGroups())
  // Leases of 2.5 s.
  await world.json('up', '--nodes', '2', '--groups', groups, '--conf', 'token=5000')
})

afterAll(async () => {
  for (const program of programs) if (program.exit === undefined) await program.end('SIGKILL')
  await world.close()
})

/** The sample, with time for components that get no processor for a while. */
function patientGroups(): string {
  const text = readFileSync(`${root}/conf/groups.conf`, 'utf8')
  const patient = text.replace('backup-units=2', 'backup-units=2\n  healthcheck-max-duration=5000')
  expect(patient).not.toBe(text)
  return patient
}

/** `ais amf LINE` on a node, whatever comes of it. */
function run(node: number, ...args: string[]): Promise<Run> {
  return runAis(['amf', ...args, '--node', `node${node}`, '--dir', world.dir])
}

/** The same with --json, which is to succeed. */
async function json<T>(node: number, ...args: string[]): Promise<T> {
  const answer = await run(node, ...args, '--json')
  if (answer.code !== 0) throw new Error(`ais amf ${args.join(' ')}: ${answer.stdout}${answer.stderr}`)
  return oneLine(answer) as T
}

function start(node: number, ...args: string[]): ClientProgram {
  const program = new ClientProgram(['amf', ...args, '--node', `node${node}`, '--dir', world.dir])
  programs.push(program)
  return program
}

/** 'raidA active', of those that hold something: the same on both nodes. */
async function assigned(): Promise<string[]> {
  const [one, two] = await Promise.all([1, 2].map((node) => json<AmfStatus>(node, 'status')))
  expect(two).toEqual(one)
  const units = one!.groups[0]!.units
  return units.flatMap(({ name, haStates }) => haStates.map(({ haState }) => `${name} ${haState}`))
}

/** A csi-set of this state, of a component that tells in words. */
function told(program: ClientProgram, component: string, state: string, from = 0): Promise<number> {
  const csi = component.startsWith('comp_a') ? 'pgA' : 'pgB'
  const text = `CSISetCallback: '${component}' for CSI '${csi}' requested to enter hastate SA_AMF_${state}\\.`
  return program.line(new RegExp(`^${text}$`), { from })
}

let one: ClientProgram
let two: ClientProgram
let three: ClientProgram
let four: ClientProgram

test('nothing is registered: nobody is active', async () => {
  const status = await json<AmfStatus>(1, 'status')
  expect(status.groups.map(({ name, model }) => [name, model])).toEqual([['raid', 'nplusm']])
  expect(status.groups[0]!.units.map(({ name, presence }) => [name, presence])).toEqual(
    ['raidA', 'raidB', 'raidC'].map((name) => [name, 'uninstantiated']),
  )
  expect(status.groups[0]!.serviceInstances).toMatchObject([{ assignment: 'none', active: [], standby: [] }])
  const text = await run(2, 'status')
  expect(text.code).toBe(0)
  expect(text.stdout).toContain('raid: none; active none; standby none\n')
  // No colours where nobody can see them.
  expect(text.stdout).not.toContain('\u001b')
})

test('testamf 3 and 4 become active, 1 and 2 stand by, and 2 goes its course', async () => {
  three = start(2, 'test', '3')
  four = start(2, 'test', '4')
  await Promise.all([told(three, 'comp_a_in_su_y', 'ACTIVE'), told(four, 'comp_b_in_su_y', 'ACTIVE')])
  one = start(1, 'test', '1')
  await one.errorLine(/comp_a_in_su_x is registered/)
  const startedMs = performance.now()
  two = start(1, 'test', '2')
  const steps = ['Unregistering component', 'Registering component', 'REPORTING ERROR.', 'CANCELING ERROR.']
  const places: number[] = []
  for (const step of steps) places.push(await two.line(new RegExp(`^${step}$`)))
  expect(places).toEqual([...places].sort((a, b) => a - b))
  await told(two, 'comp_b_in_su_x', 'STANDBY', places[3])
  expect(performance.now() - startedMs).toBeLessThan(20_000)
  // In service thrice: at first, when it was registered again, and when its error was gone.
  const inService = /'comp_b_in_su_x' requested to enter operational state SA_AMF_IN_SERVICE/
  expect(two.lines.filter((line) => inService.test(line))).toHaveLength(3)
  expect(await assigned()).toEqual(['raidA standby', 'raidB active'])
})

test('names with a typo: the one that was meant, exit 1', async () => {
  const typo = await run(1, 'lock', 'raidb')
  expect(typo).toMatchObject({ code: 1, stdout: '' })
  expect(typo.stderr).toContain('there is no node, group, unit or service-instance "raidb"')
  expect(typo.stderr).toContain('did you mean "raidB"?\nTry: ais amf lock raidB\n')
  const many = await run(1, 'explain', 'raid')
  expect([many.code, many.stderr]).toEqual([
    1,
    expect.stringContaining('Try: ais amf explain raid --kind service-instance\n'),
  ])
  const other = await run(1, 'report', 'raidA')
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringContaining('is a unit; this is for a component'),
  ])
  const answer = await run(1, 'si-swap', 'raids', '--json')
  expect(answer.code).toBe(1)
  expect(oneLine(answer)).toMatchObject({ error: { exitCode: 1 } })
})

test('administrators move assignments, and a watcher sees it', async () => {
  const watcher = start(2, 'watch', '--json')
  await watcher.errorLine(/watching AMF/)
  expect(await json(1, 'si-swap', 'raid')).toEqual({
    operation: 'si-swap',
    entity: { kind: 'service-instance', name: 'raid' },
  })
  expect(await assigned()).toEqual(['raidA active', 'raidB standby'])
  const locked = await run(2, 'lock', 'raidA')
  expect([locked.code, locked.stdout, locked.stderr]).toEqual([0, 'unit raidA is locked\n', ''])
  expect(await assigned()).toEqual(['raidB active'])
  await json(2, 'unlock', 'raidA')
  expect(await assigned()).toEqual(['raidA standby', 'raidB active'])
  // Nobody brings the components back: they have no restart-timeout.
  const restart = await run(1, 'restart', 'raidA')
  expect([restart.code, restart.stderr]).toEqual([1, expect.stringContaining('restart-timeout')])
  await watcher.line(/"kind":"unit","name":"raidA","what":"unlocked"/)
  expect(await watcher.end('SIGTERM')).toEqual({ code: 0, signal: null })
  const explanation = await json<AmfExplanation>(1, 'explain', 'raidA')
  expect(explanation.entity).toEqual({ kind: 'unit', name: 'raidA' })
  expect(explanation.states).toMatchObject({ node: 'node1', admin: 'unlocked', readiness: 'in-service' })
  expect(explanation.decisions.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['locked', 'unlocked']),
  )
})

test('an error that is reported fails the unit over, and is cleared', async () => {
  const before = one.lines.length
  expect(await json(1, 'report', 'comp_a_in_su_y', '--text', 'fan is loud')).toEqual({
    component: 'comp_a_in_su_y',
    recovery: 'no-recommendation',
    text: 'fan is loud',
  })
  await told(one, 'comp_a_in_su_x', 'ACTIVE', before)
  const status = await json<AmfStatus>(2, 'status')
  const [component] = status.groups[0]!.units[1]!.components
  expect(component).toMatchObject({ name: 'comp_a_in_su_y', operational: 'disabled' })
  const from = three.lines.length
  await json(2, 'clear', 'comp_a_in_su_y')
  await told(three, 'comp_a_in_su_y', 'STANDBY', from)
  expect(
    (await json<AmfExplanation>(2, 'explain', 'comp_a_in_su_y')).decisions.map(({ text }) => text),
  ).toEqual(expect.arrayContaining([expect.stringContaining('fan is loud')]))
})

test('a component that is killed fails over; one that is asked to end ends', async () => {
  const [lines3, lines4] = [three.lines.length, four.lines.length]
  expect(await one.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
  await Promise.all([
    told(three, 'comp_a_in_su_y', 'ACTIVE', lines3),
    told(four, 'comp_b_in_su_y', 'ACTIVE', lines4),
  ])
  one = start(1, 'test', '1', '--json', '--track')
  await one.line(/"callback":"csi-set","component":"comp_a_in_su_x","csi":"pgA","haState":"standby"/)
  await one.line(/"callback":"protection-group"/)
  expect(one.documents).toContainEqual({
    callback: 'readiness',
    component: 'comp_a_in_su_x',
    csi: null,
    haState: null,
    readiness: 'in-service',
  })
  expect(await two.end('SIGTERM')).toEqual({ code: 0, signal: null })
  await run(1, 'lock', 'raidA')
  expect(await json(1, 'lock-in', 'raidA')).toMatchObject({ operation: 'lock-in' })
  expect(await one.exited).toEqual({ code: 0, signal: null })
  expect(one.documents).toContainEqual(expect.objectContaining({ callback: 'terminate' }))
})

test('a daemon that is killed and comes back has its components again', async () => {
  const from = three.lines.length
  await world.run('kill', 'node2')
  const quiesced = await three.line(/SA_AMF_QUIESCED/, { from })
  await three.errorLine(/the executive is gone/)
  await world.json('start', 'node2')
  await three.errorLine(/the executive is back/)
  await told(three, 'comp_a_in_su_y', 'ACTIVE', quiesced)
  expect(await assigned()).toEqual(['raidB active'])
  expect(await three.end('SIGINT')).toEqual({ code: 0, signal: null })
  expect(await four.end('SIGTERM')).toEqual({ code: 0, signal: null })
})
