import { objectOr } from './json.ts'
import { listBody } from './list.ts'
import type { LabRequest } from './request-context.ts'
import type { ResourceTarget } from './request-info.ts'
import { apiVersionOf, resourceKey } from './resource-definition.ts'
import { sendJson } from './respond.ts'
import { selectorOf } from './selectors.ts'
import { jsonIn, thaw } from './stored-object.ts'
import { deleteObject, type DeleteOptions } from './write.ts'
import type { WriteContext } from './write-context.ts'
import { objectBody } from './write-request.ts'

function deleteOptions(body: Buffer, type: string): DeleteOptions {
  if (body.length === 0) return {}
  const preconditions = objectOr(objectBody(body, type).value.preconditions)
  return {
    ...(typeof preconditions.uid === 'string' && { uid: preconditions.uid }),
    ...(typeof preconditions.resourceVersion === 'string' && { resourceVersion: preconditions.resourceVersion }),
  }
}

/** DELETE of one object: answers with a Status, or with the object when finalizers still hold it. */
export function remove(asked: LabRequest, target: ResourceTarget, body: Buffer, type: string, context: WriteContext): void {
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

/** DELETE of a collection: answers with the list of what was deleted. */
export function removeAll(asked: LabRequest, target: ResourceTarget, context: WriteContext): void {
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
