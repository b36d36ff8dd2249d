import { isObject, type Json, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { itemSchema, memberPath, memberSchema } from './schema-walk.ts'

/** Members of metadata the API knows; others are dropped. */
const METADATA = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
])

/** An object without the fields its structural schema does not know, and the paths of what was left out. */
export function pruneUnknown(object: KubeObject, schema: JsonObject): { object: KubeObject; unknown: string[] } {
  const unknown: string[] = []
  const out: JsonObject = {}
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue
    if (key === 'apiVersion' || key === 'kind') out[key] = value
    else if (key === 'metadata') out[key] = pruneMetadata(value, 'metadata', unknown)
    else {
      const member = memberSchema(schema, key)
      if (member === undefined && schema['x-kubernetes-preserve-unknown-fields'] !== true) unknown.push(key)
      else out[key] = prune(value, member ?? PRESERVE, key, unknown)
    }
  }
  return { object: out as KubeObject, unknown }
}

const PRESERVE: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true }

function pruneMetadata(value: Json, path: string, unknown: string[]): Json {
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const [key, member] of Object.entries(value)) {
    if (METADATA.has(key)) out[key] = member
    else unknown.push(memberPath(path, key))
  }
  return out
}

function prune(value: Json, schema: JsonObject, path: string, unknown: string[]): Json {
  if (Array.isArray(value))
    return value.map((item, i) =>
      prune(item, Array.isArray(value) && isObject(schema.items) ? itemSchema(schema) : inherit(schema), `${path}[${i}]`, unknown),
    )
  if (!isObject(value)) return value
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const out: JsonObject = {}
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue
    const at = memberPath(path, key)
    if (embedded && (key === 'apiVersion' || key === 'kind')) out[key] = member
    else if (embedded && key === 'metadata') out[key] = pruneMetadata(member, at, unknown)
    else {
      const known = memberSchema(schema, key)
      if (known === undefined && !keepsUnknown) unknown.push(at)
      else
        Object.defineProperty(out, key, {
          value: prune(member, known ?? PRESERVE, at, unknown),
          enumerable: true,
          writable: true,
          configurable: true,
        })
    }
  }
  return out
}

function inherit(schema: JsonObject): JsonObject {
  return schema['x-kubernetes-preserve-unknown-fields'] === true ? PRESERVE : {}
}
