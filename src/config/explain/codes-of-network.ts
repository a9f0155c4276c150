import type { DiagnosticCode } from '../model/diagnostic-codes.js'
import { network, type CodeStory } from './story.js'

/** About network.conf. */
export const codesOfNetwork = {
  'ipv6-unsupported': {
    why: 'The ring speaks IPv4 only in this version; an IPv6 address would otherwise look like a typo.',
    remedy: 'Give the nodes IPv4 addresses on the network of the cluster; private ones will do.',
    wrong: network('bindnetaddr: fe80::1'),
    right: network('bindnetaddr: 10.0.0.0/24'),
    keys: ['bindnetaddr', 'mcastaddr'],
  },
  'mcastaddr-reserved': {
    why:
      '224.0.0.x is for protocols of routers, and switches send it to every port; 232.x.x.x works ' +
      'only for those who name their senders. A cluster there may work today and stop with the next ' +
      'switch.',
    remedy: 'Take one of 239.192.0.0 to 239.255.255.255, which are free for use within an organisation.',
    wrong: network('mcastaddr: 224.0.0.18'),
    right: network('mcastaddr: 239.192.1.1'),
    keys: ['mcastaddr'],
  },
  'mcastport-privileged': {
    why: 'Ports below 1024 need root, or CAP_NET_BIND_SERVICE; the executive needs root for nothing else.',
    remedy: 'Take a port above 1023.',
    wrong: network('mcastport: 700'),
    right: network('mcastport: 6000'),
    keys: ['mcastport'],
  },
  'mcastport-neighbour': {
    why:
      'A cluster uses two ports: this one, and the one below for what is sent to one node. With an ' +
      'odd port the one below is even, and likely that of another cluster.',
    remedy: 'Take an even port, and keep two between clusters on one network.',
    wrong: network('mcastport: 6001'),
    right: network('mcastport: 6002'),
    keys: ['mcastport'],
  },
  'quorum-two-node': {
    why:
      'With two nodes a majority is both, so the loss of one would stop the other. two-node: yes ' +
      'lets one go on alone. It cannot tell a dead peer from a cut cable: when the cable is cut both ' +
      'go on, and both write. Nothing but a third vote, or fencing, helps against that.',
    remedy: 'Add a third node, be it a small one, or accept that risk knowingly.',
    wrong: network('quorum: majority', 'expected-votes: 2', 'two-node: yes'),
    right: network('quorum: majority', 'expected-votes: 3'),
    keys: ['quorum', 'two-node', 'expected-votes', 'wait-for-all'],
  },
  'interface-none': {
    why:
      'No address of this machine lies in the network that bindnetaddr names, so the node would have ' +
      'nothing to speak from. Others went on with the loopback interface then, and saw only ' +
      'themselves.',
    remedy: 'Write one of the addresses or interface names that the message lists; `ip -4 addr` shows them.',
    keys: ['bindnetaddr'],
  },
  'interface-several': {
    why:
      'Several addresses match. Whichever were taken, another one might be after the next boot, and ' +
      'the node would come back with another identity.',
    remedy: 'Write the full address, which is always exact, or a longer prefix.',
    keys: ['bindnetaddr'],
  },
  'interface-loopback': {
    why:
      'A cluster on the loopback interface never leaves its machine. That is useful to try things ' +
      'out, and a disaster by accident, so it is asked for by an address of 127.x and in no other ' +
      'way.',
    remedy: 'bindnetaddr: 127.0.0.1 if it is meant; else the network that the nodes have in common.',
    wrong: network('bindnetaddr: lo'),
    right: network('bindnetaddr: 127.0.0.1'),
    keys: ['bindnetaddr'],
  },
} satisfies Partial<Record<DiagnosticCode, CodeStory>>
