import { clone, isObject, type Json, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { itemSchema, memberSchema } from './schema-walk.ts'

/** The object with every absent field filled in that has a `default` in the schema. Null counts as absent unless nullable. */
export function applyDefaults(object: KubeObject, schema: JsonObject): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = object
  return { ...(fill(rest, schema) as JsonObject), apiVersion, kind, metadata }
}

function fill(value: Json, schema: JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => fill(item, itemSchema(schema)))
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    const known = memberSchema(schema, key)
    // A null where the schema has a default and does not allow null is replaced by the default below.
    if (member === null && known !== undefined && known.nullable !== true && known.default !== undefined) continue
    Object.defineProperty(out, key, {
      value: known === undefined ? member : fill(member, known),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  if (isObject(schema.properties)) {
    for (const [key, known] of Object.entries(schema.properties)) {
      if (out[key] === undefined && isObject(known) && known.default !== undefined) out[key] = fill(clone(known.default), known)
    }
  }
  return out
}
