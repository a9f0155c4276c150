import { checkNetworkText, type NetworkConfig } from '../config/index.js'

/** What `ais config init` writes into a network.conf. */
export interface InitValues {
  readonly clustername: string
  readonly bindnetaddr: string
  readonly mcastaddr: string
  readonly mcastport: string
  /** null: the host name, whichever machine it is. */
  readonly nodename: string | null
}

/** What is proposed, and taken with --yes: conf/network.conf of the package has the same group and port. */
export const proposed = { clustername: 'ais', mcastaddr: '226.94.1.1', mcastport: '6000' } as const

export type InitKey = keyof InitValues

const readBack: Readonly<Record<InitKey, (config: NetworkConfig) => string | null>> = {
  clustername: (config) => config.clusterName,
  bindnetaddr: (config) => config.bindTarget.text,
  mcastaddr: (config) => config.mcastAddress,
  mcastport: (config) => String(config.mcastPort),
  nodename: (config) => config.nodeName,
}

const good = { bindnetaddr: '127.0.0.1', ...proposed }

/**
 * Would network.conf say what was asked for?
 * @returns what is wrong with the value, for people; null: nothing
 */
export function problemOf(key: InitKey, value: string): string | null {
  if (value === '') return `${key} has no value`
  if (/[\r\n]/.test(value)) return `${key} is a line of its own: it holds no line ends`
  const lines = Object.entries({ ...good, [key]: value }).map(([name, text]) => `${name}: ${text}\n`)
  const checked = checkNetworkText(lines.join(''))
  if (!checked.ok) return checked.diagnostics.find(({ severity }) => severity === 'error')!.message
  const read = readBack[key](checked.config)
  if (read === value) return null
  return `${key} ${JSON.stringify(value)} would be read as ${JSON.stringify(read)}`
}
