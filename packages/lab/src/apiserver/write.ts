import { isRejection, type AdmissionContext } from './admission.ts'
import {
  alreadyExists,
  ApiStatusError,
  badRequest,
  conflict,
  forbidden,
  invalid,
  MODIFIED,
  notFound,
  type StatusCause,
} from './api-status.ts'
import { clone, equal, isObject, objectOr, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { trackUpdate } from './managed-fields.ts'
import { labelProblems, nameProblem } from './object-names.ts'
import { apiVersionOf } from './resource-definition.ts'
import { applyDefaults } from './schema-default.ts'
import { pruneUnknown } from './schema-prune.ts'
import { validateObject } from './schema-validate.ts'
import { freeze, keyOf, thaw, type StoredObject } from './stored-object.ts'
import { completeBuiltIn } from './built-in-defaults.ts'
import { validateCrd } from './crd-validate.ts'
import type { WriteContext } from './write-context.ts'

/** What a write came to: the object as answered, and whether it is new. */
export interface WriteResult {
  readonly stored: StoredObject
  readonly created: boolean
}

function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`
}

/** A body as an object of the resource asked for. Throws 400 when kind, version or namespace do not fit the path. */
export function asObject(body: JsonObject, context: WriteContext): KubeObject {
  const { definition } = context
  const wanted = apiVersionOf(definition)
  const { apiVersion, kind } = body
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '' || apiVersion === '') {
    throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(body).slice(0, 200)}'`)
  }
  if (apiVersion !== wanted || kind !== definition.kind) {
    throw badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: the object provided is unrecognized (it is ${apiVersion}, Kind=${kind})`,
    )
  }
  if (body.metadata !== undefined && !isObject(body.metadata)) throw badRequest('error decoding from json: metadata must be an object')
  const metadata = { ...objectOr(body.metadata) } as KubeObject['metadata']
  if (definition.namespaced) {
    if ((metadata.namespace ?? context.namespace) !== context.namespace) {
      throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
    }
    metadata.namespace = context.namespace
  } else delete metadata.namespace
  return { ...body, apiVersion, kind, metadata }
}

/** Creates an object; generateName is honoured. Throws 409 when the name is taken, 422 when the object is not valid. */
export function createObject(body: JsonObject, context: WriteContext, duplicates: readonly string[] = [], track = true): WriteResult {
  const { definition, store } = context
  let object = asObject(body, context)
  if (definition.namespaced && !context.namespaceExists(context.namespace)) {
    throw notFound({ group: '', resource: 'namespaces' }, context.namespace)
  }
  if (object.metadata.resourceVersion !== undefined && object.metadata.resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created')
  }
  const metadata = { ...object.metadata }
  if ((metadata.name ?? '') === '' && (metadata.generateName ?? '') !== '')
    metadata.name = `${metadata.generateName!.slice(0, 58)}${context.randomSuffix()}`
  metadata.uid = context.newUid()
  metadata.creationTimestamp = timestamp(context.now())
  if (definition.custom) metadata.generation = 1
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.resourceVersion
  object = { ...object, metadata }
  if (definition.statusSubresource && definition.custom) delete object.status
  object = completeBuiltIn(prepareFields(object, context, duplicates))
  if (track) object = trackUpdate(undefined, object, context)
  object = admit(object, undefined, context)
  const name = object.metadata.name ?? ''
  check(object, undefined, context)
  const key = keyOf(object.metadata.namespace, name)
  if (store.get(key) !== undefined) throw alreadyExists(definition, name)
  if (context.dryRun) return { stored: freeze(object, 0), created: true }
  return { stored: store.put(object), created: true }
}

/** How an update makes the new object from the live one. `duplicates` are complaints of the body's decoder. */
export interface UpdateRequest {
  readonly name: string
  readonly duplicates: readonly string[]
  /** Called with the live object, gives the wanted one before any server rule is applied. */
  readonly make: (live: KubeObject) => KubeObject
  /** True when `make` has taken care of managedFields itself (server-side apply). */
  readonly tracked?: boolean
}

/** Changes an existing object (PUT, every PATCH). Throws 404, 409 for a failed precondition, 422. Unchanged means not written. */
export function updateObject(request: UpdateRequest, context: WriteContext): WriteResult {
  const { definition, store } = context
  const current = store.get(keyOf(definition.namespaced ? context.namespace : '', request.name))
  if (current === undefined) throw notFound(definition, request.name)
  const live = thaw(current)
  live.apiVersion = apiVersionOf(definition)
  const wanted = request.make(clone(live))
  preconditions(wanted, live, request.name, context)
  let object = ownedByServer(wanted, live, context)
  object = prepareFields(object, context, request.duplicates)
  if (request.tracked !== true) object = trackUpdate(live, object, context)
  if (context.subresource === '') object = admit(object, live, context)
  object = withGeneration(object, live, context)
  check(object, live, context)
  if (equal(withoutFieldTimes(object), withoutFieldTimes(live))) return { stored: current, created: false }
  if (object.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0) {
    return { stored: context.dryRun ? freeze(object, current.revision) : store.remove(object), created: false }
  }
  if (context.dryRun) return { stored: freeze(object, current.revision), created: false }
  return { stored: store.put(object), created: false }
}

function withoutFieldTimes(object: KubeObject): KubeObject {
  const entries = object.metadata.managedFields
  if (entries === undefined) return object
  return { ...object, metadata: { ...object.metadata, managedFields: entries.map(({ time: _time, ...rest }) => rest) } }
}

function preconditions(wanted: KubeObject, live: KubeObject, name: string, context: WriteContext): void {
  const { resourceVersion, uid } = wanted.metadata
  if ((wanted.metadata.name ?? '') === '') wanted.metadata.name = name
  if (wanted.metadata.name !== name)
    throw badRequest(`the name of the object (${wanted.metadata.name}) does not match the name on the URL (${name})`)
  if (uid !== undefined && uid !== '' && uid !== live.metadata.uid) {
    throw conflict(context.definition, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`)
  }
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== live.metadata.resourceVersion) {
    throw conflict(context.definition, name, MODIFIED)
  }
}

