/** Why a key of corosync has no counterpart, and what there is in its place. By `section.key` or section. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['totem.hold', 'an idle token is kept for 8 ms (hold), by every node and not by one of them'],
  ['totem.send_join', 'join messages are not delayed'],
  ['totem.downcheck', 'interfaces are watched all the time'],
  ['totem.fail_to_recv_const', 'a member that receives nothing is found by the token timeout'],
  ['totem.fail_recv_const', 'a member that receives nothing is found by the token timeout'],
  ['totem.seqno_unchanged_const', 'a token without traffic is held from its first rotation'],
  ['totem.miss_count_const', 'what is missing is asked for at once'],
  ['totem.heartbeat_failures_allowed', 'there are no heartbeats beside the token'],
  ['totem.max_network_delay', 'there are no heartbeats beside the token'],
  ['totem.threads', 'one thread does it all'],
  ['totem.vsftype', 'there is no virtual synchrony filter: see quorum'],
  ['totem.secauth', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.crypto_type', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.crypto_model', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.crypto_cipher', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.crypto_hash', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.keyfile', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.key', 'nothing is encrypted or signed: the network must be trusted'],
  ['totem.link_mode', 'there is one network; bond interfaces below it'],
  ['totem.rrp_mode', 'there is one network; bond interfaces below it'],
  ['totem.config_version', 'configurations are compared by meaning: ais config diff'],
  ['totem.ip_version', 'IPv4 is all there is'],
  ['totem.ip_dscp', 'packets are not marked'],
  ['totem.token_warning', 'a late token is a line of the log at the token timeout'],
  ['totem.block_unlisted_ips', 'members are not listed: a cluster has a name, and a network of its own'],
  ['totem.cancel_token_hold_on_retransmit', 'a token is not held while anything is missing'],
  ['totem.clear_node_high_bit', 'give nodeid'],
  ['totem.nodeid', 'the ID of the node in the nodelist holds'],
  ['totem.netmtu', 'with knet it is no size of packets on the wire'],
  ['totem.transport', 'a cluster speaks UDP multicast'],
  ['totem.version', 'only version 2 is known'],
  ['totem.token_retransmits_before_loss_const', 'retransmit says how soon a token is sent again'],
  ['totem.retransmits_before_loss', 'retransmit says how soon a token is sent again'],
  ['totem.token_coefficient', 'token is the same for every number of nodes'],
  ['totem.interface.broadcast', 'a cluster speaks multicast'],
  ['totem.interface.bindnetaddr', 'the address of the node in the nodelist holds'],
  ['totem.interface.member.memberaddr', 'members are not listed: they find each other by multicast'],
  ['nodelist.node.quorum_votes', 'every node has one vote'],
  ['nodelist.node.name', 'with --node it becomes the nodename of that node'],
  ['nodelist.node.nodeid', 'with --node it becomes the nodeid of that node'],
  ['nodelist.node.ring0_addr', 'with --node it becomes the bindnetaddr of that node'],
  ['quorum.provider', 'corosync_votequorum is the only one known'],
  ['quorum.auto_tie_breaker', 'half of the votes are never enough'],
  ['quorum.auto_tie_breaker_node', 'half of the votes are never enough'],
  ['quorum.last_man_standing', 'expected votes stay as they are configured'],
  ['quorum.last_man_standing_window', 'expected votes stay as they are configured'],
  ['quorum.allow_downscale', 'expected votes stay as they are configured'],
  ['quorum.votes', 'every node has one vote'],
  ['quorum.device', 'there is no quorum device'],
  ['compatibility', 'openais whitetank is not spoken'],
  ['logging', 'the executive writes its log to standard error, for systemd to keep'],
  ['event', 'there is no event service'],
  ['amf', 'AMF is on where there is a groups.conf'],
  ['aisexec', 'the user of the executive is that of its process'],
  ['service', 'services are not loaded: all are there'],
  ['uidgid', 'the group of the socket says who may connect'],
  ['system', 'the process is as it was started'],
  ['resources', 'there is no watchdog device'],
  ['nozzle', 'there are no virtual interfaces'],
  ['qb', 'applications connect to a Unix socket'],
])

/** The reason for a path such as `totem.interface.ttl`: its own, or that of the longest part of it. */
export function reasonFor(path: string): string {
  if (/(^|\.)ring[1-9]\d*_addr$/.test(path)) return 'only ring 0 is used'
  if (/(^|\.)(knet|rrp)_/.test(path)) return 'there is one network, and UDP multicast on it'
  for (let part = path; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('.')))) {
    const reason = reasons.get(part)
    if (reason !== undefined) return reason
  }
  return 'nothing here goes by that name'
}
