import { equal, isObject, sorted, type Json, type JsonObject } from './json.ts'
import { itemSchema, memberSchema } from './schema-walk.ts'

/**
 * A set of field paths as metadata.managedFields records them. A path is the list of its FieldsV1 elements (`f:spec`,
 * `k:{"name":"a"}`, `v:"x"`, `i:0`) joined by a character that JSON always escapes.
 */
export type FieldSet = Set<string>

const SEPARATOR = '\u0000'

/** Schema of the parts of metadata that clients may own. */
const METADATA: JsonObject = {
  type: 'object',
  properties: {
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    ownerReferences: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['uid'] },
  },
}

/** The schema of a whole object with metadata filled in, as ownership is counted by it. */
export function ownershipSchema(schema: JsonObject): JsonObject {
  return { ...schema, properties: { ...(isObject(schema.properties) ? schema.properties : {}), metadata: METADATA } }
}

/** One element more. */
function childPath(path: string, element: string): string {
  return path === '' ? element : `${path}${SEPARATOR}${element}`
}

/** The elements of a path. */
export function elements(path: string): string[] {
  return path.split(SEPARATOR)
}

/** The path one element shorter; empty at the root. */
export function parentPath(path: string): string {
  const at = path.lastIndexOf(SEPARATOR)
  return at === -1 ? '' : path.slice(0, at)
}

/** How ownership treats a list: as one value, as a set of scalars, or as objects told apart by keys. */
export function listType(schema: JsonObject): 'atomic' | 'set' | 'map' {
  const type = schema['x-kubernetes-list-type']
  return type === 'set' || type === 'map' ? type : 'atomic'
}

/** The element that names a list item. */
export function itemElement(item: Json, schema: JsonObject): string {
  if (listType(schema) === 'set') return `v:${JSON.stringify(item)}`
  const keys = Array.isArray(schema['x-kubernetes-list-map-keys']) ? schema['x-kubernetes-list-map-keys'].map(String) : []
  const members = isObject(item) ? item : {}
  return `k:${JSON.stringify(sorted(Object.fromEntries(keys.map((key) => [key, members[key] ?? null]))))}`
}

/** Whether a value is owned as a whole. */
export function isAtomic(value: Json, schema: JsonObject): boolean {
  if (Array.isArray(value)) return listType(schema) === 'atomic'
  return !isObject(value) || schema['x-kubernetes-map-type'] === 'atomic'
}

/** The children of a granular value: element, value, schema, and whether the child itself counts as a field (map entries do, declared properties do not). */
export function children(value: Json, schema: JsonObject): { element: string; value: Json; schema: JsonObject; isEntry: boolean }[] {
  if (Array.isArray(value)) {
    return value.map((item) => ({ element: itemElement(item, schema), value: item, schema: itemSchema(schema), isEntry: true }))
  }
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) => {
    if (member === undefined) return []
    const declared = isObject(schema.properties) && Object.hasOwn(schema.properties, key)
    return [{ element: `f:${key}`, value: member, schema: memberSchema(schema, key) ?? {}, isEntry: !declared }]
  })
}

/** Every field an applied configuration stands for. */
export function fieldsOf(value: Json, schema: JsonObject, path = '', into: FieldSet = new Set()): FieldSet {
  if (isAtomic(value, schema)) {
    into.add(path)
    return into
  }
  const parts = children(value, schema)
  if (parts.length === 0 && path !== '') into.add(path)
  for (const part of parts) {
    const at = childPath(path, part.element)
    if (part.isEntry) into.add(at)
    fieldsOf(part.value, part.schema, at, into)
  }
  return into
}

/** Fields that differ between two states of an object; containers that appear or go count as fields too. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** Compares two states field by field. */
export function compareFields(before: Json | undefined, after: Json | undefined, schema: JsonObject): Comparison {
  const result = { added: new Set<string>(), modified: new Set<string>(), removed: new Set<string>() }
  compare(before, after, schema, '', result)
  return result
}

function everyPath(value: Json, schema: JsonObject, path: string, into: FieldSet): void {
  // metadata always exists: nobody is its owner.
  if (path !== '' && path !== 'f:metadata') into.add(path)
  if (isAtomic(value, schema)) return
  for (const part of children(value, schema)) everyPath(part.value, part.schema, childPath(path, part.element), into)
}

function compare(before: Json | undefined, after: Json | undefined, schema: JsonObject, path: string, result: Comparison): void {
  if (before === undefined && after === undefined) return
  if (before === undefined) return everyPath(after!, schema, path, result.added)
  if (after === undefined) return everyPath(before, schema, path, result.removed)
  const wasAtomic = isAtomic(before, schema)
  if (wasAtomic || isAtomic(after, schema)) {
    if (equal(before, after)) return
    if (!wasAtomic)
      for (const part of children(before, schema)) everyPath(part.value, part.schema, childPath(path, part.element), result.removed)
    result.modified.add(path)
    if (wasAtomic && !isAtomic(after, schema))
      for (const part of children(after, schema)) everyPath(part.value, part.schema, childPath(path, part.element), result.added)
    return
  }
  const old = new Map(children(before, schema).map((part) => [part.element, part]))
  const now = new Map(children(after, schema).map((part) => [part.element, part]))
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const part = now.get(element) ?? old.get(element)!
    compare(old.get(element)?.value, now.get(element)?.value, part.schema, childPath(path, element), result)
  }
}

/** A field set as FieldsV1. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: JsonObject = {}
  for (const path of [...set].toSorted()) {
    let at = root
    for (const element of elements(path)) {
      if (!isObject(at[element])) at[element] = {}
      at = at[element]
    }
    at['.'] = {}
  }
  return trimLeaves(root)
}

/** A lone `.` means the same as nothing: leaves are written as {}. */
function trimLeaves(node: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const [key, child] of Object.entries(node)) {
    if (key === '.') out[key] = {}
    else if (isObject(child)) {
      const trimmed = trimLeaves(child)
      out[key] = Object.keys(trimmed).length === 1 && trimmed['.'] !== undefined ? {} : trimmed
    }
  }
  return out
}

/** Reads FieldsV1. */
export function fromFieldsV1(fields: JsonObject, path = '', into: FieldSet = new Set()): FieldSet {
  for (const [key, child] of Object.entries(fields)) {
    if (key === '.') {
      into.add(path)
      continue
    }
    const at = childPath(path, key)
    if (isObject(child) && Object.keys(child).length > 0) fromFieldsV1(child, at, into)
    else into.add(at)
  }
  return into
}

/** A path as error messages show it: `.spec.links[name="a"].port`. */
export function showPath(path: string): string {
  return elements(path)
    .map((element) => {
      const rest = element.slice(2)
      if (element.startsWith('f:')) return `.${rest}`
      if (element.startsWith('v:')) return `[=${rest}]`
      if (element.startsWith('i:')) return `[${rest}]`
      const keys = JSON.parse(rest) as JsonObject
      return `[${Object.entries(keys)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
        .join(',')}]`
    })
    .join('')
}
