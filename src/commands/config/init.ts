import { Flags } from '@oclif/core'
import { shellWord } from '../../base/index.js'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { formatDiagnostic, listInterfaces, printable, type InterfaceAddress } from '../../config/index.js'
import { configDirectoryOf } from '../../exec/index.js'
import {
  askInitValues,
  canAsk,
  checkUnconfigured,
  confirmInit,
  firstOutside,
  initConfig,
  InitError,
  initForms,
  interfaceText,
  isGivenUp,
  meantInterfaces,
  problemOf,
  proposed,
  proposeInterfaces,
  type Answered,
  type InitAnswers,
  type InitForm,
  type InitKey,
  type InitResult,
  type ProposedInterface,
} from '../../programs/index.js'

const flagOf = {
  clustername: 'cluster-name',
  mcastaddr: 'mcastaddr',
  mcastport: 'mcastport',
  nodename: 'node-name',
} as const

export default class ConfigInit extends BaseCommand<typeof ConfigInit> {
  static override readonly summary = 'Begin a configuration: write network.conf and groups.conf.'
  static override readonly description =
    'Asks for the name of the cluster, the interface of this node, multicast group and port, as far as no ' +
    'flag says them; --yes takes the defaults for the rest. Without a terminal and without --yes all of ' +
    'them are to be given. The directory is made if missing; what is written was checked first. A network ' +
    'configuration that is there, in whatever form, is left as it is; with --force it is kept as ' +
    'FILE.bak-NUMBER and replaced. A groups.conf that is there is never touched.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
    '<%= config.bin %> <%= command.id %> --cluster-name shop --interface eth1 --form yaml',
  ]

  static override readonly flags = {
    'config-dir': Flags.string({ description: 'directory to write into', helpValue: 'DIR' }),
    form: Flags.string({
      description: 'how the files are written',
      options: [...initForms],
      default: 'conf',
    }),
    'cluster-name': Flags.string({
      description: `name of the cluster [with --yes: ${proposed.clustername}]`,
      helpValue: 'NAME',
    }),
    interface: Flags.string({
      description: 'interface of this node, by name or address [with --yes: the first but loopback]',
      helpValue: 'NAME',
    }),
    mcastaddr: Flags.string({
      description: `multicast group of the cluster [with --yes: ${proposed.mcastaddr}]`,
      helpValue: 'ADDRESS',
    }),
    mcastport: Flags.string({
      description: `UDP port of the group [with --yes: ${proposed.mcastport}]`,
      helpValue: 'PORT',
    }),
    'node-name': Flags.string({
      description: 'name of this node [default: the host name]',
      helpValue: 'NAME',
    }),
    yes: Flags.boolean({ description: 'ask nothing: defaults for what is not given' }),
    force: Flags.boolean({ description: 'set aside a network configuration that is there' }),
  }

  private readonly interfaces: readonly InterfaceAddress[] = listInterfaces()

  async run(): Promise<InitResult> {
    try {
      return await this.begin()
    } catch (error) {
      if (isGivenUp(error)) this.fail('given up: nothing was written', exitCodes.failed)
      if (!(error instanceof InitError)) throw error
      return this.fail(error.message, exitCodes.failed, [...error.suggestions])
    }
  }

  private async begin(): Promise<InitResult> {
    const { flags } = this
    const given = this.given()
    const environment = process.env['AIS_CONFIG_DIR']
    const usual = configDirectoryOf([environment, this.settings.configDir])
    const directory = configDirectoryOf([flags['config-dir'], usual])
    // Before anybody is asked anything.
    if (!flags.force) await checkUnconfigured(directory)
    const { proposal, ...answers } = await this.answers(given, directory)
    const result = await initConfig({
      directory,
      form: flags.form as InitForm,
      values: { ...answers, bindnetaddr: proposal.bindnetaddr, nodename: flags['node-name'] ?? null },
      proposal,
      isForced: flags.force,
    })
    this.tell(result, directory === usual)
    return result
  }

  /** What the flags say, checked. */
  private given(): InitAnswers {
    const { flags } = this
    const checked = (key: Exclude<InitKey, 'bindnetaddr'>): string | undefined => {
      const value = flags[flagOf[key]]
      const problem = value === undefined ? null : problemOf(key, value)
      return problem === null ? value : this.fail(`--${flagOf[key]}: ${problem}`, exitCodes.usage)
    }
    checked('nodename')
    const word = flags.interface
    return {
      clustername: checked('clustername'),
      proposal: word === undefined ? undefined : this.meant(word),
      mcastaddr: checked('mcastaddr'),
      mcastport: checked('mcastport'),
    }
  }

  private meant(word: string): ProposedInterface {
    const all = proposeInterfaces(this.interfaces)
    const meant = meantInterfaces(word, all)
    if (meant.length === 1) return meant[0]
    const [what, candidates] =
      meant.length === 0 ? ['no interface of this machine', all] : ['several addresses', meant]
    const list = candidates.map(interfaceText).join(', ')
    const message = `--interface ${printable(word)} is ${what}; there are: ${list === '' ? 'none' : list}`
    return this.fail(message, exitCodes.usage)
  }

  private async answers(given: InitAnswers, directory: string): Promise<Answered> {
    const { clustername, proposal, mcastaddr, mcastport } = given
    if (clustername !== undefined && proposal !== undefined && mcastaddr !== undefined) {
      if (mcastport !== undefined) return { clustername, proposal, mcastaddr, mcastport }
    }
    if (this.flags.yes) return this.defaults(given)
    if (!canAsk()) return this.failUnasked(given)
    if (proposal === undefined && this.interfaces.length === 0) return this.failLonely()
    const answered = await askInitValues(given, this.interfaces)
    const question = `Write network.${this.flags.form} into ${printable(directory)}?`
    if (!(await confirmInit(question))) this.fail('given up: nothing was written', exitCodes.failed)
    return answered
  }

  private defaults(given: InitAnswers): Answered {
    return {
      clustername: given.clustername ?? proposed.clustername,
      proposal: given.proposal ?? firstOutside(this.interfaces) ?? this.failLonely(),
      mcastaddr: given.mcastaddr ?? proposed.mcastaddr,
      mcastport: given.mcastport ?? proposed.mcastport,
    }
  }

  private failLonely(): never {
    const message = 'this machine has no interface with an IPv4 address but loopback'
    this.fail(message, exitCodes.failed, [
      'ip address',
      '--interface 127.0.0.1, for a cluster on this machine',
    ])
  }

  private failUnasked({ clustername, proposal, mcastaddr, mcastport }: InitAnswers): never {
    const flags = { 'cluster-name': clustername, interface: proposal, mcastaddr, mcastport }
    const missing = Object.entries(flags).flatMap(([flag, value]) =>
      value === undefined ? [`--${flag}`] : [],
    )
    const message = `there is no terminal to ask on, and no ${missing.join(', ')}`
    this.fail(message, exitCodes.usage, ['--yes, which takes the defaults'])
  }

  private tell(result: InitResult, isUsual: boolean): void {
    const { configDir, written, kept, backups, diagnostics } = result
    for (const { file, backup } of backups) this.log(`${printable(file)} is kept as ${printable(backup)}`)
    for (const diagnostic of diagnostics) this.log(formatDiagnostic(written[0], diagnostic))
    for (const file of written) this.log(`${printable(file)} written`)
    for (const file of kept) this.log(`${printable(file)} is there and stays as it is`)
    this.log(printable(result.interface.reason))
    const where = isUsual ? '' : ` --config-dir ${printable(shellWord(configDir))}`
    this.log(`Next:\n  ais doctor${where}    # is this machine ready?\n  ais exec${where}`)
    this.log('Then the same on the other machines, with the same cluster name, group and port.')
  }
}
