/**
 * A JSON Schema of draft 7, the one that editors know best: the part of it that is used here. What is said
 * of numbers holds for numbers only and what is said of texts for texts only, so that a value may be either.
 */
export interface JsonSchema {
  readonly $schema?: string
  readonly $ref?: string
  readonly title?: string
  readonly description?: string
  readonly type?: JsonType | readonly JsonType[]
  readonly enum?: readonly (string | boolean)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly default?: string | number | boolean
  readonly examples?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly definitions?: Readonly<Record<string, JsonSchema>>
}

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'null'

export const DRAFT = 'http://json-schema.org/draft-07/schema#'

/** Names the schema of a file to editors. */
export const schemaProperty: JsonSchema = {
  description: 'Where the schema of this file is, for editors; it means nothing else.',
  type: 'string',
}

/** Digits as a text: a number may stand in quotes. */
export const DIGITS = '^\\s*[0-9]+\\s*$'
