import type { CpgAddress } from '../../base/index.js'
import type { Announcement, Membership } from './wire.js'

/** A member of a group, on whatever node. */
export interface KnownMember extends Membership, CpgAddress {}

/** What is known of one node. */
interface KnownNode {
  readonly members: Map<number, KnownMember>
  /** Numbers of those that have joined since the view began: its announcement is older than they are. */
  readonly fresh: Set<number>
  held: ReadonlySet<string>
}

/** What became different by one message or view: for each group in which something did. */
export type MemberChanges = Map<string, { joined: KnownMember[]; left: KnownMember[] }>

/** Who is in which group, as far as the nodes of the view have told. */
export class KnownMembers {
  private readonly nodes = new Map<number, KnownNode>()
  private readonly groups = new Map<string, Set<KnownMember>>()

  /** Sorted by node id and pid. */
  membersOf(group: string): KnownMember[] {
    return [...(this.groups.get(group) ?? [])].sort((a, b) => {
      return a.nodeId - b.nodeId || a.pid - b.pid || a.number - b.number
    })
  }

  find(nodeId: number, number: number): KnownMember | undefined {
    return this.nodes.get(nodeId)?.members.get(number)
  }

  /** A member on some node is behind: nothing is to be sent to this group. */
  isHeld(group: string): boolean {
    for (const { held } of this.nodes.values()) if (held.has(group)) return true
    return false
  }

  hold(nodeId: number, group: string, isHeld: boolean): void {
    const node = this.nodeOf(nodeId)
    const held = new Set(node.held)
    if (isHeld) held.add(group)
    else held.delete(group)
    node.held = held
  }

  /** @returns undefined when it is known already */
  join(nodeId: number, { number, pid, group }: Membership): KnownMember | undefined {
    const node = this.nodeOf(nodeId)
    node.fresh.add(number)
    if (node.members.has(number)) return undefined
    const member = { nodeId, number, pid, group }
    node.members.set(number, member)
    const members = this.groups.get(group)
    if (members === undefined) this.groups.set(group, new Set([member]))
    else members.add(member)
    return member
  }

  /** @returns undefined when it is not known */
  leave(nodeId: number, number: number): KnownMember | undefined {
    const node = this.nodes.get(nodeId)
    const member = node?.members.get(number)
    if (member === undefined) return undefined
    node!.members.delete(number)
    node!.fresh.delete(number)
    const members = this.groups.get(member.group)!
    members.delete(member)
    if (members.size === 0) this.groups.delete(member.group)
    return member
  }

  /** A view began: of nodes that have not come along to it nothing is known any more. */
  onView(companions: ReadonlySet<number>): MemberChanges {
    const changes: MemberChanges = new Map()
    for (const [nodeId, node] of this.nodes) {
      node.fresh.clear()
      if (companions.has(nodeId)) continue
      for (const number of [...node.members.keys()]) note(changes, 'left', this.leave(nodeId, number))
      this.nodes.delete(nodeId)
    }
    return changes
  }

  announce(nodeId: number, { memberships, held }: Announcement): MemberChanges {
    const changes: MemberChanges = new Map()
    const node = this.nodeOf(nodeId)
    const fresh = [...node.fresh]
    const present = new Set([...fresh, ...memberships.map(({ number }) => number)])
    for (const number of [...node.members.keys()]) {
      if (!present.has(number)) note(changes, 'left', this.leave(nodeId, number))
    }
    for (const membership of memberships) note(changes, 'joined', this.join(nodeId, membership))
    node.fresh.clear()
    for (const number of fresh) node.fresh.add(number)
    node.held = new Set(held)
    return changes
  }

  private nodeOf(nodeId: number): KnownNode {
    let node = this.nodes.get(nodeId)
    if (node === undefined) {
      node = { members: new Map(), fresh: new Set(), held: new Set() }
      this.nodes.set(nodeId, node)
    }
    return node
  }
}

function note(changes: MemberChanges, way: 'joined' | 'left', member: KnownMember | undefined): void {
  if (member === undefined) return
  const change = changes.get(member.group) ?? { joined: [], left: [] }
  change[way].push(member)
  changes.set(member.group, change)
}
