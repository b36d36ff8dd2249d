import { compareFields, fromFieldsV1, ownershipSchema, toFieldsV1, type FieldSet } from './field-set.ts'
import { isObject, type Json, type JsonObject, text } from './json.ts'
import type { KubeObject, ManagedFieldsEntry } from './kube-object.ts'
import { apiVersionOf, type ResourceDefinition } from './resource-definition.ts'
import type { WriteContext } from './write-context.ts'

/** One manager's claim on fields. */
export interface FieldOwner {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string
  readonly fields: FieldSet
}

/** Members nobody owns: identity and what the server writes. */
const UNOWNED = [
  'name',
  'namespace',
  'creationTimestamp',
  'uid',
  'generation',
  'managedFields',
  'resourceVersion',
  'generateName',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]

/** The part of an object that ownership is counted on. */
export function ownablePart(object: KubeObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !UNOWNED.includes(key)))
  return Object.keys(kept).length === 0 ? rest : { metadata: kept, ...rest }
}

/** The schema ownership follows for this resource. */
export function ownedSchema(definition: ResourceDefinition): JsonObject {
  return ownershipSchema(definition.schema)
}

/** Reads metadata.managedFields; entries that are not understood are left out. */
export function readOwners(entries: Json | undefined): FieldOwner[] {
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry) => {
    if (!isObject(entry) || !isObject(entry.fieldsV1) || (entry.operation !== 'Apply' && entry.operation !== 'Update')) return []
    return [
      {
        manager: text(entry.manager ?? ''),
        operation: entry.operation,
        apiVersion: text(entry.apiVersion ?? ''),
        subresource: text(entry.subresource ?? ''),
        time: text(entry.time ?? ''),
        fields: fromFieldsV1(entry.fieldsV1),
      },
    ]
  })
}

/** Writes owners back, Apply entries first, then by time, as real servers order them; empty claims vanish. */
export function writeOwners(owners: readonly FieldOwner[]): ManagedFieldsEntry[] {
  return owners
    .filter((owner) => owner.fields.size > 0)
    .toSorted((a, b) => a.operation.localeCompare(b.operation) || a.time.localeCompare(b.time) || a.manager.localeCompare(b.manager))
    .map((owner) => ({
      apiVersion: owner.apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(owner.fields),
      manager: owner.manager,
      operation: owner.operation,
      ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
      time: owner.time,
    }))
}

/** The owner an operation of this request acts as, without any field yet. */
export function requestOwner(operation: 'Apply' | 'Update', context: WriteContext): FieldOwner {
  return {
    manager: context.manager,
    operation,
    apiVersion: apiVersionOf(context.definition),
    subresource: context.subresource,
    time: `${new Date(context.now()).toISOString().slice(0, 19)}Z`,
    fields: new Set(),
  }
}

/** Whether two entries are of the same manager, operation, version and subresource. */
export function sameOwner(a: FieldOwner, b: FieldOwner): boolean {
  return a.manager === b.manager && a.operation === b.operation && a.apiVersion === b.apiVersion && a.subresource === b.subresource
}

/** The object with managedFields after an update (create, PUT, patches other than apply): changed fields move to the requester. */
export function trackUpdate(live: KubeObject | undefined, object: KubeObject, context: WriteContext): KubeObject {
  const sent = object.metadata.managedFields
  // One empty entry is the documented way to forget all ownership.
  const reset = Array.isArray(sent) && sent.length === 1 && Object.keys(sent[0] ?? {}).length === 0
  let owners = reset ? [] : readOwners(sent)
  if (owners.length === 0 && !reset) owners = readOwners(live?.metadata.managedFields)
  const change = compareFields(live === undefined ? {} : ownablePart(live), ownablePart(object), ownedSchema(context.definition))
  const taken = new Set([...change.added, ...change.modified])
  const gone = change.removed
  const me = requestOwner('Update', context)
  const result: FieldOwner[] = []
  let mine: FieldSet = new Set()
  let mineTime = me.time
  for (const owner of owners) {
    if (sameOwner(owner, me)) {
      mine = new Set([...owner.fields].filter((path) => !gone.has(path)))
      if (taken.size === 0) mineTime = owner.time
    } else result.push({ ...owner, fields: new Set([...owner.fields].filter((path) => !gone.has(path) && !taken.has(path))) })
  }
  result.push({ ...me, time: mineTime, fields: new Set([...mine, ...taken]) })
  const managedFields = writeOwners(result)
  const metadata = { ...object.metadata, managedFields }
  if (managedFields.length === 0) Reflect.deleteProperty(metadata, 'managedFields')
  return { ...object, metadata }
}
