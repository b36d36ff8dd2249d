/** The part of OpenAPI v3 that our CRDs use. Plain JSON data. */
export interface JsonSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema
  readonly items?: JsonSchema
  readonly enum?: readonly string[]
  readonly default?: string | number | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly 'x-kubernetes-map-type'?: 'atomic'
}

type Limits = Omit<JsonSchema, 'type' | 'description' | 'properties' | 'items' | 'additionalProperties'>

function described(schema: JsonSchema, description: string | undefined): JsonSchema {
  return description === undefined ? schema : { ...schema, description }
}

/** A string field. */
export const str = (description?: string, limits: Limits = {}) => described({ type: 'string', ...limits }, description)

/** A string field that takes one of a closed list of values. */
export const oneOf = (values: readonly string[], description?: string) => str(description, { enum: values })

/** A string field holding an RFC 3339 instant. */
export const time = (description?: string) => str(description, { format: 'date-time' })

/** A boolean field. */
export const bool = (description?: string) => described({ type: 'boolean' }, description)

/** An integer field of the platform's size. */
export const int = (description?: string, limits: Limits = {}) => described({ type: 'integer', ...limits }, description)

/** A 32 bit integer field. */
export const int32 = (description?: string, limits: Limits = {}) => int(description, { format: 'int32', ...limits })

/** A 64 bit integer field. */
export const int64 = (description?: string, limits: Limits = {}) => int(description, { format: 'int64', ...limits })

/** A field holding a number with a fraction. */
export const num = (description?: string) => described({ type: 'number' }, description)

/** A map with fixed keys. */
export const obj = (properties: Readonly<Record<string, JsonSchema>>, description?: string, limits: Limits = {}) =>
  described({ type: 'object', properties, ...limits }, description)

/** An object in which nothing can be set: only its presence means something. */
export const marker = (description?: string) => described({ type: 'object' }, description)

/** A map with free keys. */
export const map = (additionalProperties: JsonSchema, description?: string) =>
  described({ type: 'object', additionalProperties }, description)

/** A list. */
export const list = (items: JsonSchema, description?: string, limits: Limits = {}) =>
  described({ type: 'array', items, ...limits }, description)
