import { defaultText, networkKeys, rangeText, type NetworkKey } from '../model/network-keys.js'
import { DIGITS, DRAFT, schemaProperty, type JsonSchema } from './json-schema.js'

/** What an editor shows of a key: what it is, its range and its default. */
function descriptionOf(key: NetworkKey): string {
  const unit = key.unit === '' ? '' : ` ${key.unit}`
  const fallback = key.kind === 'original' ? 'Required.' : `Default: ${defaultText(key)}.`
  return `${key.description}\n\n${rangeText(key)}${unit}. ${fallback}`
}

function valueSchema(key: NetworkKey): JsonSchema {
  switch (key.kind) {
    case 'integer':
      return {
        type: ['integer', 'string'],
        minimum: key.min,
        maximum: key.max,
        pattern: DIGITS,
        ...(key.default === null ? {} : { default: key.default }),
      }
    case 'choice': {
      const booleans = [false, true].filter((is) => key.booleans[is ? 1 : 0] !== null)
      return {
        enum: [...key.choices, ...booleans],
        ...(key.default === null ? {} : { default: key.default }),
      }
    }
    case 'original':
      return originalSchema(key.name, key.example.slice(key.example.indexOf(':') + 1).trim())
    default:
      return {
        // A name such as 1.10 is a number to YAML; here it is what is written.
        type: ['string', 'number'],
        minLength: 1,
        maxLength: key.octetsMax,
        ...(key.kind === 'path' ? { pattern: '^\\s*/' } : {}),
        ...(key.default === null ? {} : { default: key.default }),
      }
  }
}

/** One of the three keys that the original knew: read as generously as it did. */
function originalSchema(name: string, example: string): JsonSchema {
  if (name !== 'mcastport') return { type: ['string', 'number'], pattern: '\\S', examples: [example] }
  return {
    type: ['integer', 'string'],
    minimum: 2,
    maximum: 65_535,
    pattern: '^\\s*\\+?[0-9]',
    examples: [example],
  }
}

/** The JSON Schema of network.yaml and network.json, from the table of keys. */
export function networkSchema(): JsonSchema {
  const properties = networkKeys.map((key) => {
    return [key.name, { description: descriptionOf(key), ...valueSchema(key) }] as const
  })
  return {
    $schema: DRAFT,
    title: 'network.conf of ais, as YAML or JSON',
    description: 'How a node finds its cluster. `ais config explain KEY` tells more of every key.',
    type: 'object',
    properties: { $schema: schemaProperty, ...Object.fromEntries(properties) },
    required: networkKeys.filter(({ kind }) => kind === 'original').map(({ name }) => name),
    additionalProperties: false,
  }
}
