import { ApiStatusError, badRequest } from './api-status.ts'
import {
  children,
  compareFields,
  elements,
  fieldsOf,
  isAtomic,
  itemElement,
  listType,
  parentPath,
  showPath,
  type FieldSet,
} from './field-set.ts'
import { clone, isObject, type Json, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { ownablePart, ownedSchema, readOwners, requestOwner, sameOwner, writeOwners, type FieldOwner } from './managed-fields.ts'
import { itemSchema, memberSchema } from './schema-walk.ts'
import type { WriteContext } from './write-context.ts'

/**
 * Merges an applied configuration into the live object and works out who owns what afterwards.
 *
 * Fields this manager applied before and leaves out now are removed unless someone else owns them. Throws 409 with one
 * FieldManagerConflict cause per field that another manager owns with another value, unless `context.force`.
 */
export function applyConfiguration(live: KubeObject | undefined, config: KubeObject, context: WriteContext): KubeObject {
  if (config.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  const schema = ownedSchema(context.definition)
  const me = requestOwner('Apply', context)
  const wanted = ownablePart(config)
  const applied = fieldsOf(wanted, schema)
  const base = live === undefined ? {} : ownablePart(live)
  const owners = ownersBefore(live, base, schema, me)
  const merged = mergeByOwnership(base, wanted, schema) as JsonObject
  const change = compareFields(base, merged, schema)
  const changed = new Set([...change.added, ...change.modified])
  const others = owners.filter((owner) => !sameOwner(owner, me))
  const conflicts = others.flatMap((owner) => [...owner.fields].filter((path) => changed.has(path)).map((path) => ({ owner, path })))
  if (conflicts.length > 0 && !context.force) throw conflictError(conflicts)
  const last = owners.find((owner) => sameOwner(owner, me))
  const left = others.map((owner) => ({
    ...owner,
    fields: new Set([...owner.fields].filter((path) => !changed.has(path) || !applied.has(path))),
  }))
  if (last !== undefined) dropAbandoned(merged, last.fields, applied, left, schema)
  const unchanged =
    last !== undefined && last.fields.size === applied.size && [...applied].every((path) => last.fields.has(path)) && changed.size === 0
  const managedFields = writeOwners([...left, { ...me, time: unchanged ? last.time : me.time, fields: applied }])
  const serverMetadata = live?.metadata ?? {}
  const metadata = {
    ...serverMetadata,
    ...dropped(config.metadata),
    labels: undefined,
    annotations: undefined,
    finalizers: undefined,
    ownerReferences: undefined,
    ...(isObject(merged.metadata) ? merged.metadata : {}),
    managedFields,
  }
  for (const key of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const)
    if (metadata[key] === undefined) Reflect.deleteProperty(metadata, key)
  return { ...merged, apiVersion: config.apiVersion, kind: config.kind, metadata }
}

/** Of the applied metadata only preconditions and identity go past the merge. */
function dropped(metadata: KubeObject['metadata']): JsonObject {
  const { name, namespace, uid, resourceVersion } = metadata
  return Object.fromEntries(
    Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined && value !== ''),
  )
}

function ownersBefore(live: KubeObject | undefined, base: JsonObject, schema: JsonObject, me: FieldOwner): FieldOwner[] {
  const owners = readOwners(live?.metadata.managedFields)
  if (live === undefined || owners.length > 0) return owners
  // An object nobody was recorded for belongs, until the first apply, to a manager of this name.
  return [{ ...me, manager: 'before-first-apply', operation: 'Update', fields: fieldsOf(base, schema) }]
}

function mergeByOwnership(live: Json | undefined, config: Json, schema: JsonObject): Json {
  if (live === undefined || isAtomic(config, schema) || isAtomic(live, schema)) return clone(config)
  if (Array.isArray(config)) return mergeLists(Array.isArray(live) ? live : [], config, schema)
  const out: JsonObject = { ...(live as JsonObject) }
  for (const [key, value] of Object.entries(config as JsonObject)) {
    if (value !== undefined) out[key] = mergeByOwnership(out[key], value, memberSchema(schema, key) ?? {})
  }
  return out
}

function mergeLists(live: readonly Json[], config: readonly Json[], schema: JsonObject): Json[] {
  const names = new Set(config.map((item) => itemElement(item, schema)))
  const old = new Map(live.map((item) => [itemElement(item, schema), item]))
  const kept = live.filter((item) => !names.has(itemElement(item, schema)))
  const now = config.map((item) =>
    listType(schema) === 'set' ? item : mergeByOwnership(old.get(itemElement(item, schema)), item, itemSchema(schema)),
  )
  // Items of others keep their place before the applied ones.
  return [...kept, ...now]
}

function dropAbandoned(root: JsonObject, before: FieldSet, applied: FieldSet, others: readonly FieldOwner[], schema: JsonObject): void {
  const owned = new Set<string>()
  for (const set of [applied, ...others.map((owner) => owner.fields)]) {
    for (const path of set) for (let at = path; at !== '' && !owned.has(at); at = parentPath(at)) owned.add(at)
  }
  // Outermost first: a list item goes whole, before the keys that name it do.
  const abandoned = [...before].filter((path) => !owned.has(path)).toSorted((a, b) => elements(a).length - elements(b).length)
  for (const path of abandoned) {
    removeAt(root, elements(path), schema)
    for (let at = parentPath(path); at !== '' && !owned.has(at); at = parentPath(at)) {
      if (!isEmptyAt(root, elements(at), schema)) break
      removeAt(root, elements(at), schema)
    }
  }
}

function step(value: Json | undefined, schema: JsonObject, element: string): { value: Json; schema: JsonObject } | undefined {
  if (value === undefined) return undefined
  return children(value, schema).find((part) => part.element === element)
}

function isEmptyAt(root: Json, path: readonly string[], schema: JsonObject): boolean {
  let at: { value: Json; schema: JsonObject } | undefined = { value: root, schema }
  for (const element of path) at = at && step(at.value, at.schema, element)
  if (at === undefined) return false
  return Array.isArray(at.value) ? at.value.length === 0 : isObject(at.value) && Object.keys(at.value).length === 0
}

function removeAt(root: Json, path: readonly string[], schema: JsonObject): void {
  let at: { value: Json; schema: JsonObject } | undefined = { value: root, schema }
  for (const element of path.slice(0, -1)) at = at && step(at.value, at.schema, element)
  const last = path.at(-1)
  if (at === undefined || last === undefined) return
  const container = at
  if (Array.isArray(container.value)) {
    const index = container.value.findIndex((item) => itemElement(item, container.schema) === last)
    if (index >= 0) container.value.splice(index, 1)
  } else if (isObject(container.value)) delete container.value[last.slice(2)]
}

function showOwner(owner: FieldOwner): string {
  if (owner.operation === 'Apply') return JSON.stringify(owner.manager)
  const version = owner.subresource === '' ? owner.apiVersion : `${owner.apiVersion} (${owner.subresource})`
  return `${JSON.stringify(owner.manager)} using ${version}${owner.time === '' ? '' : ` at ${owner.time}`}`
}

function conflictError(conflicts: readonly { owner: FieldOwner; path: string }[]): ApiStatusError {
  const byOwner = Map.groupBy(conflicts, ({ owner }) => showOwner(owner))
  const first = conflicts[0]!
  const text =
    conflicts.length === 1
      ? `Apply failed with 1 conflict: conflict with ${showOwner(first.owner)}: ${showPath(first.path)}`
      : `Apply failed with ${conflicts.length} conflicts: ${[...byOwner].map(([owner, list]) => [`conflicts with ${owner}:`, ...list.map(({ path }) => `- ${showPath(path)}`)].join('\n')).join('\n')}`
  return new ApiStatusError(409, 'Conflict', text, {
    causes: conflicts.map(({ owner, path }) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${showOwner(owner)}`,
      field: showPath(path),
    })),
  })
}