/** Puts back what a client cannot change: server-set metadata, status on the main path, everything else on /status. */
function ownedByServer(wanted: KubeObject, live: KubeObject, context: WriteContext): KubeObject {
  const metadata = {
    ...(context.subresource === 'status' ? { ...live.metadata, managedFields: wanted.metadata.managedFields } : wanted.metadata),
  }
  if (metadata.managedFields === undefined) delete metadata.managedFields
  for (const field of [
    'uid',
    'creationTimestamp',
    'generation',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'resourceVersion',
    'generateName',
  ] as const) {
    if (live.metadata[field] === undefined) delete metadata[field]
    else Object.assign(metadata, { [field]: live.metadata[field] })
  }
  const object: KubeObject = context.subresource === 'status' ? { ...live, metadata } : { ...wanted, metadata }
  if (context.definition.statusSubresource) {
    const status = context.subresource === 'status' ? wanted.status : live.status
    if (status === undefined) delete object.status
    else object.status = status
  }
  return object
}

function withGeneration(object: KubeObject, live: KubeObject, context: WriteContext): KubeObject {
  if (!context.definition.custom || context.subresource === 'status') return object
  const content = (from: KubeObject): JsonObject => {
    const { metadata: _metadata, status, ...rest } = from
    return context.definition.statusSubresource || status === undefined ? rest : { ...rest, status }
  }
  if (equal(content(object), content(live))) return object
  return { ...object, metadata: { ...object.metadata, generation: (live.metadata.generation ?? 1) + 1 } }
}

/** Prunes, complains about unknown and duplicate fields as asked, and fills in schema defaults. */
function prepareFields(object: KubeObject, context: WriteContext, duplicates: readonly string[]): KubeObject {
  if (!context.definition.custom) return object
  const { object: pruned, unknown } = pruneUnknown(object, context.definition.schema)
  const complaints = [...unknown.map((path) => `unknown field "${path}"`), ...duplicates]
  if (complaints.length > 0 && context.fieldValidation === 'Strict') {
    throw badRequest(
      `${context.definition.kind} in version "${context.definition.version}" cannot be handled as a ${context.definition.kind}: strict decoding error: ${complaints.join(', ')}`,
    )
  }
  if (context.fieldValidation === 'Warn') context.warnings.push(...complaints)
  return applyDefaults(pruned, context.definition.schema)
}

