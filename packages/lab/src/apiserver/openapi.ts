import { isObject, type Json, type JsonObject } from './json.ts'
import type { ResourceDefinition } from './resource-definition.ts'
import { apiVersionOf } from './resource-definition.ts'

const JSON_TYPES = ['application/json', 'application/yaml']
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json']

/** Name of the schema of a kind in OpenAPI documents: group reversed, as real servers name CRD schemas. */
function schemaName(definition: ResourceDefinition): string {
  const group = definition.group === '' ? 'io.k8s.api.core' : definition.group.split('.').toReversed().join('.')
  return `${group}.${definition.version}.${definition.kind}`
}

const META_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

const META_SCHEMA: JsonObject = {
  description: 'ObjectMeta is metadata that all persisted resources must have.',
  type: 'object',
  properties: {
    annotations: { type: 'object', description: 'Unstructured values set by tools.', additionalProperties: { type: 'string' } },
    creationTimestamp: { type: 'string', format: 'date-time', description: 'When the server made the object. Set by the server.' },
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
    deletionTimestamp: { type: 'string', format: 'date-time', description: 'When the object will be gone. Set by the server.' },
    finalizers: {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
      description: 'Must be empty before the object is removed.',
    },
    generateName: { type: 'string', description: 'Prefix of a name the server makes unique.' },
    generation: { type: 'integer', format: 'int64', description: 'Counts changes of the desired state. Set by the server.' },
    labels: { type: 'object', description: 'Values to select objects by.', additionalProperties: { type: 'string' } },
    managedFields: { type: 'array', items: { type: 'object' }, description: 'Which manager set which fields. Set by the server.' },
    name: { type: 'string', description: 'Unique within a namespace; cannot be changed.' },
    namespace: { type: 'string', description: 'The space in which the name is unique.' },
    ownerReferences: { type: 'array', items: { type: 'object' } },
    resourceVersion: { type: 'string', description: 'Opaque version of the object. Set by the server.' },
    selfLink: { type: 'string' },
    uid: { type: 'string', description: 'Unique in time and space. Set by the server.' },
  },
}

/** GET /openapi/v3: where the document of each group version is. */
export function openapiIndex(all: readonly ResourceDefinition[], hash: (text: string) => string): JsonObject {
  const paths: JsonObject = {}
  for (const definition of all) {
    const path = definition.group === '' ? `api/${definition.version}` : `apis/${definition.group}/${definition.version}`
    if (paths[path] !== undefined) continue
    const content = all.filter((entry) => apiVersionOf(entry) === apiVersionOf(definition)).map((entry) => JSON.stringify(entry.schema))
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash(content.join('\n'))}` }
  }
  return { paths }
}

/** GET /openapi/v3/apis/GROUP/VERSION; undefined when nothing of it is served. */
export function openapiV3(all: readonly ResourceDefinition[], group: string, version: string, server: string): JsonObject | undefined {
  const mine = all.filter((definition) => definition.group === group && definition.version === version)
  if (mine.length === 0) return undefined
  const paths: JsonObject = {}
  const schemas: JsonObject = { [META_NAME]: META_SCHEMA }
  for (const definition of mine) {
    Object.assign(paths, pathsOf(definition))
    const gvk = { group, kind: definition.kind, version }
    schemas[schemaName(definition)] = { ...withMetadata(definition.schema), 'x-kubernetes-group-version-kind': [gvk] }
    schemas[`${schemaName(definition)}List`] = {
      type: 'object',
      description: `${definition.listKind} is a list of ${definition.kind}`,
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        items: { type: 'array', items: { $ref: `#/components/schemas/${schemaName(definition)}` } },
      },
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: definition.listKind }],
    }
  }
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: server }, paths, components: { schemas } }
}

function withMetadata(schema: JsonObject, where = '#/components/schemas/'): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {}
  return {
    type: 'object',
    ...schema,
    properties: {
      apiVersion: { type: 'string', description: 'APIVersion names the versioned schema of this object.' },
      kind: { type: 'string', description: 'Kind names the REST resource this object stands for.' },
      ...properties,
      metadata: { ...metadataReference(where), description: 'Standard object metadata.' },
    },
  }
}

/** OpenAPI v3 does not allow anything beside a $ref, so real servers wrap it there. */
function metadataReference(where: string): JsonObject {
  const reference = { $ref: `${where}${META_NAME}` }
  return where.startsWith('#/components') ? { allOf: [reference], default: {} } : reference
}

function query(name: string, type = 'string'): JsonObject {
  return { name, in: 'query', schema: { type, uniqueItems: true } }
}

function pathsOf(definition: ResourceDefinition): JsonObject {
  const root = definition.group === '' ? `/api/${definition.version}` : `/apis/${definition.group}/${definition.version}`
  const collection = definition.namespaced ? `${root}/namespaces/{namespace}/${definition.resource}` : `${root}/${definition.resource}`
  const one = `${collection}/{name}`
  const write = [query('dryRun'), query('fieldManager'), query('fieldValidation')]
  const read = [
    'allowWatchBookmarks',
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'sendInitialEvents',
    'timeoutSeconds',
    'watch',
  ]
  const list = operation(
    definition,
    'list',
    read.map((name) => query(name)),
    true,
  )
  const paths: JsonObject = {
    [collection]: {
      get: list,
      post: operation(definition, 'post', write),
      delete: operation(definition, 'deletecollection', [query('dryRun')]),
    },
    [one]: {
      get: operation(definition, 'get', []),
      put: operation(definition, 'put', write),
      patch: operation(definition, 'patch', [...write, query('force', 'boolean')]),
      delete: operation(definition, 'delete', [query('dryRun')]),
    },
  }
  if (definition.namespaced) paths[`${root}/${definition.resource}`] = { get: list }
  if (definition.statusSubresource) {
    paths[`${one}/status`] = {
      get: operation(definition, 'get', []),
      put: operation(definition, 'put', write),
      patch: operation(definition, 'patch', [...write, query('force', 'boolean')]),
    }
  }
  return paths
}

function operation(definition: ResourceDefinition, action: string, parameters: JsonObject[], isList = false): JsonObject {
  const ref: JsonObject = { $ref: `#/components/schemas/${schemaName(definition)}${isList ? 'List' : ''}` }
  const content = (types: readonly string[]): JsonObject =>
    Object.fromEntries(types.map((type): [string, Json] => [type, { schema: { ...ref } }]))
  return {
    tags: [definition.group === '' ? 'core_v1' : `${definition.group}_${definition.version}`],
    operationId: `${action}${definition.kind}`,
    parameters,
    ...(['post', 'put'].includes(action) && { requestBody: { content: content(JSON_TYPES), required: true } }),
    ...(action === 'patch' && { requestBody: { content: content(PATCH_TYPES), required: true } }),
    responses: { '200': { description: 'OK', content: content(JSON_TYPES) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: definition.group, kind: definition.kind, version: definition.version },
  }
}

/** GET /openapi/v2 as JSON: definitions only, for clients that look for kinds. */
export function openapiV2(all: readonly ResourceDefinition[], server: string): JsonObject {
  const definitions: JsonObject = { [META_NAME]: META_SCHEMA }
  for (const definition of all) {
    definitions[schemaName(definition)] = {
      ...withMetadata(definition.schema, '#/definitions/'),
      'x-kubernetes-group-version-kind': [{ group: definition.group, kind: definition.kind, version: definition.version }],
    }
  }
  return { swagger: '2.0', info: { title: 'Kubernetes', version: server }, paths: {}, definitions }
}
