import type { InterfaceAddress } from '../config/index.js'
import { interfaceText, proposeInterfaces, type ProposedInterface } from './config-init-interfaces.js'
import { problemOf, proposed } from './config-init-values.js'

/** What is to be known before a configuration can be written; undefined: not said yet. */
export interface InitAnswers {
  readonly clustername: string | undefined
  readonly proposal: ProposedInterface | undefined
  readonly mcastaddr: string | undefined
  readonly mcastport: string | undefined
}

export type Answered = { readonly [K in keyof InitAnswers]: NonNullable<InitAnswers[K]> }

// Standard output is for what the command has to say in the end.
const terminal = { output: process.stderr }

/** Is somebody there to be asked? */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Did the user end a question with Ctrl-C? */
export function isGivenUp(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError'
}

async function askText(key: 'clustername' | 'mcastaddr' | 'mcastport', message: string): Promise<string> {
  const { default: input } = await import('@inquirer/input')
  const validate = (value: string): true | string => problemOf(key, value) ?? true
  return input({ message, default: proposed[key], validate }, terminal)
}

async function askInterface(all: readonly InterfaceAddress[]): Promise<ProposedInterface> {
  const { default: select } = await import('@inquirer/select')
  const choices = proposeInterfaces(all).map((value) => ({
    value,
    name: interfaceText(value),
    short: value.address,
    description: `bindnetaddr: ${value.bindnetaddr} (${value.why})`,
  }))
  return select({ message: 'Interface of this node', choices }, terminal)
}

/** Ask for what was not said. @param all the addresses of this machine, at least one */
export async function askInitValues(given: InitAnswers, all: readonly InterfaceAddress[]): Promise<Answered> {
  const clustername = given.clustername ?? (await askText('clustername', 'Name of the cluster'))
  const proposal = given.proposal ?? (await askInterface(all))
  const mcastaddr = given.mcastaddr ?? (await askText('mcastaddr', 'Multicast group'))
  const mcastport = given.mcastport ?? (await askText('mcastport', 'UDP port (the one below is used, too)'))
  return { clustername, proposal, mcastaddr, mcastport }
}

export async function confirmInit(message: string): Promise<boolean> {
  const { default: confirm } = await import('@inquirer/confirm')
  return confirm({ message, default: true }, terminal)
}
