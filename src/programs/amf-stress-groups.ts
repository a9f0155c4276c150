/** What a stress run keeps available: which component is in which unit, and the CSIs of each instance. */
export interface StressModel {
  readonly groupsText: string
  readonly components: readonly StressComponent[]
  readonly instances: readonly StressInstance[]
}

export interface StressComponent {
  readonly name: string
  readonly unit: string
  /** Index of the node that it runs on. */
  readonly node: number
  readonly group: string
  /** Its only one. */
  readonly csi: string
}

export interface StressInstance {
  readonly name: string
  readonly csis: readonly string[]
}

interface GroupShape {
  readonly name: string
  readonly model: 'nplusm' | '2n'
  /** Index of the node of each unit. */
  readonly nodes: readonly number[]
  readonly componentsPerUnit: number
}

/**
 * Groups over all nodes: an nplusm one with a unit of two components on each node, and 2n ones of a component
 * a unit, each on a node and its neighbour. Every unit is assigned something as long as all is well.
 */
export function stressModel(nodes: number): StressModel {
  const indexes = Array.from({ length: nodes }, (_, index) => index)
  const pairs = indexes.map((index): GroupShape => {
    const units = [index, (index + 1) % nodes]
    return { name: `pair${index + 1}`, model: '2n', nodes: units, componentsPerUnit: 1 }
  })
  const pool: GroupShape = { name: 'pool', model: 'nplusm', nodes: indexes, componentsPerUnit: 2 }
  const shapes = nodes > 2 ? [pool, ...pairs] : [pool, pairs[0]]
  return {
    groupsText: shapes.map(groupText).join('\n'),
    components: shapes.flatMap(componentsOf),
    instances: shapes.map((shape) => ({ name: shape.name, csis: csisOf(shape) })),
  }
}

function csisOf({ name, componentsPerUnit }: GroupShape): string[] {
  return Array.from({ length: componentsPerUnit }, (_, index) => `${name}-csi${index + 1}`)
}

function componentsOf(shape: GroupShape): StressComponent[] {
  return shape.nodes.flatMap((node, unitIndex) =>
    csisOf(shape).map((csi, index) => {
      const unit = `${shape.name}-unit${unitIndex + 1}`
      return { name: `${unit}-${index + 1}`, unit, node, group: shape.name, csi }
    }),
  )
}

function groupText(shape: GroupShape): string {
  const { name, model, nodes } = shape
  const components = componentsOf(shape)
  const units = [...new Set(components.map(({ unit }) => unit))].map((unit, index) => {
    const own = components.filter((component) => component.unit === unit)
    const blocks = own.map((component) => block('component', [`name=${component.name}`], 2))
    return block('unit', [`name=${unit}`, `node=node${nodes[index] + 1}`], 1, blocks)
  })
  const protections = csisOf(shape).map((csi) => {
    const members = components.filter((component) => component.csi === csi)
    return block('protection', [`name=${csi}`, ...members.map((member) => `member=${member.name}`)], 1)
  })
  const lines = [`name=${name}`, `model=${model}`, 'active-units=1', `backup-units=${nodes.length - 1}`]
  return `${block('group', lines, 0, [...units, ...protections])}\n`
}

function block(kind: string, lines: readonly string[], depth: number, inner: readonly string[] = []): string {
  const indent = '  '.repeat(depth)
  const own = lines.map((line) => `${indent}  ${line}`)
  return [`${indent}${kind} {`, ...own, ...inner, `${indent}}`].join('\n')
}
