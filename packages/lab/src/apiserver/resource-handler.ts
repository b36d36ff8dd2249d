import { forbidden, methodNotAllowed, noSuchPath, notFound } from './api-status.ts'
import { remove, removeAll } from './delete-request.ts'
import { writePieces } from './json-stream.ts'
import { listBody, listPage, type ListRequest } from './list.ts'
import { representationOf, type Representation } from './media-type.ts'
import { mediaType, readBody } from './request-body.ts'
import type { LabRequest } from './request-context.ts'
import type { ResourceTarget } from './request-info.ts'
import { apiVersionOf, resourceKey, type ResourceDefinition } from './resource-definition.ts'
import { sendJson, warningHeaders } from './respond.ts'
import { accessReview, rulesReview } from './self-review.ts'
import { jsonIn, keyOf, thaw, type StoredObject } from './stored-object.ts'
import { metadataOnly, tableWriter, type IncludeObject } from './table.ts'
import { serveWatch } from './watch.ts'
import { createObject, type WriteResult } from './write.ts'
import type { WriteContext } from './write-context.ts'
import { objectBody, patch, replace, writeContext } from './write-request.ts'

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
    case 'update':
      return sendWritten(asked, replace(target, body, type, context), definition, representation, context)
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
