import { randomBytes } from 'node:crypto'
import { badRequest, forbidden, invalid, methodNotAllowed, noSuchPath, notFound, unsupportedMediaType } from './api-status.ts'
import { NAMESPACE_KEY } from './built-in-resources.ts'
import { writePieces } from './json-stream.ts'
import { isObject, objectOr, type Json, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { listBody, listPage, type ListRequest } from './list.ts'
import { representationOf, type Representation } from './media-type.ts'
import { jsonPatch } from './patch-json.ts'
import { mergePatch } from './patch-merge.ts'
import { decodeBody, mediaType, readBody, type RequestBody } from './request-body.ts'
import type { LabRequest } from './request-context.ts'
import { isTrue, type ResourceTarget } from './request-info.ts'
import { apiVersionOf, resourceKey, type ResourceDefinition } from './resource-definition.ts'
import { sendJson, warningHeaders } from './respond.ts'
import { selectorOf } from './selectors.ts'
import { accessReview, rulesReview } from './self-review.ts'
import { applyConfiguration } from './server-side-apply.ts'
import { jsonIn, keyOf, thaw, type StoredObject } from './stored-object.ts'
import { metadataOnly, tableWriter, type IncludeObject } from './table.ts'
import { serveWatch } from './watch.ts'
import { asObject, createObject, deleteObject, updateObject, type DeleteOptions, type WriteResult } from './write.ts'
import type { FieldValidation, WriteContext } from './write-context.ts'

const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

/** Answers a request for a resource. Throws a Status error for everything it refuses. */
export async function handleResource(asked: LabRequest, target: ResourceTarget): Promise<void> {
  const { core, info, request, response } = asked
  const definition = core.registry.find(target.group, target.version, target.resource)
  if (definition === undefined || (target.namespace !== '' && !definition.namespaced)) throw noSuchPath()
  if (target.subresource !== '' && !(target.subresource === 'status' && definition.statusSubresource)) throw noSuchPath()
  const needsNamespace = definition.namespaced && target.namespace === '' && (target.name !== '' || info.verb === 'create')
  if (needsNamespace) throw noSuchPath()
  if (!definition.verbs.includes(info.verb)) throw methodNotAllowed()
  const representation = representationOf(request.headers.accept)
  const review = definition.group === 'authorization.k8s.io'
  if (core.readOnly && !review && !['get', 'list', 'watch'].includes(info.verb))
    throw forbidden(definition, target.name, 'this lab server is read-only')
  switch (info.verb) {
    case 'list':
      return list(asked, target, definition, representation)
    case 'watch':
      return watch(asked, target, definition, representation)
    case 'get':
      return sendObject(asked, 200, present(asked, target, definition), definition, representation, [])
  }
  const body = await readBody(request)
  const type = mediaType(request)
  if (review) return sendReview(asked, definition, body, type)
  if (response.destroyed) return
  const context = writeContext(asked, target, definition)
  switch (info.verb) {
    case 'create': {
      const decoded = objectBody(body, type)
      const result = createObject(decoded.value, context, decoded.duplicates)
      return sendWritten(asked, result, definition, representation, context)
    }
    case 'update': {
      const decoded = objectBody(body, type)
      const result = updateObject(
        { name: target.name, duplicates: decoded.duplicates, make: (live) => replacement(decoded.value, live, context) },
        context,
      )
      return sendWritten(asked, result, definition, representation, context)
    }
    case 'patch':
      return sendWritten(asked, patch(asked, target, body, type, context), definition, representation, context)
    case 'delete':
      return remove(asked, target, body, type, context)
    case 'deletecollection':
      return removeAll(asked, target, context)
    default:
      throw methodNotAllowed()
  }
}

function storeOf({ core }: LabRequest, definition: ResourceDefinition): ReturnType<LabRequest['core']['store']['resource']> {
  return core.store.resource(resourceKey(definition))
}

function include(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject')
  return value === 'None' || value === 'Object' ? value : 'Metadata'
}

async function list(
  asked: LabRequest,
  target: ResourceTarget,
  definition: ResourceDefinition,
  representation: Representation,
): Promise<void> {
  const { core, info, response } = asked
  const page = await listPage(
    storeOf(asked, definition),
    { definition, namespace: target.namespace, name: target.name, query: info.query },
    core.limits.freshWaitMs,
  )
  if (response.destroyed) return
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
  await writePieces(response, listBody(page, definition, representation, include(info.query), core.now))
  response.end()
}

async function watch(
  asked: LabRequest,
  target: ResourceTarget,
  definition: ResourceDefinition,
  representation: Representation,
): Promise<void> {
  const { core, info, response, account } = asked
  const request: ListRequest = { definition, namespace: target.namespace, name: target.name, query: info.query }
  await serveWatch(request, response, representation, include(info.query), {
    store: storeOf(asked, definition),
    features: core.features,
    limits: core.limits,
    watches: core.watches,
    faults: core.faults,
    account: account.name,
    now: core.now,
    random: core.random,
    reset: core.reset,
  })
}

function present(asked: LabRequest, target: ResourceTarget, definition: ResourceDefinition): StoredObject {
  const stored = storeOf(asked, definition).get(keyOf(target.namespace, target.name))
  if (stored === undefined) throw notFound(definition, target.name)
  return stored
}

function writeContext({ core, info, request, account }: LabRequest, target: ResourceTarget, definition: ResourceDefinition): WriteContext {
  const { query } = info
  const dryRun = query.getAll('dryRun')
  if (dryRun.some((value) => value !== 'All' && value !== '')) {
    throw invalid({ group: 'meta.k8s.io', resource: '' }, 'PatchOptions', '', [
      { reason: 'FieldValueNotSupported', message: `Unsupported value: "${dryRun[0]}": supported values: "All"`, field: 'dryRun' },
    ])
  }
  const validation = query.get('fieldValidation') ?? ''
  const known = (['Strict', 'Warn', 'Ignore'] as const).find((value) => value === validation)
  if (core.features.fieldValidation && validation !== '' && known === undefined) {
    throw invalid({ group: 'meta.k8s.io', resource: '' }, 'CreateOptions', '', [
      {
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: "${validation}": supported values: "Ignore", "Strict", "Warn"`,
        field: 'fieldValidation',
      },
    ])
  }
  const fieldValidation: FieldValidation = core.features.fieldValidation ? (known ?? 'Warn') : 'Ignore'
  const objects = (key: string, mentioning?: string): KubeObject[] =>
    core.store
      .resource(key)
      .list()
      .filter((entry) => mentioning === undefined || entry.json.includes(mentioning))
      .map((entry) => thaw(entry))
  return {
    definition,
    store: core.store.resource(resourceKey(definition)),
    namespace: target.namespace,
    subresource: target.subresource,
    user: account.user,
    manager: query.get('fieldManager') ?? (request.headers['user-agent'] ?? 'unknown').split('/')[0]!,
    dryRun: dryRun.includes('All'),
    force: isTrue(query.get('force')),
    fieldValidation,
    now: core.now,
    newUid: core.newUid,
    randomSuffix: () => randomBytes(4).toString('hex').slice(0, 5),
    admission: core.admission,
    lookup: (key, namespace, name) => {
      const found = core.store.resource(key).get(keyOf(namespace, name))
      return found === undefined ? undefined : thaw(found)
    },
    list: objects,
    namespaceExists: (name) => core.store.resource(NAMESPACE_KEY).get(keyOf('', name)) !== undefined,
    warnings: [],
  }
}

function objectBody(body: Buffer, type: string): RequestBody & { value: JsonObject } {
  const decoded = decodeBody(body, type)
  if (!isObject(decoded.value)) throw badRequest('the body of the request is not an object')
  return { ...decoded, value: decoded.value }
}

function replacement(body: JsonObject, live: KubeObject, context: WriteContext): KubeObject {
  const object = asObject(body, context)
  const version = object.metadata.resourceVersion
  if (context.definition.custom && (version === undefined || version === '')) {
    throw invalid(context.definition, context.definition.kind, live.metadata.name ?? '', [
      { reason: 'FieldValueInvalid', message: 'Invalid value: 0x0: must be specified for an update', field: 'metadata.resourceVersion' },
    ])
  }
  return object
}

function patch(asked: LabRequest, target: ResourceTarget, body: Buffer, type: string, context: WriteContext): WriteResult {
  if (!PATCH_TYPES.includes(type)) throw unsupportedMediaType(type, PATCH_TYPES)
  if (type === 'application/apply-patch+yaml') return apply(asked, target, body, context)
  const decoded = decodeBody(body, 'application/json')
  const change = (live: KubeObject): Json =>
    type === 'application/json-patch+json' ? jsonPatch(live, decoded.value) : mergePatch(live, decoded.value)
  return updateObject(
    {
      name: target.name,
      duplicates: decoded.duplicates,
      make: (live) => {
        const result = change(live)
        if (!isObject(result)) throw badRequest('the patched object is not an object')
        return asObject(result, context)
      },
    },
    context,
  )
}

function apply(asked: LabRequest, target: ResourceTarget, body: Buffer, context: WriteContext): WriteResult {
  if (asked.info.query.get('fieldManager') === null) {
    throw invalid({ group: 'meta.k8s.io', resource: '' }, 'PatchOptions', '', [
      { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' },
    ])
  }
  const text = body.toString()
  // JSON is YAML, and kubectl sends JSON here: the fast reader is tried first.
  const decoded = objectBody(body, /^\s*\{/.test(text) ? 'application/json' : 'application/yaml')
  const config = asObject(decoded.value, context)
  if ((config.metadata.name ?? target.name) !== target.name) {
    throw badRequest(`the name of the object (${config.metadata.name}) does not match the name on the URL (${target.name})`)
  }
  config.metadata = { ...config.metadata, name: target.name }
  const exists = context.store.get(keyOf(target.namespace, target.name)) !== undefined
  if (!exists) {
    if (context.subresource !== '') throw notFound(context.definition, target.name)
    if ((config.metadata.uid ?? '') !== '') throw notFound(context.definition, target.name)
    return createObject(applyConfiguration(undefined, config, context), context, decoded.duplicates, false)
  }
  return updateObject(
    { name: target.name, duplicates: decoded.duplicates, tracked: true, make: (live) => applyConfiguration(live, config, context) },
    context,
  )
}

function deleteOptions(body: Buffer, type: string): DeleteOptions {
  if (body.length === 0) return {}
  const preconditions = objectOr(objectBody(body, type).value.preconditions)
  return {
    ...(typeof preconditions.uid === 'string' && { uid: preconditions.uid }),
    ...(typeof preconditions.resourceVersion === 'string' && { resourceVersion: preconditions.resourceVersion }),
  }
}

function remove(asked: LabRequest, target: ResourceTarget, body: Buffer, type: string, context: WriteContext): void {
  const { core, response } = asked
  const { definition } = context
  const sent = body.length === 0 ? {} : objectBody(body, type).value
  const inBody = Array.isArray(sent.dryRun) && sent.dryRun.includes('All')
  const { stored, gone } = deleteObject(target.name, deleteOptions(body, type), { ...context, dryRun: context.dryRun || inBody })
  if (gone && definition.resource === 'namespaces' && !context.dryRun && !inBody) emptyNamespace(core, target.name)
  if (!gone) return sendJson(response, 200, jsonIn(stored, apiVersionOf(definition)))
  sendJson(response, 200, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: target.name, ...(definition.group !== '' && { group: definition.group }), kind: definition.resource, uid: stored.uid },
  })
}

function emptyNamespace(core: LabRequest['core'], namespace: string): void {
  for (const definition of core.registry.all()) {
    if (!definition.namespaced) continue
    const store = core.store.resource(resourceKey(definition))
    for (const stored of store.list()) if (stored.namespace === namespace) store.remove(thaw(stored))
  }
}

function removeAll(asked: LabRequest, target: ResourceTarget, context: WriteContext): void {
  const select = selectorOf(target.namespace, '', asked.info.query)
  const meant = context.store.list().filter(select)
  const deleted = meant.map((entry) => deleteObject(entry.name, {}, { ...context, namespace: entry.namespace }).stored)
  const { definition } = context
  const metadata = { resourceVersion: String(context.store.revision) }
  sendJson(
    asked.response,
    200,
    Buffer.concat([...listBody({ items: deleted, metadata }, definition, { as: 'object', version: '' }, 'None', context.now)]),
  )
}

function sendReview({ core, account, response }: LabRequest, definition: ResourceDefinition, body: Buffer, type: string): void {
  const { value } = objectBody(body, type)
  if (definition.resource === 'selfsubjectaccessreviews') return sendJson(response, 201, accessReview(value, account))
  sendJson(response, 201, rulesReview(value, account, core.registry.all()))
}

function sendWritten(
  asked: LabRequest,
  result: WriteResult,
  definition: ResourceDefinition,
  representation: Representation,
  context: WriteContext,
): void {
  sendObject(asked, result.created ? 201 : 200, result.stored, definition, representation, context.warnings)
}

function sendObject(
  { core, info, response }: LabRequest,
  code: number,
  stored: StoredObject,
  definition: ResourceDefinition,
  representation: Representation,
  warnings: readonly string[],
): void {
  const apiVersion = apiVersionOf(definition)
  const headers = warningHeaders(warnings)
  if (representation.as === 'object') return sendJson(response, code, jsonIn(stored, apiVersion), headers)
  if (representation.as === 'metadata') return sendJson(response, code, metadataOnly(thaw(stored), representation.version), headers)
  const writer = tableWriter(definition, representation.version, include(info.query), core.now, apiVersion)
  const { apiVersion: tableVersion, columnDefinitions } = writer
  const metadata = { resourceVersion: String(stored.revision) }
  sendJson(response, code, { kind: 'Table', apiVersion: tableVersion, metadata, columnDefinitions, rows: [writer.row(stored)] }, headers)
}
