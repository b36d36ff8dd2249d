import { isObject, type JsonObject } from './json.ts'

/** The schema of a member: its property, else additionalProperties; undefined when the schema does not know it. */
export function memberSchema(schema: JsonObject, key: string): JsonObject | undefined {
  const { properties, additionalProperties } = schema
  if (isObject(properties) && Object.hasOwn(properties, key) && isObject(properties[key])) return properties[key]
  if (isObject(additionalProperties)) return additionalProperties
  return additionalProperties === true ? {} : undefined
}

/** The schema of list items. */
export function itemSchema(schema: JsonObject): JsonObject {
  return isObject(schema.items) ? schema.items : {}
}

/** A path with one more member, as real servers write it: `spec.subnets.web`, `spec.links[0]`, `metadata.labels[a/b]`. */
export function memberPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** A path into a map (additionalProperties), whose keys are written in brackets in validation messages. */
export function mapPath(path: string, key: string): string {
  return `${path}[${key}]`
}
