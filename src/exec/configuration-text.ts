import type { Configuration, Departed, Member } from '../group/index.js'

/** One line of `ais exec --json`. */
export interface ConfigurationDocument {
  readonly event: 'configuration'
  readonly kind: 'regular' | 'transitional'
  readonly ringId: { readonly representative: number; readonly sequence: number }
  readonly members: readonly MemberDocument[]
  readonly joined: readonly MemberDocument[]
  readonly left: readonly (MemberDocument & { readonly reason: 'left' | 'failed' })[]
}

export interface MemberDocument {
  readonly nodeId: number
  readonly address: string
  readonly name: string
}

export function configurationDocument(configuration: Configuration): ConfigurationDocument {
  const { kind, ringId, members, joined, left } = configuration
  return {
    event: 'configuration',
    kind,
    ringId: { representative: ringId.representative, sequence: ringId.sequence },
    members: members.map(memberDocument),
    joined: joined.map(memberDocument),
    left: left.map((member) => ({ ...memberDocument(member), reason: member.reason })),
  }
}

/** A configuration for people: its ring id and the addresses and names of members, gone and new. */
export function configurationText(configuration: Configuration): string {
  const { kind, ringId, members, joined, left } = configuration
  return [
    `CONFIGURATION CHANGE: ${kind}, ring ${ringId.representative}/${ringId.sequence}`,
    'New Configuration:',
    ...members.map(memberText),
    'Members Left:',
    ...left.map(departedText),
    'Members Joined:',
    ...joined.map(memberText),
    '',
  ].join('\n')
}

/** For the log: what changed, in one line. */
export function configurationSummary(configuration: Configuration): string {
  const { kind, ringId, members, joined, left } = configuration
  const changes = [
    ...left.map((member) => `${member.name} (${member.address}) ${member.reason}`),
    ...joined.map((member) => `${member.name} (${member.address}) joined`),
  ]
  const count = members.length === 1 ? '1 member' : `${members.length} members`
  const ring = `${ringId.representative}/${ringId.sequence}`
  const what = changes.length > 0 ? `: ${changes.join(', ')}` : ''
  return `${kind} configuration of ${count} on ring ${ring}${what}`
}

function memberDocument({ nodeId, address, name }: Member): MemberDocument {
  return { nodeId, address, name }
}

function memberText({ address, name }: Member): string {
  return `\t${address}\t${name}`
}

function departedText(member: Departed): string {
  return `${memberText(member)}\t(${member.reason})`
}
