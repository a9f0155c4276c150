import { quoted, type CheckContext } from '../check-context.js'
import type { Block, GroupsSource } from '../groups/block.js'
import type { Entry } from '../parse.js'

function withNode(unit: Block, node: string, name: Entry, context: CheckContext): void {
  const given = unit.entries.find(({ key }) => key === 'node')
  if (given === undefined) {
    unit.entries.push({ ...name, key: 'node', value: node })
  } else if (given.value !== node) {
    context.error(given, {
      code: 'value-conflict',
      message: `unit ${quoted(name.value)} lives on ${quoted(given.value)}, not on ${quoted(node)}`,
      expected: '--unit-node for units that name no node',
    })
  }
}

/**
 * Put units on nodes, as --unit-node asks for: the same as a line node=NODE in the unit.
 * @param nodes by the name of the unit
 */
export function putUnitsOnNodes(
  { file }: GroupsSource,
  nodes: ReadonlyMap<string, string>,
  context: CheckContext,
): void {
  const unused = new Set(nodes.keys())
  for (const unit of file.blocks.flatMap(({ blocks }) => blocks)) {
    const name = unit.entries.find(({ key }) => key === 'name')
    const node = name === undefined ? undefined : nodes.get(name.value)
    if (unit.scope !== 'unit' || name === undefined || node === undefined) continue
    unused.delete(name.value)
    withNode(unit, node, name, context)
  }
  for (const name of unused) {
    const message = `there is no unit ${quoted(name)} for --unit-node`
    context.report('error', null, file.place, { code: 'name-unknown', message })
  }
}
