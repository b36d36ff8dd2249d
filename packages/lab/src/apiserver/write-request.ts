import { randomBytes } from 'node:crypto'
import { badRequest, invalid, notFound, unsupportedMediaType } from './api-status.ts'
import { NAMESPACE_KEY } from './built-in-resources.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { jsonPatch } from './patch-json.ts'
import { mergePatch } from './patch-merge.ts'
import { decodeBody, type RequestBody } from './request-body.ts'
import type { LabRequest } from './request-context.ts'
import { isTrue, type ResourceTarget } from './request-info.ts'
import { resourceKey, type ResourceDefinition } from './resource-definition.ts'
import { applyConfiguration } from './server-side-apply.ts'
import { keyOf, thaw } from './stored-object.ts'
import { asObject, createObject, updateObject, type WriteResult } from './write.ts'
import type { FieldValidation, WriteContext } from './write-context.ts'

const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

/** The context of a write from its parameters. Throws 422 for values that do not exist. */
export function writeContext(
  { core, info, request, account }: LabRequest,
  target: ResourceTarget,
  definition: ResourceDefinition,
): WriteContext {
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

/** A body that has to be an object. Throws 400 otherwise. */
export function objectBody(body: Buffer, type: string): RequestBody & { value: JsonObject } {
  const decoded = decodeBody(body, type)
  if (!isObject(decoded.value)) throw badRequest('the body of the request is not an object')
  return { ...decoded, value: decoded.value }
}

/** PUT: the body replaces the object. Throws 422 when a custom resource comes without the version it replaces. */
export function replace(target: ResourceTarget, body: Buffer, type: string, context: WriteContext): WriteResult {
  const decoded = objectBody(body, type)
  return updateObject(
    { name: target.name, duplicates: decoded.duplicates, make: (live) => replacement(decoded.value, live, context) },
    context,
  )
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

/** PATCH of any kind, chosen by media type. Throws 415 for kinds that custom resources do not take. */
export function patch(asked: LabRequest, target: ResourceTarget, body: Buffer, type: string, context: WriteContext): WriteResult {
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
  limitToSubresource(config, context)
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

/** Status is owned on its own path, and nothing else is there. */
function limitToSubresource(config: KubeObject, context: WriteContext): void {
  if (!context.definition.statusSubresource) return
  if (context.subresource === '') delete config.status
  else for (const key of Object.keys(config)) if (!['apiVersion', 'kind', 'metadata', 'status'].includes(key)) delete config[key]
}
