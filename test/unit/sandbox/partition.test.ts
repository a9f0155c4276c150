import { cutLinksOf, parseSides, sidesText } from '../../../src/sandbox/partition.js'
import { SandboxError } from '../../../src/sandbox/sandbox-error.js'
import { sandboxOf } from './sandboxes.js'

const four = sandboxOf(4)

test.each([
  ['node1,node2 / node3,node4', 'node1,node2 / node3,node4'],
  ['node1,node2/node3,node4', 'node1,node2 / node3,node4'],
  ['node3', 'node3 / node1,node2,node4'],
  ['node1 node4', 'node1,node4 / node2,node3'],
  ['node1 / node2 / node3', 'node1 / node2 / node3 / node4'],
  ['/ node2 , node1 //', 'node2,node1 / node3,node4'],
])('%s means %s', (line, sides) => {
  expect(sidesText(parseSides(line.split(' '), four))).toBe(sides)
})

test.each([
  ['node1,node2,node3,node4', 'this leaves all nodes on one side: node1, node2, node3, node4'],
  ['/', 'this leaves all nodes on one side: node1, node2, node3, node4'],
  ['node1 / node2,node1', 'node1 cannot be in two places of a partition'],
  ['node1 / node5', 'the sandbox has no node "node5"; did you mean "node1"?'],
  ['elsewhere', 'the sandbox has no node "elsewhere"; it has node1, node2, node3, node4'],
])('%s is refused', (line, message) => {
  expect(() => parseSides([line], four)).toThrow(new SandboxError(message))
})

test('a node does not hear those on other sides, and only those', () => {
  const split = { ...four, partition: parseSides(['node2 / node4'], four) }
  expect(split.nodes.map((node) => cutLinksOf(node, split))).toEqual([
    ['127.0.0.2', '127.0.0.4'],
    ['127.0.0.1', '127.0.0.3', '127.0.0.4'],
    ['127.0.0.2', '127.0.0.4'],
    ['127.0.0.1', '127.0.0.2', '127.0.0.3'],
  ])
  expect(four.nodes.flatMap((node) => cutLinksOf(node, four))).toEqual([])
})
