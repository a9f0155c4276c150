import { keyPosition, valuePosition, type CheckContext } from './check-context.js'
import type { NetworkConfig } from './model/network-config.js'
import type { ChoiceField } from './model/network-keys.js'
import type { Entry } from './parse.js'

/** What the quorum keys of a file come to. */
export type QuorumKeys = Pick<NetworkConfig, 'quorumMode' | 'expectedVotes' | 'twoNode' | 'waitForAll'>

type Words = Readonly<Record<ChoiceField, string | null>>

const off: QuorumKeys = { quorumMode: 'off', expectedVotes: null, twoNode: false, waitForAll: false }

const TWO_NODES = 2
const EXAMPLE_VOTES = 3

/** Without a quorum nothing is counted: keys that say how are somebody's mistake, though a harmless one. */
function warnUnused(entries: ReadonlyMap<string, Entry>, context: CheckContext): void {
  for (const name of ['expected-votes', 'two-node', 'wait-for-all']) {
    const entry = entries.get(name)
    if (entry === undefined) continue
    context.report('warning', name, keyPosition(entry), {
      code: 'key-unused',
      message: `${name} has no effect while the quorum is off`,
      expected: `quorum: majority, or no ${name}`,
    })
  }
}

function checkTwoNode(
  expectedVotes: number | null,
  words: Words,
  entries: ReadonlyMap<string, Entry>,
  context: CheckContext,
): void {
  const entry = entries.get('two-node')!
  if (expectedVotes !== null && expectedVotes !== TWO_NODES) {
    context.error(entry, {
      code: 'value-conflict',
      message: `two-node: yes is for a cluster of two, and expected-votes is ${expectedVotes}`,
      expected: 'two-node: no, or expected-votes: 2',
    })
  }
  if (words.waitForAll === 'no') {
    context.error(entries.get('wait-for-all')!, {
      code: 'value-conflict',
      message:
        'wait-for-all: no does not go with two-node: yes: ' +
        'each of two nodes that start apart would act without the other',
      expected: 'wait-for-all: yes, or no line for it',
    })
  }
  context.report('warning', 'two-node', valuePosition(entry), {
    code: 'quorum-two-node',
    message:
      'two-node: yes keeps both nodes quorate when the network between them is cut: both may act at once',
    expected: 'a third node and two-node: no, or what tells the two apart outside of the cluster',
  })
}

/**
 * Do the quorum keys agree, and what do they come to?
 * @param expectedVotes null: not given, or not good
 */
export function checkQuorum(
  expectedVotes: number | null,
  words: Words,
  entries: ReadonlyMap<string, Entry>,
  context: CheckContext,
): QuorumKeys {
  const mode = entries.get('quorum')
  if (mode === undefined || words.quorumMode === 'off') {
    warnUnused(entries, context)
    return off
  }
  if (words.quorumMode === null) return off
  const twoNode = words.twoNode === 'yes'
  if (!entries.has('expected-votes')) {
    context.report('error', 'expected-votes', valuePosition(mode), {
      code: 'key-missing',
      message: 'quorum: majority needs expected-votes: a majority of how many?',
      expected: `a line such as "expected-votes: ${twoNode ? TWO_NODES : EXAMPLE_VOTES}"`,
    })
  }
  if (twoNode) checkTwoNode(expectedVotes, words, entries, context)
  return { quorumMode: 'majority', expectedVotes, twoNode, waitForAll: twoNode || words.waitForAll === 'yes' }
}
