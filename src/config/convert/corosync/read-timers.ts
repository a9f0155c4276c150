import { valuePosition } from '../../check-context.js'
import { reportAssumed, reportCurtailed } from '../lost.js'
import { sectionsOf, type Merged, type Source } from './source.js'

/** Defaults of the generations of corosync. */
const TOKEN_MS = { openais: 1000, old: 1000, new: 3000 }
const OPENAIS_JOIN_MS = '100'
const OPENAIS_CONSENSUS_MS = '200'
const TOKEN_COEFFICIENT_MS = 650
const RETRANSMITS = 4
const CONSENSUS_FACTOR = 1.2
const WINDOW_SIZE = 50
const MAX_MESSAGES = 17

/** Ours: the longest a token waits to be sent again, and the shortest it can be told to. */
const RETRANSMIT_MAX_MS = 250
const RETRANSMIT_MIN_MS = 10
const ACCELERATED_WINDOW = 20

/** Keys that only corosync 3 knows, or 2 that were given up by it. */
const newKeys = /^(knet_|crypto_model$|link_mode$|token_warning$|ip_dscp$|cancel_token_hold|block_unlisted)/
const oldKeys = /^(secauth|rrp_|threads$|vsftype$|crypto_type$|nodeid$)/

type Generation = keyof typeof TOKEN_MS

/** What openais never had: corosync took its sections over, and read them with defaults of its own. */
function isOfCorosync({ file }: Source): boolean {
  const logging = sectionsOf(file, 'logging').flatMap(({ items }) => items)
  return (
    file.items.some(({ key }) => key === 'compatibility') ||
    logging.some(({ key }) => key === 'to_logfile') ||
    file.sections.some(({ name }) => name === 'quorum' || name === 'nodelist' || name === 'uidgid')
  )
}

/** Which generation a file is of; null: it could be either of the later ones. */
function generationOf(source: Source, totem: Merged): Generation | null {
  const { file } = source
  const within = totem.sections.flatMap(({ items }) => items)
  const keys = [...totem.items, ...within].map(({ key }) => key)
  const isKnet = totem.items.some(({ key, value }) => key === 'transport' && value === 'knet')
  const isSystem = file.sections.some(({ name }) => name === 'system')
  const isOpenais = file.sections.some(({ name }) => name === 'aisexec' || name === 'event')
  if ((isOpenais && !isOfCorosync(source)) || keys.includes('retransmits_before_loss')) return 'openais'
  if (file.items.some(({ key }) => key === 'compatibility')) return 'old'
  if (isKnet || isSystem || keys.includes('linknumber') || keys.some((key) => newKeys.test(key))) return 'new'
  return keys.includes('ringnumber') || keys.some((key) => oldKeys.test(key)) ? 'old' : null
}

/** The token timeout with what corosync adds for each node beyond the second; NaN: no number. */
function takeToken(source: Source, totem: Merged, nodes: number, generation: Generation | null): number {
  const given = source.take(totem, 'token')
  const base = source.number(given, TOKEN_MS[generation ?? 'old'])
  const coefficient = source.take(totem, 'token_coefficient')
  const perNode = nodes > 2 ? source.number(coefficient, TOKEN_COEFFICIENT_MS) : 0
  const tokenMs = base + Math.max(0, nodes - 2) * perNode
  if (Number.isNaN(tokenMs)) {
    source.give('token', Number.isNaN(base) ? given : coefficient)
    return tokenMs
  }
  if (given === null) source.giveAt('token', totem.place, String(tokenMs))
  else source.give('token', given, String(tokenMs))
  if (given === null && generation === null) {
    const message =
      'token is not given, and the default of corosync is 1000 ms up to version 2, ' +
      `3000 ms in version 3: ${tokenMs} ms is assumed`
    reportAssumed('token', totem.place, message, source.context)
    source.notes.set('token', 'assumed: corosync 3 takes 3000 by default, older versions 1000')
  } else if (given === null) source.notes.set('token', "corosync's default")
  if (nodes > 2 && perNode > 0) {
    const message = `token is ${tokenMs} ms: corosync adds ${perNode} ms for each of ${nodes} nodes but two`
    const place = given === null ? totem.place : valuePosition(given)
    reportAssumed('token', place, message, source.context)
    const added = `${base} and ${perNode} (token_coefficient) for each of ${nodes} nodes but two`
    source.notes.set('token', [source.notes.get('token') ?? [], added].flat().join('; '))
  }
  return tokenMs
}

