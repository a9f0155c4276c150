import { Errors, Flags } from '@oclif/core'
import { isIPv4 } from 'node:net'
import { BaseCommand } from '../cli/base-command.js'
import { printChecklist } from '../cli/check-list.js'
import { exitCodes } from '../cli/exit-codes.js'
import { secondsFlag } from '../cli/quantity-flags.js'
import { chooseInterface, listInterfaces, loadNetworkConfig } from '../config/index.js'
import {
  allChecks,
  checksFor,
  Listener,
  makeContext,
  placeOf,
  runCheck,
  TransportError,
  type Check,
  type CheckResult,
  type ListenSummary,
  type Place,
} from '../doctor/index.js'
import { configDirectoryOf, hostHere } from '../exec/index.js'
import { aborted, stopSignal } from '../programs/index.js'

const checkIds = allChecks.map(({ id }) => id)

const TIMER_MAX_MS = 2 ** 31 - 1

interface Report {
  /** No check failed; warnings may be among them. */
  readonly ok: boolean
  readonly checks: readonly CheckResult[]
}

export default class Doctor extends BaseCommand<typeof Doctor> {
  static override readonly summary = 'Is this machine, and its network, ready for the executive?'
  static override readonly description =
    'Checks the configuration, the interface, multicast and the ports, and who else is on them; with ' +
    '--peer also what passes between this machine and others where `ais doctor --listen` runs. Each line ' +
    'says what was found, and what to do about it. An executive that runs here is not disturbed. Exits ' +
    'with 1 if a check fails; warnings alone do not. docs/doctor.md explains every check.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listen',
    '<%= config.bin %> <%= command.id %> --peer 192.168.1.2 --peer 192.168.1.3',
    '<%= config.bin %> <%= command.id %> --only multicast --only firewall',
    '<%= config.bin %> <%= command.id %> --json | jq \'.checks[] | select(.status != "ok")\'',
  ]

  static override readonly flags = {
    'config-dir': Flags.string({ description: 'directory with network.conf', helpValue: 'DIR' }),
    peer: Flags.string({
      description: 'IPv4 address of a machine where `ais doctor --listen` runs; may be given several times',
      helpValue: 'ADDRESS',
      multiple: true,
      parse: (text) => {
        if (isIPv4(text)) return Promise.resolve(text)
        throw new Errors.CLIError(`--peer ${text} is no IPv4 address`, { exit: exitCodes.usage })
      },
    }),
    only: Flags.string({
      description: 'run this check alone; may be given several times',
      options: checkIds,
      helpValue: 'CHECK',
      multiple: true,
      exclusive: ['listen'],
    }),
    skip: Flags.string({
      description: 'leave this check out; may be given several times',
      options: checkIds,
      helpValue: 'CHECK',
      multiple: true,
      exclusive: ['listen'],
    }),
    listen: Flags.boolean({
      description: 'answer the probes of other machines until SIGINT (Ctrl-C), SIGTERM or --timeout',
      exclusive: ['peer'],
    }),
    timeout: secondsFlag({
      description: 'seconds to listen for [default: until a signal]',
      helpValue: 'SECONDS',
      dependsOn: ['listen'],
    }),
  }

  async run(): Promise<Report | ListenSummary> {
    const configDir = configDirectoryOf([
      this.flags['config-dir'],
      process.env['AIS_CONFIG_DIR'],
      this.settings.configDir,
    ])
    return this.flags.listen ? this.listen(configDir) : this.examine(configDir)
  }

  private async examine(configDir: string): Promise<Report> {
    const peers = [...new Set(this.flags.peer ?? [])]
    const { node } = this.config.pjson.engines as { readonly node: string }
    const context = await makeContext({ configDir, peers, host: hostHere(), nodeRequired: node })
    const items = this.chosenChecks(peers.length > 0).map((check) => ({
      title: check.title,
      run: () => runCheck(check, context),
    }))
    let checks: CheckResult[] = []
    if (this.jsonEnabled()) for (const { run } of items) checks.push(...(await run()))
    else checks = await printChecklist(items)
    const of = (wanted: string): number => checks.filter(({ status }) => status === wanted).length
    this.log(`${checks.length} checks: ${of('ok')} ok, ${of('warn')} to look at, ${of('fail')} failed`)
    if (of('fail') > 0) process.exitCode = exitCodes.failed
    return { ok: of('fail') === 0, checks }
  }

  private chosenChecks(hasPeers: boolean): readonly Check[] {
    const { only, skip = [] } = this.flags
    return checksFor(hasPeers).filter(({ id }) => (only?.includes(id) ?? true) && !skip.includes(id))
  }

  private async listen(configDir: string): Promise<ListenSummary> {
    const place = await this.place(configDir)
    const signals = [
      stopSignal(),
      ...(this.flags.timeout === undefined ? [] : [timeoutOf(this.flags.timeout)]),
    ]
    let listener: Listener
    try {
      listener = new Listener(place, {
        onAsker: (address) => this.log(`${address} asks`),
        onStranger: (address) => this.warn(`${address} asks and is not answered: it is not of this network`),
      })
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      return this.fail(error.message, exitCodes.failed, [error.hint])
    }
    try {
      const ports = portsText(place, listener.ports)
      // With --json as well: whoever started it waits for this line.
      process.stderr.write(`answering on ${place.group}:${place.port} and ${ports}\n`)
      await aborted(AbortSignal.any(signals))
      const { summary } = listener
      for (const { address, requests } of summary.askers)
        this.log(`${address}: ${requests} requests answered`)
      return summary
    } finally {
      await listener.close()
    }
  }

  /** Where this node is; what is wrong with the configuration ends the command. */
  private async place(configDir: string): Promise<Place> {
    const loaded = await loadNetworkConfig(configDir)
    if (!loaded.ok) return this.failConfiguration(loaded.path, loaded.diagnostics)
    const chosen = chooseInterface(loaded.config, listInterfaces())
    if (!chosen.ok) return this.failConfiguration(loaded.path, [chosen.diagnostic])
    return placeOf(loaded.config, chosen.choice, listInterfaces())
  }
}

function portsText({ address }: Place, ports: readonly number[]): string {
  if (ports.length === 0) return `on no port of ${address}: others hold them`
  return ports.map((port) => `${address}:${port}`).join(', ')
}

/** Of a timer; more than it can hold is for ever. */
function timeoutOf(timeoutMs: number): AbortSignal {
  return timeoutMs <= TIMER_MAX_MS ? AbortSignal.timeout(timeoutMs) : new AbortController().signal
}
