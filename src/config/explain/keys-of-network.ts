import type { KeyStory } from './story.js'

const identity: Readonly<Record<string, KeyStory>> = {
  bindnetaddr: {
    story:
      'A machine often has several addresses, and the cluster speaks from one. What is written here ' +
      'must match exactly one of them, so that a node never comes back with another address after a ' +
      'reboot. The executive sets the interface for multicast itself: no default route is needed.',
    example: 'bindnetaddr: 192.168.1.0',
    related: ['mcastaddr', 'nodeid'],
    elsewhere:
      'corosync: bindnetaddr in totem/interface, or the address of a node in nodelist. The original ' +
      'compared the first three octets, whatever the netmask.',
  },
  mcastaddr: {
    story:
      'All nodes of a cluster listen to this group, and find each other by it. 239.192.0.0 to ' +
      '239.255.255.255 is free for use within an organisation. Switches that snoop IGMP need a ' +
      'querier on the network, else they forget the group after some minutes: `ais doctor --peer` ' +
      'shows that.',
    example: 'mcastaddr: 239.192.1.1',
    related: ['mcastport', 'ttl', 'clustername'],
    elsewhere: 'corosync: mcastaddr in totem/interface.',
  },
  mcastport: {
    story:
      'Frames to all go to this UDP port, frames to one node to the port below. Firewalls have to ' +
      'let both through, in and out. Two clusters on one group need different ports, two apart.',
    example: 'mcastport: 6000',
    related: ['mcastaddr'],
    elsewhere:
      'corosync: mcastport, with the one below likewise. The original swapped the octets of the ' +
      'number by mistake: its 6000 was UDP port 28695. `ais config convert --legacy-port-byteorder` ' +
      'minds that.',
  },
  nodeid: {
    story:
      'By this number members, messages and lineages of state know the node. By default it is the ' +
      'IPv4 address, which is different on every node by itself. Give it where addresses may change. ' +
      'Two nodes of one number are refused; a number once used should stay with its machine.',
    example: 'nodeid: 7',
    related: ['nodename', 'bindnetaddr'],
    elsewhere: 'corosync: nodeid in nodelist, where it is required since version 3.',
  },
  nodename: {
    story:
      'What people call the node: in `ais clm nodes`, in logs, and as `node=` of a unit in ' +
      'groups.conf. By default the host name. Nothing is looked up by it: neither DNS nor /etc/hosts ' +
      'can mislead the cluster.',
    example: 'nodename: shop1',
    related: ['nodeid', 'node'],
    elsewhere: 'corosync: name in nodelist. OpenSAF: the value of safNode.',
  },
  clustername: {
    story:
      'Frames of a cluster of another name are ignored and counted. Give each cluster one of its ' +
      'own: then two on one network never mix, even if somebody copies a configuration without ' +
      'changing the port.',
    example: 'clustername: shop',
    related: ['mcastaddr', 'mcastport'],
    elsewhere: 'corosync: cluster_name.',
  },
  statedir: {
    story:
      'Here the executive keeps what must survive its end: the highest ring number it has reserved, ' +
      'and checkpoints that were set aside. Deleting it while the node is down is safe only if the ' +
      'rest of the cluster stays up. It belongs on a disk, not on a tmpfs.',
    example: 'statedir: /var/lib/ais',
    related: ['socket'],
  },
  socket: {
    story:
      'Applications connect to this Unix socket. Its mode is 0660 with the group `ais`; where there ' +
      'is no such group, 0600. $AIS_SOCKET and --socket tell applications and commands of another ' +
      'path.',
    example: 'socket: /run/ais/ais.sock',
    related: ['statedir'],
  },
}