/** How soon a token is sent again: what corosync makes of it, at most as long as it may be here. */
function takeRetransmit(source: Source, totem: Merged, tokenMs: number): void {
  const given = source.take(totem, 'token_retransmit')
  if (given !== null) {
    const retransmitMs = source.number(given, 0)
    const isLonger = retransmitMs > RETRANSMIT_MAX_MS
    source.give('retransmit', given, isLonger ? String(RETRANSMIT_MAX_MS) : given.value)
    if (!isLonger) return
    const why = `a token is sent again after ${RETRANSMIT_MAX_MS} ms at the latest, which is written`
    reportCurtailed(given, 'network.conf', why, source.context)
    return
  }
  const retransmits = ['token_retransmits_before_loss_const', 'retransmits_before_loss']
    .map((key) => source.take(totem, key))
    .find((entry) => entry !== null)
  const retransmitMs = Math.trunc(tokenMs / (source.number(retransmits ?? null, RETRANSMITS) + 0.2))
  if (!(retransmitMs < RETRANSMIT_MAX_MS)) {
    if (retransmits === undefined) return
    const derived = Number.isNaN(retransmitMs)
      ? ''
      : `, not after the ${retransmitMs} ms that it makes of token`
    const why = `a token is sent again after ${RETRANSMIT_MAX_MS} ms at the latest${derived}`
    reportCurtailed(retransmits, 'network.conf', why, source.context)
    return
  }
  const value = String(Math.max(RETRANSMIT_MIN_MS, retransmitMs))
  source.notes.set('retransmit', 'as corosync derives it from token')
  if (retransmits === undefined) source.giveAt('retransmit', totem.place, value)
  else source.give('retransmit', retransmits, value)
}

function takeConsensus(source: Source, totem: Merged, tokenMs: number, generation: Generation | null): void {
  const given = source.take(totem, 'consensus')
  if (given !== null) source.give('consensus', given)
  else if (generation === 'openais') {
    source.giveAt('consensus', totem.place, OPENAIS_CONSENSUS_MS, "openais's default")
  } else if (!Number.isNaN(tokenMs)) {
    const note = "corosync's default, 1.2 times token; here less than token is enough"
    const value = String(Math.trunc(Math.fround(CONSENSUS_FACTOR * tokenMs)))
    source.giveAt('consensus', totem.place, value, note)
  }
}

function takeWindows(source: Source, totem: Merged): void {
  const window = source.take(totem, 'window_size')
  if (window === null) source.giveAt('window', totem.place, String(WINDOW_SIZE), "corosync's default")
  else source.give('window', window)
  const messages = source.take(totem, 'max_messages')
  if (messages === null)
    source.giveAt('max-messages', totem.place, String(MAX_MESSAGES), "corosync's default")
  else source.give('max-messages', messages)
  const most = source.number(messages, MAX_MESSAGES)
  if (most < ACCELERATED_WINDOW)
    source.giveAt('accelerated-window', totem.place, String(most), 'at most max-messages')
}

/**
 * Times and sizes of the ring. Where the defaults differ the value is written out, so that it stays.
 * @param nodes as many as the file lists
 * @param isKnet its netmtu is no size of packets
 */
export function takeTimers(source: Source, totem: Merged, nodes: number, isKnet: boolean): void {
  const generation = generationOf(source, totem)
  const tokenMs = takeToken(source, totem, nodes, generation)
  takeRetransmit(source, totem, tokenMs)
  takeConsensus(source, totem, tokenMs, generation)
  const join = source.take(totem, 'join')
  if (join === null && generation === 'openais') {
    source.giveAt('join', totem.place, OPENAIS_JOIN_MS, "openais's default")
  } else source.give('join', join)
  source.give('merge', source.take(totem, 'merge'))
  takeWindows(source, totem)
  if (!isKnet) source.give('netmtu', source.take(totem, 'netmtu'))
}
