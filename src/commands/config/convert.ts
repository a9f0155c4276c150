import { Args, Flags } from '@oclif/core'
import { randomUUID } from 'node:crypto'
import { link, rename, rm, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { BaseCommand } from '../../cli/base-command.js'
import { exitCodes } from '../../cli/exit-codes.js'
import { writeOctets } from '../../cli/standard-output.js'
import {
  configKinds,
  convertText,
  formatNames,
  type ConfigKind,
  type FormatName,
} from '../../config/convert/index.js'
import { configTextOf, formatDiagnostic, loadConfigText, type Diagnostic } from '../../config/index.js'

interface Answer {
  readonly file: string
  readonly from: FormatName | null
  readonly to: FormatName
  /** The file that was written; null: none. */
  readonly out: string | null
  readonly text: string | null
  readonly diagnostics: readonly Diagnostic[]
}

export default class ConfigConvert extends BaseCommand<typeof ConfigConvert> {
  static override readonly summary = 'Write a configuration in another format: ours, or of another system.'

  static override readonly description =
    'Reads and writes network.conf and groups.conf (classic), YAML, JSON, corosync.conf, amf.conf of\n' +
    'openais, imm.xml of OpenSAF and CIBs of pacemaker, as far as each holds what is asked for.\n' +
    'What has no counterpart there is reported with its line and column on standard error.\n' +
    'docs/configuration.md has the tables of what becomes what.\n' +
    'Exits with 3 if the file is not good or, with --strict, if anything is lost.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> /etc/ais/network.conf --to corosync',
    '<%= config.bin %> <%= command.id %> /etc/corosync/corosync.conf --to classic --out network.conf',
    '<%= config.bin %> <%= command.id %> /etc/ais/groups.conf --to yaml --strict',
  ]

  static override readonly args = {
    file: Args.string({ name: 'FILE', description: 'file to convert; - for standard input', required: true }),
  }

  static override readonly flags = {
    to: Flags.string({ description: 'format to write', options: [...formatNames], required: true }),
    from: Flags.string({
      description: 'format to read, where FILE does not show it',
      options: [...formatNames],
    }),
    out: Flags.string({ description: 'file to write; standard output without it', helpValue: 'FILE' }),
    force: Flags.boolean({ description: 'write over an existing file', dependsOn: ['out'] }),
    type: Flags.string({
      description: 'which of our two files FILE is, where it does not show',
      options: [...configKinds],
    }),
    node: Flags.string({
      description: 'node of the nodelist whose network.conf is wanted: its name, ID or address',
      helpValue: 'NAME',
    }),
    mcastaddr: Flags.string({ description: 'multicast group, where FILE has none', helpValue: 'ADDRESS' }),
    mcastport: Flags.string({ description: 'multicast port, where FILE has none', helpValue: 'PORT' }),
    'unit-node': Flags.string({
      description: 'node of a unit that names none, where the format needs one; may be given several times',
      helpValue: 'UNIT=NODE',
      multiple: true,
    }),
    member: Flags.string({
      description: 'node of the cluster, for formats that list them; may be given several times',
      helpValue: 'NAME=ADDRESS[,NODEID]',
      multiple: true,
    }),
    'legacy-port-byteorder': Flags.boolean({
      description: 'the network.conf is of the original executive, which swapped the octets of mcastport',
    }),
    strict: Flags.boolean({ description: 'what has no counterpart is an error' }),
  }

  override async run(): Promise<Answer> {
    const { file } = this.args
    const { flags } = this
    const nodesOfUnits = this.unitNodes(flags['unit-node'] ?? [])
    const loaded = file === '-' ? configTextOf(await buffer(process.stdin)) : await loadConfigText(file)
    if (!loaded.ok) this.failConfiguration(file, [loaded.diagnostic])
    const { ok, from, to, text, diagnostics } = convertText(loaded.text, {
      fileName: file,
      from: (flags.from as FormatName | undefined) ?? null,
      to: flags.to as FormatName,
      kind: (flags.type as ConfigKind | undefined) ?? null,
      node: flags.node ?? null,
      mcastAddress: flags.mcastaddr ?? null,
      mcastPort: flags.mcastport ?? null,
      nodesOfUnits,
      members: flags.member ?? [],
      legacyPortByteorder: flags['legacy-port-byteorder'],
      isStrict: flags.strict,
    })
    if (!ok || text === null) this.failConfiguration(file, diagnostics)
    await this.put(text)
    if (!this.jsonEnabled()) {
      for (const diagnostic of diagnostics) this.logToStderr(formatDiagnostic(file, diagnostic))
    }
    return { file, from, to, out: flags.out ?? null, text, diagnostics }
  }

  private unitNodes(pairs: readonly string[]): Map<string, string> {
    const nodes = new Map<string, string>()
    for (const pair of pairs) {
      const equals = pair.indexOf('=')
      const unit = pair.slice(0, Math.max(0, equals))
      if (unit === '' || equals === pair.length - 1 || nodes.has(unit)) {
        const why = nodes.has(unit) ? `gives the unit ${unit} a second node` : 'is not UNIT=NODE'
        this.fail(`--unit-node ${pair} ${why}`, exitCodes.usage)
      }
      nodes.set(unit, pair.slice(equals + 1))
    }
    return nodes
  }

  private async put(text: string): Promise<void> {
    const { out, force } = this.flags
    if (out === undefined) {
      if (!this.jsonEnabled()) await writeOctets(new TextEncoder().encode(text))
      return
    }
    const temporary = `${out}.${randomUUID()}.tmp`
    try {
      await writeFile(temporary, text, { flag: 'wx' })
      // A link is refused where there is a file already, whoever made it since anybody looked.
      if (force) await rename(temporary, out)
      else await link(temporary, out)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') this.fail(`${out} exists and is left as it is`, exitCodes.failed, ['--force'])
      this.fail(`${out} cannot be written: ${message}`, exitCodes.failed)
    } finally {
      await rm(temporary, { force: true })
    }
  }
}
