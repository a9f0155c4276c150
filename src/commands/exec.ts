import { Flags } from '@oclif/core'
import { BaseCommand } from '../cli/base-command.js'
import { exitCodes } from '../cli/exit-codes.js'
import {
  configDirectoryOf,
  logFormats,
  logLevels,
  runExecutive,
  type ExecutiveOutcome,
} from '../exec/index.js'

const exitCodeOf: Record<ExecutiveOutcome, number> = {
  stopped: exitCodes.ok,
  failed: exitCodes.failed,
  configuration: exitCodes.configuration,
}

export default class Exec extends BaseCommand<typeof Exec> {
  static override readonly summary = 'Run the executive of this node in the foreground.'
  static override readonly description =
    'Finds the other nodes of the cluster and prints, on each configuration, the ring id and the addresses ' +
    'and names of its members on stdout. The log is on stderr. SIGTERM or SIGINT (Ctrl-C) leaves the ' +
    'cluster; a second one ends at once. The configuration directory is --config-dir, or $AIS_CONFIG_DIR, ' +
    "or configDir of the user's own settings (.aisrc), or /etc/ais."

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --config-dir ./conf',
    '<%= config.bin %> <%= command.id %> --json 2>ais.log | jq .members',
    '<%= config.bin %> <%= command.id %> --log-level debug --log-format json',
  ]

  static override readonly flags = {
    'config-dir': Flags.string({ description: 'directory with network.conf', helpValue: 'DIR' }),
    'log-level': Flags.option({ options: logLevels, default: 'info' as const })({
      description: 'least severe lines of the log',
    }),
    'log-format': Flags.option({ options: logFormats, default: 'text' as const })({
      description: 'form of the log',
    }),
  }

  async run(): Promise<void> {
    const outcome = await runExecutive({
      configDir: configDirectoryOf([
        this.flags['config-dir'],
        process.env['AIS_CONFIG_DIR'],
        this.settings.configDir,
      ]),
      json: this.jsonEnabled(),
      logLevel: this.flags['log-level'],
      logFormat: this.flags['log-format'],
      version: this.config.version,
    })
    process.exitCode = exitCodeOf[outcome]
  }
}