function admissionContext(
  operation: AdmissionContext['operation'],
  previous: KubeObject | undefined,
  context: WriteContext,
): AdmissionContext {
  return { operation, definition: context.definition, user: context.user, previous, lookup: context.lookup, list: context.list }
}

function admit(object: KubeObject, previous: KubeObject | undefined, context: WriteContext): KubeObject {
  if (context.admission === undefined || !context.definition.custom) return object
  const answer = context.admission(clone(object), admissionContext(previous === undefined ? 'create' : 'update', previous, context))
  if (isRejection(answer)) throw denied(answer.webhook, answer.reject)
  const { object: pruned } = pruneUnknown({ ...answer, metadata: { ...answer.metadata } }, context.definition.schema)
  return applyDefaults(pruned, context.definition.schema)
}

function denied(webhook: string, why: string): ApiStatusError {
  return new ApiStatusError(403, 'Forbidden', `admission webhook "${webhook}" denied the request: ${why}`)
}

function check(object: KubeObject, live: KubeObject | undefined, context: WriteContext): void {
  const { definition } = context
  const name = object.metadata.name ?? ''
  const causes: StatusCause[] = []
  if (live === undefined) {
    if (name === '')
      causes.push({ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' })
    else {
      const problem = nameProblem(name)
      if (problem) causes.push(problem)
    }
  } else if (object.metadata.namespace !== live.metadata.namespace) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${object.metadata.namespace}": field is immutable`,
      field: 'metadata.namespace',
    })
  }
  causes.push(...labelProblems(object.metadata.labels))
  if (definition.custom) causes.push(...validateObject(object, definition.schema))
  if (definition.resource === 'customresourcedefinitions') causes.push(...validateCrd(object))
  if (causes.length > 0) throw invalid(definition, definition.kind, name, causes)
}

/** Body and parameters of a delete. */
export interface DeleteOptions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/** Deletes an object, or marks it when finalizers hold it. `gone` says whether it is really away. */
export function deleteObject(name: string, options: DeleteOptions, context: WriteContext): { stored: StoredObject; gone: boolean } {
  const { definition, store } = context
  const current = store.get(keyOf(definition.namespaced ? context.namespace : '', name))
  if (current === undefined) throw notFound(definition, name)
  const live = thaw(current)
  const failed = (what: string, asked: string, is: string | undefined): ApiStatusError =>
    conflict(definition, name, `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is ?? ''}`)
  if (options.uid !== undefined && options.uid !== live.metadata.uid) throw failed('UID', options.uid, live.metadata.uid)
  if (options.resourceVersion !== undefined && options.resourceVersion !== live.metadata.resourceVersion) {
    throw failed('ResourceVersion', options.resourceVersion, live.metadata.resourceVersion)
  }
  if (definition.resource === 'namespaces' && (name === 'default' || name === 'kube-system')) {
    throw forbidden(definition, name, 'this namespace may not be deleted')
  }
  if (context.admission !== undefined && definition.custom) {
    const answer = context.admission(live, admissionContext('delete', live, context))
    if (isRejection(answer)) throw denied(answer.webhook, answer.reject)
  }
  if ((live.metadata.finalizers ?? []).length > 0) {
    if (live.metadata.deletionTimestamp !== undefined || context.dryRun) return { stored: current, gone: false }
    const metadata = { ...live.metadata, deletionTimestamp: timestamp(context.now()), deletionGracePeriodSeconds: 0 }
    if (metadata.generation !== undefined) metadata.generation += 1
    return { stored: store.put({ ...live, metadata }), gone: false }
  }
  return { stored: context.dryRun ? current : store.remove(live), gone: true }
}
