import type { JsonObject } from './json.ts'
import { ALL_VERBS, type ResourceDefinition } from './resource-definition.ts'

/** Store key of CustomResourceDefinition objects. */
export const CRD_KEY = 'customresourcedefinitions.apiextensions.k8s.io'
/** Store key of namespaces. */
export const NAMESPACE_KEY = 'namespaces'

const OPEN: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

function builtIn(
  part: Partial<ResourceDefinition> & Pick<ResourceDefinition, 'group' | 'version' | 'resource' | 'kind'>,
): ResourceDefinition {
  return {
    singular: part.kind.toLowerCase(),
    listKind: `${part.kind}List`,
    shortNames: [],
    categories: [],
    namespaced: false,
    verbs: ALL_VERBS,
    statusSubresource: false,
    schema: OPEN,
    columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
    custom: false,
    storageVersion: part.version,
    ...part,
  }
}

/** The resources every lab server has besides its CRDs. */
export const BUILT_IN: readonly ResourceDefinition[] = [
  builtIn({
    group: '',
    version: 'v1',
    resource: 'namespaces',
    kind: 'Namespace',
    shortNames: ['ns'],
    verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
    statusSubresource: true,
    columns: [
      { name: 'Status', type: 'string', jsonPath: '.status.phase', description: 'The status of the namespace' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
  }),
  builtIn({ group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', shortNames: ['cm'], namespaced: true }),
  builtIn({
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    statusSubresource: true,
    columns: [{ name: 'Created At', type: 'string', format: 'date-time', jsonPath: '.metadata.creationTimestamp' }],
  }),
  builtIn({
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    verbs: ['create'],
  }),
  builtIn({
    group: 'authorization.k8s.io',
    version: 'v1',
    resource: 'selfsubjectrulesreviews',
    kind: 'SelfSubjectRulesReview',
    verbs: ['create'],
  }),
]