const times: Readonly<Record<string, KeyStory>> = {
  token: {
    story:
      'The token goes round all members; if it fails to appear for so long the ring counts as ' +
      'broken, and a new one is formed without those who do not answer. The shorter, the sooner a ' +
      'cut cable is noticed; too short, and a busy machine is taken for dead. A process that is ' +
      'killed is noticed at once, whatever this is. Watch `ais doctor` for the event-loop delay of ' +
      'the machine: stay well above it.',
    example: 'token: 1000',
    related: ['consensus', 'retransmit', 'lease'],
    elsewhere: 'corosync: token, 3000 by default and growing with the number of nodes; the original: 300.',
  },
  consensus: {
    story:
      'While a new ring is being formed, who says nothing for so long counts as failed. It bounds ' +
      'how long a node that is really dead holds up the others.',
    example: 'consensus: 200',
    related: ['token', 'join'],
    elsewhere: 'corosync: consensus, 1.2 × token by default; openais: 200.',
  },
  join: {
    story: 'While a new ring is being formed, each node says so often whom it sees. Less than consensus.',
    example: 'join: 50',
    related: ['consensus'],
    elsewhere: 'corosync: join.',
  },
  merge: {
    story:
      'A ring announces itself so often, for rings that were cut off to find it. They go on doing so ' +
      'for ever: two halves always find together again.',
    example: 'merge: 200',
    related: ['token'],
    elsewhere: 'corosync: merge.',
  },
  hold: {
    story:
      'When nobody has anything to send the token rests for so long at one member, so that an idle ' +
      'cluster costs little. It is called for at once by who wants to send.',
    example: 'hold: 8',
    related: ['token'],
    elsewhere: 'corosync: hold, which it computes from token.',
  },
  retransmit: {
    story:
      'A token that is not answered may just have got lost: it is sent again, at first after the ' +
      'usual time of a round, at last after this one. Less than token, or a lost packet would break ' +
      'the ring.',
    example: 'retransmit: 250',
    related: ['token'],
    elsewhere: 'corosync: token_retransmit.',
  },
}

const flow: Readonly<Record<string, KeyStory>> = {
  window: {
    story:
      'So many frames all members together may send while the token goes round once. More is faster ' +
      'until sockets overflow, and lost frames cost more than was won.',
    example: 'window: 120',
    related: ['max-messages', 'accelerated-window'],
    elsewhere: 'corosync: window_size.',
  },
  'max-messages': {
    story: 'So many frames one member may send when it has the token: the share of each in the window.',
    example: 'max-messages: 50',
    related: ['window', 'accelerated-window'],
    elsewhere: 'corosync: max_messages.',
  },
  'accelerated-window': {
    story:
      'So many of the frames of a visit are sent after the token has been passed on, so that the ' +
      'next member begins meanwhile (the Accelerated Ring Protocol, Babay and Amir 2016). 0 is the ' +
      'plain protocol.',
    example: 'accelerated-window: 20',
    related: ['max-messages', 'window'],
  },
  netmtu: {
    story:
      'Packets are made up to this size. Where it is more than the network carries, packets are cut ' +
      'by IP, or vanish: then small messages pass and large ones break the ring. `ais doctor --peer` ' +
      'tries which sizes pass. All nodes need the same. With jumbo frames all the way 9000 is faster.',
    example: 'netmtu: 9000',
    related: ['window'],
    elsewhere: 'corosync: netmtu.',
  },
  ttl: {
    story:
      'With 1 frames stay on the network; each router on the way takes one more. 0 keeps them on the ' +
      'machine.',
    example: 'ttl: 1',
    related: ['mcastaddr'],
    elsewhere: 'corosync: ttl in totem/interface.',
  },
}

const quorum: Readonly<Record<string, KeyStory>> = {
  quorum: {
    story:
      'When a cluster falls apart, with `majority` the part with more than half of the votes goes ' +
      'on, and the others stop what must not run twice. With `off` every part goes on by itself; ' +
      'when they meet again one side wins and the other is set aside. Off is right for a cluster ' +
      'whose work may run twice.',
    example: 'quorum: majority',
    related: ['expected-votes', 'two-node', 'wait-for-all', 'no-quorum'],
    elsewhere: 'corosync: quorum { provider: corosync_votequorum }.',
  },
  'expected-votes': {
    story:
      'How many nodes the whole cluster has. It must count all of them, also those that are down: a ' +
      'number too small lets two parts believe in their majority.',
    example: 'expected-votes: 3',
    related: ['quorum'],
    elsewhere: 'corosync: expected_votes, by default the length of nodelist.',
  },
  'two-node': {
    story:
      'A majority of two is both. With this one node of two is enough, once both were seen. When the ' +
      'cable between them is cut both go on: `ais config explain quorum-two-node` tells more.',
    example: 'two-node: yes',
    related: ['quorum', 'expected-votes', 'wait-for-all'],
    elsewhere: 'corosync: two_node.',
  },
  'wait-for-all': {
    story:
      'After a start of everything no part acts before all nodes were seen at once, so that a node ' +
      'which boots while its cable is out does not begin anew what runs elsewhere.',
    example: 'wait-for-all: yes',
    related: ['quorum', 'two-node'],
    elsewhere: 'corosync: wait_for_all, likewise implied by two_node.',
  },
}

/** By the name of the key. */
export const keysOfNetwork: Readonly<Record<string, KeyStory>> = { ...identity, ...times, ...flow, ...quorum }
