import { Ajv } from 'ajv'

// SARIF 2.1.0 as far as this program writes it, after the text of the OASIS standard: what each object must
// have (3.13 to 3.55), and nothing beside what the standard knows.

const text = { type: 'object', required: ['text'], properties: { text: { type: 'string', minLength: 1 } } }
const uri = { type: 'string', pattern: '^(file:///|(?![a-z]+:))[^\\s\\\\]*$' }
const artifactLocation = {
  type: 'object',
  required: ['uri'],
  properties: { uri },
  additionalProperties: false,
}
const number = { type: 'integer', minimum: 1 }
const region = {
  type: 'object',
  required: ['startLine', 'startColumn'],
  properties: { startLine: number, startColumn: number, endLine: number, endColumn: number },
  additionalProperties: false,
}
const level = { enum: ['none', 'note', 'warning', 'error'] }
const replacement = {
  type: 'object',
  required: ['deletedRegion'],
  properties: {
    deletedRegion: region,
    insertedContent: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  },
  additionalProperties: false,
}
const fix = {
  type: 'object',
  required: ['artifactChanges'],
  properties: {
    description: text,
    artifactChanges: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['artifactLocation', 'replacements'],
        properties: {
          artifactLocation,
          replacements: { type: 'array', minItems: 1, items: replacement },
        },
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
}
const rule = {
  type: 'object',
  required: ['id'],
  properties: {
    id: { type: 'string' },
    shortDescription: text,
    help: text,
    defaultConfiguration: { type: 'object', properties: { level }, additionalProperties: false },
  },
  additionalProperties: false,
}
const location = {
  type: 'object',
  required: ['physicalLocation'],
  properties: {
    physicalLocation: {
      type: 'object',
      required: ['artifactLocation', 'region'],
      properties: { artifactLocation, region },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
}
const result = {
  type: 'object',
  required: ['ruleId', 'ruleIndex', 'level', 'message', 'locations'],
  properties: {
    ruleId: { type: 'string' },
    ruleIndex: { type: 'integer', minimum: 0 },
    level,
    message: text,
    locations: { type: 'array', minItems: 1, items: location },
    fixes: { type: 'array', minItems: 1, items: fix },
  },
  additionalProperties: false,
}
const driver = {
  type: 'object',
  required: ['name', 'version', 'rules'],
  properties: {
    name: { type: 'string' },
    version: { type: 'string' },
    rules: { type: 'array', uniqueItems: true, items: rule },
  },
  additionalProperties: false,
}
const run = {
  type: 'object',
  required: ['tool', 'results', 'columnKind'],
  properties: {
    tool: { type: 'object', required: ['driver'], properties: { driver }, additionalProperties: false },
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    artifacts: {
      type: 'array',
      items: { type: 'object', properties: { location: artifactLocation }, additionalProperties: false },
    },
    results: { type: 'array', items: result },
  },
  additionalProperties: false,
}
const schema = {
  type: 'object',
  required: ['$schema', 'version', 'runs'],
  properties: {
    $schema: { type: 'string' },
    version: { const: '2.1.0' },
    runs: { type: 'array', minItems: 1, items: run },
  },
  additionalProperties: false,
}

interface Log {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[]
  }[]
}

/** What is wrong about a SARIF log; an empty list if it is good. */
export function sarifMistakes(log: unknown): string[] {
  const validate = new Ajv({ allErrors: true }).compile(schema)
  if (!validate(log)) {
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
  }
  return (log as unknown as Log).runs.flatMap(({ tool, results }) =>
    results
      .filter(({ ruleId, ruleIndex }) => tool.driver.rules[ruleIndex]?.id !== ruleId)
      .map(({ ruleId }) => `${ruleId} is not the rule of its index`),
  )
}
