import { limits } from '../../base/index.js'
import { blockKinds, blocksWithin, homeOf, type BlockKind, type Scope } from '../groups/block.js'
import { groupsRangeText, keysOf, type GroupsKey } from '../model/groups-keys.js'
import { DIGITS, DRAFT, schemaProperty, type JsonSchema } from './json-schema.js'

/** Digits, or a number with a unit, as `parseDuration` reads them. */
const units = ['[mM][sS]', '[sS]', '[mM]', '[mM][iI][nN]', '[hH]', '[dD]']
const DURATION = `^\\s*(?:[0-9]+|[0-9]+(?:\\.[0-9]+)?\\s*(?:${units.join('|')}))\\s*$`

/** What every block is for, in a sentence. */
const purposes: Readonly<Record<BlockKind, string>> = {
  group: 'A service group: units that back each other.',
  unit: 'A service unit: components that are active, or stand by, together on one node.',
  component: 'A component: a process that registers under this name.',
  protection: 'A protection group: which components can carry one piece of work.',
  'service-instance': 'A service instance: work that is assigned to a unit as a whole.',
  csi: 'A component service instance: the part of a service instance that one component carries.',
}

/** Blocks that a block is empty without. */
const needed: Readonly<Partial<Record<Scope, readonly BlockKind[]>>> = {
  group: ['unit', 'protection'],
  unit: ['component'],
  'service-instance': ['csi'],
}

function descriptionOf(key: GroupsKey): string {
  const unit = key.kind === 'duration' ? ' ms, or with a unit: 500ms, 2s, 1m' : ''
  const fallback = key.defaultText === 'required' ? 'Required.' : `Default: ${key.defaultText}.`
  return `${key.description}\n\n${groupsRangeText(key)}${unit}. ${fallback}`
}

/** A name such as 1.10 is a number to YAML; here it is what is written. */
const nameSchema: JsonSchema = { type: ['string', 'number'], minLength: 1, maxLength: limits.nameOctets }

const attributeSchema: JsonSchema = { type: 'string', pattern: ':', maxLength: limits.amfAttributeOctets }

const oneOrMore = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'array', items: schema }] })

function valueSchema(key: GroupsKey): JsonSchema {
  switch (key.kind) {
    case 'number':
      return { type: ['integer', 'string'], minimum: key.min, maximum: key.max, pattern: DIGITS }
    case 'duration':
      return { type: ['integer', 'string'], minimum: key.min, maximum: key.max, pattern: DURATION }
    case 'choice':
      return { enum: key.choices }
    case 'name':
      return nameSchema
    case 'names':
      return oneOrMore(nameSchema)
    case 'attributes':
      return oneOrMore(attributeSchema)
  }
}

function scopeSchema(scope: Scope): JsonSchema {
  const keys = [...keysOf(scope).values()]
  const ownKeys = keys.map((key) => {
    return [key.name, { description: descriptionOf(key), ...valueSchema(key) }] as const
  })
  const blocks = blocksWithin[scope].map((kind) => {
    const inner: JsonSchema = { $ref: `#/definitions/${kind}` }
    const description = `${purposes[kind]}\n\nOne, or a list of them.`
    return [kind, { description, ...oneOrMore(inner) }] as const
  })
  const requiredKeys = keys.filter(({ defaultText }) => defaultText === 'required').map(({ name }) => name)
  const required = [...requiredKeys, ...(needed[scope] ?? [])]
  return {
    type: 'object',
    properties: Object.fromEntries([...ownKeys, ...blocks]),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

/** The JSON Schema of groups.yaml and groups.json, from the table of keys. */
export function groupsSchema(): JsonSchema {
  const definitions = blockKinds.map((kind) => {
    const title = `a ${kind}, ${homeOf(kind)}`
    return [kind, { title, description: purposes[kind], ...scopeSchema(kind) }] as const
  })
  const { properties, ...file } = scopeSchema('file')
  return {
    $schema: DRAFT,
    title: 'groups.conf of ais, as YAML or JSON',
    description: 'Who backs whom. `ais config explain KEY` tells more of every key.',
    ...file,
    // A file of comments alone says that there are no groups.
    type: ['object', 'null'],
    properties: { $schema: schemaProperty, ...properties },
    definitions: Object.fromEntries(definitions),
  }
}
